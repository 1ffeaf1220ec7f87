import { formatResource, type Resource } from '../model/change.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Decision } from '../model/plan.ts';
import { compareText } from '../model/problem.ts';
import { describeBackOff, type BackOff } from './back-off.ts';
import { describeChange, describeSlot, withRest } from './because.ts';
import type { Blocks } from './block.ts';
import { isActing } from './blocks.ts';
import { classifySlot } from './classify.ts';
import { causeOfExtra } from './evidence.ts';
import { describeHold, type HeldStack } from './hold.ts';
import { leftoverDecision, noDowntime } from './leftover-decision.ts';
import type { NetworkReading } from './networks.ts';
import type { Pruning } from './removal.ts';
import { canRenew } from './renewal.ts';
import { networkDecisions, volumeDecisions } from './resource-decisions.ts';
import { isCreating, type Slot } from './slots.ts';
import { isUp } from './state.ts';
import type { Leftover, ServiceSurvey, Survey } from './survey.ts';

export interface DecisionInput {
  readonly survey: Survey;
  readonly blocks: Blocks;
  readonly pruning: Pruning;
  readonly held: HeldStack;
  /** Services whose drift is not healed yet. */
  readonly waiting: ReadonlyMap<Name, BackOff>;
  /** The commit was read completely. */
  readonly complete: boolean;
  /** Accepted finding codes. */
  readonly approvals: readonly string[];
}

/** What becomes of each thing that was looked at, and why, the unchanged included. */
export function decisionsOf(input: DecisionInput): readonly Decision[] {
  const all = [...serviceDecisions(input), ...networkDecisions(input), ...volumeDecisions(input)];
  const { freeze } = input.held;
  return freeze === null ? all : all.map((decision) => heldBack(decision, describeHold(freeze)));
}

function heldBack(decision: Decision, because: string): Decision {
  if (decision.verdict === 'unchanged') return decision;
  return { resource: decision.resource, verdict: 'held', because, downtime: noDowntime };
}

function serviceDecisions(input: DecisionInput): readonly Decision[] {
  const { survey, held } = input;
  const untouched = [...held.untouched].map((service): Decision => {
    const rejection = held.rejections.get(service);
    const because = rejection === undefined ? 'it is held' : describeHold(rejection);
    return { resource: { kind: 'service', service }, verdict: 'held', because, downtime: noDowntime };
  });
  return [
    ...survey.services.map((of) => serviceDecision(of, input)),
    ...untouched,
    ...survey.leftovers.map((leftover) => leftoverService(leftover, input)),
  ].sort((a, b) => compareText(formatResource(a.resource), formatResource(b.resource)));
}

function leftoverService(leftover: Leftover, input: DecisionInput): Decision {
  const resource: Resource = { kind: 'service', service: leftover.service };
  if (!input.pruning.services.includes(leftover)) return leftoverDecision(resource, input);
  return { resource, verdict: 'delete', because: 'it left the manifests', downtime: noDowntime };
}

function serviceDecision(of: ServiceSurvey, { survey, blocks, held, waiting }: DecisionInput): Decision {
  const { name } = of.service;
  const resource: Resource = { kind: 'service', service: name };
  const block = blocks.get(name);
  if (block !== undefined)
    return { resource, verdict: 'blocked', because: block.because, downtime: noDowntime };
  const downtime = downtimeOf(of, survey);
  const rejection = held.rejections.get(name);
  if (rejection !== undefined)
    return { resource, verdict: 'held', because: describeHold(rejection), downtime };
  if (isActing(of)) return { resource, verdict: verdictOf(of, survey), because: becauseOf(of), downtime };
  const renewed = renewedFor(of, survey);
  if (renewed === undefined) {
    const shown = shownOnly(of);
    const backOff = waiting.get(name);
    return backOff === undefined || shown.verdict === 'unchanged'
      ? { resource, ...shown, downtime: noDowntime }
      : { resource, verdict: 'held', because: describeBackOff(backOff), downtime: noDowntime };
  }
  return { resource, verdict: 'inPlace', because: `network ${renewed.network.name} is made anew`, downtime };
}

/** What differs although nothing is done about it. */
function shownOnly(of: ServiceSurvey): Pick<Decision, 'verdict' | 'because'> {
  const { slots, copies } = of;
  const [first, ...rest] = slots.flatMap(({ keeper }) => keeper?.changes ?? []);
  const missing = slots.filter(({ absence }) => absence !== null).length;
  const renamed = slots.find((slot) => slot.renamed !== null);
  if (renamed !== undefined && first === undefined)
    return { verdict: 'ignored', because: describeSlot(renamed, of) };
  if (first !== undefined)
    return { verdict: 'ignored', because: withRest(describeChange(first), rest.length + missing) };
  if (missing > 0) return { verdict: 'ignored', because: withRest('an instance is gone', missing - 1) };
  if (copies.length > 0) return { verdict: 'ignored', because: describeCopies(copies) };
  return { verdict: 'unchanged', because: 'nothing differs' };
}

/** The replacement of what serves weighs more than what comes beside it. */
function verdictOf(of: ServiceSurvey, survey: Survey): Decision['verdict'] {
  const classes = new Set(of.slots.map((slot) => classifySlot(slot, of, survey).class));
  const replaced = (['recreate', 'rolling'] as const).find((verdict) => classes.has(verdict));
  return replaced ?? (classes.has('create') && !isScaled(of) ? 'create' : 'inPlace');
}

function becauseOf(of: ServiceSurvey): string {
  const { service, slots } = of;
  const touched = slots.find((slot) => isTouched(slot) && !isMissing(slot)) ?? slots.find(isMissing);
  const isCopied = of.extras.some((container) => causeOfExtra(of, container).kind === 'drift');
  if (touched === undefined && isCopied) return describeCopies(of.extras);
  if (touched === undefined || (isMissing(touched) && isScaled(of))) {
    return `scaled from ${countPresent(of)} to ${service.replicas}`;
  }
  return describeSlot(touched, of);
}

function describeCopies({ length }: readonly ObservedContainer[]): string {
  return length === 1 ? 'somebody else made a copy of it' : `somebody else made ${length} copies of it`;
}

/** Its number changed: there are too many, or fewer than the last version that was complete had. */
function isScaled({ service, stable, extras }: ServiceSurvey): boolean {
  return extras.length > 0 || (stable !== null && stable.definition.replicas < service.replicas);
}

function countPresent({ slots, extras }: ServiceSurvey): number {
  return slots.filter((slot) => !isMissing(slot)).length + extras.length;
}

function isTouched({ keeper, old, surplus, renamed }: Slot): boolean {
  return (
    old !== null ||
    renamed?.isActing === true ||
    surplus.length > 0 ||
    (keeper !== null && keeper.changes.some(({ isActing: acts }) => acts))
  );
}

function isMissing(slot: Slot): boolean {
  return isCreating(slot) && slot.old === null;
}

/** Instances are replaced in turn, so only a service with a single one that serves has a gap. */
function downtimeOf(of: ServiceSurvey, survey: Survey): Decision['downtime'] {
  const { service, slots } = of;
  if (service.lifecycle === 'job') return noDowntime;
  const renewed = renewedFor(of, survey);
  if (renewed !== undefined)
    return { expected: true, reason: `network ${renewed.network.name} is made anew` };
  const [only, ...others] = slots.filter(isServed);
  if (only === undefined || others.length > 0) return noDowntime;
  const replaced = classifySlot(only, of, survey);
  if (replaced.class === 'recreate') return { expected: true, reason: replaced.reason };
  const restart = only.keeper?.changes.find(({ mend, isActing: acts }) => mend === 'restart' && acts);
  return restart === undefined ? noDowntime : { expected: true, reason: describeChange(restart) };
}

function isServed({ keeper, old }: Slot): boolean {
  return [keeper, old].some((reading) => reading !== null && isUp(reading.container.state));
}

function renewedFor({ service }: ServiceSurvey, survey: Survey): NetworkReading | undefined {
  return survey.networks.wanted.find(
    (reading) =>
      canRenew(reading) && reading.attached.some(({ ownership }) => ownership.resource === service.name),
  );
}
