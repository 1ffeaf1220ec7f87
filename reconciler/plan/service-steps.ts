import type { Revision } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Target } from '../model/plan.ts';
import { describeSlot } from './because.ts';
import { classifySlot } from './classify.ts';
import type { Gate } from './gates.ts';
import {
  awaitMove,
  createMove,
  dropMoves,
  dropReason,
  removeOldMove,
  renameMoves,
  returnMove,
  startMove,
  stopOldMoves,
  type InstancePlace,
} from './instance-moves.ts';
import { configMoves, networkMoves, stateMoves, updateMoves } from './mending-moves.ts';
import { inSequence, lastOf, type Move } from './moves.ts';
import type { DraftStep } from './order.ts';
import { stepsOfDependents } from './removal.ts';
import type { Renewal } from './renewal.ts';
import { isCreating, type Slot } from './slots.ts';
import { isUp } from './state.ts';
import { containerLabel, targetOfSlot } from './step-ids.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

export interface ServicePlace {
  readonly survey: Survey;
  readonly of: ServiceSurvey;
  readonly revision: Revision | null;
  readonly gate: Gate;
  readonly renewal: Renewal;
  /** Pulls and creations: nothing is taken away before they have succeeded. */
  readonly barrier: readonly string[];
  /** What a container of the service is made from. */
  readonly needs: readonly string[];
  /** Findings whose consequences were accepted. */
  readonly removesAnonymousVolumes: boolean;
}

/**
 * The steps of one service. What is missing or down is brought up first and all at once; then, one instance after the
 * other, what has to be replaced or restarted; at last what is too many.
 */
export function serviceSteps(place: ServicePlace): readonly DraftStep[] {
  const plans = place.of.slots.map((slot) => planSlot(place, slot));
  const surplus = plans.flatMap(({ surplus: steps }) => steps);
  const atOnce = plans.filter(({ pace }) => pace === 'atOnce').map((plan) => finish(plan, []));
  const restoring = plans.filter(({ pace }) => pace === 'restore').map((plan) => finish(plan, []));
  const ready = restoring.flatMap(lastOf);
  const inTurn: DraftStep[] = [];
  for (const plan of plans.filter(({ pace }) => pace === 'inTurn')) {
    const previous = inTurn.length === 0 ? ready : lastOf(inTurn);
    inTurn.push(...finish(plan, previous));
  }
  const settled = inTurn.length === 0 ? ready : lastOf(inTurn);
  const extras = place.of.extras.flatMap((container) => extraSteps(place, container, settled));
  return [...surplus, ...atOnce.flat(), ...restoring.flat(), ...inTurn, ...extras];
}

interface SlotPlan {
  readonly surplus: readonly DraftStep[];
  readonly moves: readonly Move[];
  /** `restore` brings up what is not there; `inTurn` takes something away for a while. */
  readonly pace: 'atOnce' | 'restore' | 'inTurn';
  readonly after: readonly string[];
  readonly because: string;
  readonly resource: DraftStep['resource'];
}

function finish(
  { moves, resource, because, after }: SlotPlan,
  previous: readonly string[],
): readonly DraftStep[] {
  return inSequence(moves, { resource, because, after, preferAfter: previous });
}

function planSlot(place: ServicePlace, slot: Slot): SlotPlan {
  const { survey, of, barrier, renewal } = place;
  const resource = { kind: 'instance', service: of.service.name, instance: slot.number } as const;
  const surplus = slot.surplus.flatMap((container) =>
    inSequence(dropMoves({ container, label: container.name, anonymousVolumes: false }), {
      resource,
      because: dropReason(container),
      after: [...barrier, ...(renewal.settled.get(container.id) ?? [])],
    }),
  );
  const instance: InstancePlace = {
    survey,
    of,
    slot,
    revision: place.revision,
    makeAfter: [...place.needs, ...surplus.map(({ id }) => id)],
    startAfter: place.gate.after,
    barrier,
    renewed: renewal.networks,
  };
  const reconnected = [slot.keeper, slot.old].flatMap((reading) =>
    reading === null ? [] : (renewal.settled.get(reading.container.id) ?? []),
  );
  const moves = movesOf(instance);
  const because = describeSlot(slot, of);
  const pace = paceOf(slot, moves);
  const after = pace === 'inTurn' ? [...reconnected, ...barrier] : reconnected;
  return { surplus, moves, pace, after, because, resource };
}

function paceOf(slot: Slot, moves: readonly Move[]): SlotPlan['pace'] {
  if (slot.old !== null && isUp(slot.old.container.state)) return 'inTurn';
  const kinds = new Set(moves.map(({ operation }) => operation.kind));
  if (takenAway.some((kind) => kinds.has(kind))) return 'inTurn';
  return kinds.has('awaitHealthy') || kinds.has('awaitCompleted') ? 'restore' : 'atOnce';
}

/** Operations after which an instance may serve for a while no longer, so that its neighbours wait for it. */
const takenAway = ['restartContainer', 'signalContainer', 'disconnectNetwork'] as const;

function movesOf(place: InstancePlace): readonly Move[] {
  const { survey, of, slot } = place;
  const target = targetOfSlot(survey, of, slot);
  if (slot.old !== null) return handOverMoves(place, target, slot.old.container);
  if (isCreating(slot)) return [createMove(place), startMove(place, target), awaitMove(place, target)];
  if (slot.renamed?.isActing === true) return [returnMove(place, slot.renamed)];
  if (slot.keeper === null) return [];
  const configs = configMoves(place, slot.keeper);
  return [
    ...updateMoves(place, slot.keeper),
    ...networkMoves(place, slot.keeper),
    ...configs.write,
    ...stateMoves(place, slot.keeper),
    ...configs.confirm,
    ...renameMoves(place, target),
  ];
}

/** The old one is kept until the new one has proven itself, so that the way back is short. */
function handOverMoves(place: InstancePlace, target: Target, old: ObservedContainer): readonly Move[] {
  const { of, slot, survey } = place;
  const isTogether = classifySlot(slot, of, survey).class === 'rolling';
  const create = slot.keeper === null ? [createMove(place)] : [];
  const start = slot.keeper === null ? [startMove(place, target)] : startOf(place, slot.keeper, target);
  const proof = [...start, ...proofOf(place, target)];
  const stop = stopOldMoves(place, old);
  const configs = slot.keeper === null ? null : configMoves(place, slot.keeper);
  const mend =
    slot.keeper === null
      ? []
      : [...updateMoves(place, slot.keeper), ...networkMoves(place, slot.keeper), ...(configs?.write ?? [])];
  const proven = [...proof, ...(configs?.confirm ?? [])];
  const moves = isTogether ? [...proven, ...stop] : [...stop, ...proven];
  return [...create, ...mend, ...moves, removeOldMove(place, old), ...renameMoves(place, target)];
}

function startOf(place: InstancePlace, keeper: NonNullable<Slot['keeper']>, target: Target): readonly Move[] {
  const moves = stateMoves(place, keeper).filter(({ operation }) => operation.kind !== 'awaitHealthy');
  if (moves.length > 0) return moves.filter(({ operation }) => operation.kind !== 'awaitCompleted');
  return isUp(keeper.container.state) || place.of.service.lifecycle === 'job'
    ? []
    : [startMove(place, target)];
}

/** A job that has ended has nothing left to prove. */
function proofOf(place: InstancePlace, target: Target): readonly Move[] {
  const state = place.slot.keeper?.container.state;
  return place.of.service.lifecycle === 'job' && state?.status === 'exited' ? [] : [awaitMove(place, target)];
}

function extraSteps(
  place: ServicePlace,
  container: ObservedContainer,
  settled: readonly string[],
): readonly DraftStep[] {
  const { of, barrier, renewal, removesAnonymousVolumes } = place;
  const resource = { kind: 'instance', service: of.service.name, instance: container.instance } as const;
  const because = `scaled to ${of.service.replicas}`;
  const after = [...barrier, ...(renewal.settled.get(container.id) ?? [])];
  const preferAfter = [...settled, ...stepsOfDependents(of.service.name, place.survey)];
  const drop = { container, label: containerLabel(container), anonymousVolumes: removesAnonymousVolumes };
  return inSequence(dropMoves(drop), { resource, because, after, preferAfter });
}
