import type { Cause } from '../model/change.ts';
import type { ContainerSpec } from '../model/container.ts';
import { followsTag } from '../model/desired.ts';
import type { DriftInterval } from '../model/drift.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import { differencesAt, isSame, isWithin, type Difference } from './difference.ts';
import { modeOf, underDriftPolicy } from './drift.ts';
import { causeOfField, evidenceOf, type Evidence, type Origin } from './evidence.ts';
import type { Expectation } from './expectation.ts';
import { fieldRules, type ComparedField, type FieldRule } from './fields.ts';
import { wasStopped } from './how-ended.ts';
import { imageDifference, wishOf } from './image.ts';
import type { Lookup } from './lookup.ts';
import { mendOfConfig, untoldConfigs } from './config-reaction.ts';
import { formatState, isLost, isUnused, stateNeed } from './state.ts';
import { canUpdate, isUpdatable } from './update.ts';

/** One difference of a container, with its reason and what carries the right value to it. */
export interface ContainerChange extends Difference {
  readonly cause: Cause;
  readonly mend: 'update' | 'network' | 'state' | 'rename' | 'restart' | 'signal' | 'replace';
  /** False: shown, and left as it is. */
  readonly isActing: boolean;
}

/** A container beside what it should be. */
export interface Reading {
  readonly container: ObservedContainer;
  readonly expected: ContainerSpec;
  readonly changes: readonly ContainerChange[];
}

/** What all containers of a service are compared with. */
export interface Comparison extends Origin {
  readonly observed: ObservedState;
  /** Drift of the stack that is recorded and not over. */
  readonly open: readonly DriftInterval[];
  readonly lookup: Lookup;
  readonly expectation: Expectation;
}

/** Whether nothing short of a newcomer makes this container what it should be. */
export function isMisfit({ changes }: Reading): boolean {
  return changes.some(({ mend, isActing }) => mend === 'replace' && isActing);
}

/** Every difference between a container and its service, field by field. */
export function compareContainer(container: ObservedContainer, comparison: Comparison): Reading {
  const { service, observed } = comparison;
  const evidence = evidenceOf(container, comparison);
  const expected = comparison.expectation.ofExisting(service, container);
  const ignored = [...service.drift.ignore, ...observed.engine.unsupported];
  const isLookedAt = ({ path }: ContainerChange): boolean => !isWithin(path, ignored);
  const made = [
    ...imageChanges(container, comparison, evidence),
    ...fieldChanges(inPeoplesWords(container, comparison), { container, expected, comparison, evidence }),
    ...untoldConfigs(container, service),
    ...versionChanges(container, comparison, evidence),
  ].filter(isLookedAt);
  // The state of one that is replaced anyway says nothing more.
  const isReplaced = made.some(({ mend }) => mend === 'replace');
  const state = isReplaced ? [] : stateChanges(container, comparison, evidence).filter(isLookedAt);
  return { container, expected, changes: underDriftPolicy([...made, ...state], service.drift) };
}

/** The engine knows a shared namespace by container id, and a platform by the image; people name them. */
function inPeoplesWords(
  container: ObservedContainer,
  { service, observed, lookup }: Comparison,
): ContainerSpec {
  const { spec, imageId, ownership } = container;
  const { network_mode, pid, ipc } = spec;
  const isShared = [network_mode, pid, ipc].some((mode) => mode.startsWith('container:'));
  if (!isShared && service.container.platform === undefined) return spec;
  const named = <Mode extends string>(mode: Mode): Mode | `service:${string}` => {
    const lender = lenderOf(mode, lookup);
    return lender?.ownership.stack === ownership.stack ? `service:${lender.ownership.resource}` : mode;
  };
  const platform = spec.platform ?? observed.imagesById[imageId]?.config.platform ?? null;
  return { ...spec, network_mode: named(network_mode), pid: named(pid), ipc: named(ipc), platform };
}

/** The container of ours whose namespace a `container:<id or name>` mode shares. */
export function lenderOf(mode: string, lookup: Lookup): ObservedContainer | null {
  if (!mode.startsWith('container:')) return null;
  const key = mode.slice('container:'.length);
  return lookup.byId.get(key) ?? lookup.byName.get(key) ?? null;
}

function imageChanges(
  container: ObservedContainer,
  { service, observed }: Comparison,
  evidence: Evidence,
): readonly ContainerChange[] {
  const difference = imageDifference(container, wishOf(service), observed);
  if (difference === null) return [];
  const { from, to, isOtherReference } = difference;
  const change = { path: 'image', from, to, mend: 'replace', isActing: true } as const;
  if (isOtherReference) return [{ ...change, cause: causeOfField(evidence, false) }];
  // Whoever follows a tag wants what it means now; else it was moved behind our back.
  const mode = followsTag(service.pullPolicy) ? 'heal' : modeOf('image', service.drift);
  return mode === 'off' ? [] : [{ ...change, cause: { kind: 'image' }, isActing: mode === 'heal' }];
}

interface Wanted {
  readonly container: ObservedContainer;
  readonly expected: ContainerSpec;
  readonly comparison: Comparison;
  readonly evidence: Evidence;
}

function fieldChanges(spec: ContainerSpec, wanted: Wanted): readonly ContainerChange[] {
  const changes: ContainerChange[] = [];
  for (const field of comparedFields) {
    if (!isSame(spec[field], wanted.expected[field])) changes.push(...changesOfField(field, spec, wanted));
  }
  return changes;
}

/** The same table, each rule for whatever value its own field has. */
const rules: Readonly<Record<ComparedField, FieldRule<unknown>>> = fieldRules;
const comparedFields = Object.keys(rules).filter(isComparedField);

function isComparedField(text: string): text is ComparedField {
  return text in rules;
}

/** Looks twice where the two are not literally the same. */
function changesOfField(
  field: ComparedField,
  spec: ContainerSpec,
  wanted: Wanted,
): readonly ContainerChange[] {
  const { expected, evidence } = wanted;
  const rule = rules[field];
  if (isGranted(field, spec, wanted)) return [];
  const canonical = (value: unknown): unknown =>
    rule.canonical === undefined ? value : rule.canonical(value);
  const observed = canonical(spec[field]);
  const wished = canonical(expected[field]);
  const granted = rule.grant === undefined ? wished : rule.grant(wished, observed, evidence.wasSaid);
  if (isSame(observed, granted)) return [];
  return differencesAt(field, observed, granted).map((difference) => {
    const mend = mendOf(field, difference, wanted);
    const canMove = rule.mend !== 'replace' || mend !== 'replace';
    const { path, from, to } = difference;
    return { path, from, to, cause: causeOfField(evidence, canMove), mend, isActing: true };
  });
}

/** The value is somebody else's to choose, and nothing says that the choice is wrong. */
function isGranted(
  field: ComparedField,
  spec: ContainerSpec,
  { container, comparison, evidence }: Wanted,
): boolean {
  const rule = rules[field];
  if (comparison.service.container[field] !== undefined) return false;
  if (rule.unsaid === 'image') return (comparison.observed.imagesById[container.imageId] ?? null) === null;
  if (rule.unsaid !== 'engine') return false;
  if (rule.mayBeChosen?.(spec[field], container) === true) return true;
  return rule.mend !== 'update' && !evidence.wasSaid((intent) => intent[field]);
}

function mendOf(
  field: ComparedField,
  difference: Difference,
  { container, expected, comparison }: Wanted,
): ContainerChange['mend'] {
  if (field === 'configs') return mendOfConfig(difference, container, comparison.service);
  if (isUpdatable(field)) return canUpdate(field, container.spec, expected) ? 'update' : 'replace';
  return rules[field].mend;
}

/** A job runs once for each version of it, so one that was made from another has nothing to do with this one. */
function versionChanges(
  { specHash }: ObservedContainer,
  { service }: Comparison,
  { isCertain }: Evidence,
): readonly ContainerChange[] {
  if (service.lifecycle !== 'job' || !isCertain) return [];
  const cause: Cause = { kind: 'commit' };
  return [{ path: 'spec_hash', from: specHash, to: service.hash, cause, mend: 'replace', isActing: true }];
}

function stateChanges(
  container: ObservedContainer,
  { service, observed, open }: Comparison,
  evidence: Evidence,
): readonly ContainerChange[] {
  const { state } = container;
  const change = { path: 'state', from: formatState(state), to: 'running', isActing: true } as const;
  if (isUnused(state)) {
    // Files are copied in between creation and start, so one that was made and never started may lack them.
    const isWhole = Object.keys(service.container.configs ?? {}).length === 0;
    return [{ ...change, cause: { kind: 'unfinished' }, mend: isWhole ? 'state' : 'replace' }];
  }
  const cause: Cause = { kind: evidence.gitMoved && !evidence.reached ? 'unfinished' : 'drift' };
  if (isLost(state)) return [{ ...change, cause, mend: 'replace' }];
  if (stateNeed(state, service.lifecycle) === 'none') return [];
  const isRespected =
    service.drift.onStop === 'respect' &&
    cause.kind === 'drift' &&
    wasStopped(container, observed.events, open);
  return isRespected
    ? [{ ...change, from: `stopped (${state.exitCode ?? 0})`, cause, mend: 'state', isActing: false }]
    : [{ ...change, cause, mend: 'state' }];
}
