import { containerName, type Revision } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Operation, Target } from '../model/plan.ts';
import type { Move } from './moves.ts';
import { lendersOf } from './service-order.ts';
import type { Slot } from './slots.ts';
import { formatState, isUp } from './state.ts';
import { existing, instanceLabel, nameOfNewcomer, targetOfSlot } from './step-ids.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** What the moves of one instance are made from. */
export interface InstancePlace {
  readonly survey: Survey;
  readonly of: ServiceSurvey;
  readonly slot: Slot;
  readonly revision: Revision | null;
  /** What must be there before a container can be made. */
  readonly makeAfter: readonly string[];
  /** What must be there before it can start. */
  readonly startAfter: readonly string[];
  /** What must have succeeded before anything is taken away. */
  readonly barrier: readonly string[];
  /** Networks that are made anew, with everything connected to them again. */
  readonly renewed: ReadonlySet<string>;
}

export function createMove(place: InstancePlace): Move {
  const { survey, of, slot, revision, makeAfter } = place;
  const { service } = of;
  const references = referencesOf(place);
  const makers = Object.values(references).flatMap((target) => (target.kind === 'step' ? [target.step] : []));
  return {
    id: `create ${labelOf(place)}`,
    after: [...makeAfter, ...makers],
    operation: {
      kind: 'createContainer',
      service: service.name,
      instance: slot.number,
      name: nameOfNewcomer(survey, of, slot),
      intent: service.container,
      hash: service.hash,
      revision,
      references,
      liveConfigs: service.lifecycle === 'job' ? [] : Object.keys(service.reactions).sort(),
      anonymousVolumes: carriedVolumes(place),
    },
  };
}

export function startMove(place: InstancePlace, target: Target): Move {
  return {
    id: `start ${labelOf(place)}`,
    after: place.startAfter,
    operation: { kind: 'startContainer', target },
  };
}

export function awaitMove(place: InstancePlace, target: Target): Move {
  return { id: `await ${labelOf(place)}`, operation: awaitOperation(place.of, target) };
}

/** Files are written once more to confirm them; a process that was just told should have read them by then. */
const leastTimeToReadMs = 1_000;

/** The proof after the process was told something: what it was before that says nothing. */
export function awaitToldMove(place: InstancePlace, target: Target): Move {
  const move = awaitMove(place, target);
  const { operation } = move;
  if (operation.kind !== 'awaitHealthy') return move;
  const minHealthyTimeMs = Math.max(operation.minHealthyTimeMs, leastTimeToReadMs);
  return { ...move, operation: { ...operation, minHealthyTimeMs, isAnew: true } };
}

/** A service proves itself by its health, a job by its end. */
export function awaitOperation({ service }: ServiceSurvey, target: Target): Operation {
  const { minHealthyTimeMs, healthyDeadlineMs, progressDeadlineMs } = service.rollout;
  return service.lifecycle === 'job'
    ? { kind: 'awaitCompleted', target, deadlineMs: progressDeadlineMs }
    : {
        kind: 'awaitHealthy',
        target,
        minHealthyTimeMs,
        isAnew: false,
        healthyDeadlineMs,
        progressDeadlineMs,
      };
}

/** Nothing, if it has no process. */
export function stopOldMoves(place: InstancePlace, old: ObservedContainer): readonly Move[] {
  if (!isUp(old.state)) return [];
  return [
    {
      id: `stop ${labelOf(place)}`,
      // With a recreation the gap begins here, so rather wait here for what the newcomer will need.
      preferAfter: place.startAfter,
      operation: { kind: 'stopContainer', target: existing(old), graceMs: old.spec.stop_grace_period },
    },
  ];
}

export function removeOldMove(place: InstancePlace, old: ObservedContainer): Move {
  return {
    id: `remove ${labelOf(place)}`,
    after: place.barrier,
    operation: { kind: 'removeContainer', target: existing(old), anonymousVolumes: false },
  };
}

/** Nothing, if it bears its own name already. */
export function renameMoves(place: InstancePlace, target: Target): readonly Move[] {
  const { survey, of, slot, makeAfter } = place;
  const name = containerName(survey.stack.name, of.service.name, slot.number);
  if (target.name === name) return [];
  return [
    {
      id: `rename ${labelOf(place)}`,
      after: makeAfter,
      operation: { kind: 'renameContainer', target, name },
    },
  ];
}

/** Only its name: what else differs is found once it is known as ours again. */
export function returnMove(place: InstancePlace, { container, name }: NonNullable<Slot['renamed']>): Move {
  const target: Target = { kind: 'container', ...container };
  return { id: `rename ${labelOf(place)}`, operation: { kind: 'renameContainer', target, name } };
}

export interface Drop {
  readonly container: ObservedContainer;
  /** What the steps call it. */
  readonly label: string;
  /** Only ever true when DL102 was accepted. */
  readonly anonymousVolumes: boolean;
}

/** Stops, where there is something to stop, and removes a container that nothing takes the place of. */
export function dropMoves({ container, label, anonymousVolumes }: Drop): readonly Move[] {
  const target = existing(container);
  const remove: Move = {
    id: `remove ${label}`,
    operation: { kind: 'removeContainer', target, anonymousVolumes },
  };
  if (!isUp(container.state)) return [remove];
  const graceMs = container.spec.stop_grace_period;
  return [{ id: `stop ${label}`, operation: { kind: 'stopContainer', target, graceMs } }, remove];
}

export function dropReason(container: ObservedContainer): string {
  return `left over from an interrupted sync, ${formatState(container.state)}`;
}

export function labelOf({ of, slot }: InstancePlace): string {
  return instanceLabel(of.service.name, slot.number);
}

/** Whose namespaces the newcomer shares: the first instance of each lender. */
function referencesOf({ survey, of }: InstancePlace): Readonly<Record<string, Target>> {
  const entries = lendersOf(of.service).flatMap((lender) => {
    const lending = survey.services.find(({ service }) => service.name === lender);
    const slot = lending?.slots[0];
    return lending === undefined || slot === undefined
      ? []
      : [[lender, targetOfSlot(survey, lending, slot)] as const];
  });
  return Object.fromEntries(entries);
}

/** The anonymous volumes of the old one where the newcomer has one too; any other stays behind. */
function carriedVolumes({ survey, of, slot }: InstancePlace): Readonly<Record<string, string>> {
  const { old } = slot;
  if (old === null) return {};
  const { mounts } = survey.expectation.ofNewcomer(of.service, old.container);
  return Object.fromEntries(
    Object.entries(old.container.anonymousVolumes).filter(([target]) => {
      const mount = mounts[target];
      return mount?.type === 'volume' && mount.source === '';
    }),
  );
}
