import type { Cause } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import { containerName } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Lookup } from './lookup.ts';
import type { RenamedContainer } from './renamed.ts';
import { compareText } from '../model/problem.ts';
import { isMisfit, type ContainerChange, type Reading } from './compare.ts';
import { isWithin } from './difference.ts';
import { modeOf, underDriftPolicy } from './drift.ts';
import { causeOfAbsence, causeOfExtra, type Origin } from './evidence.ts';
import { isLost, isUnused, isUp, jobEnd } from './state.ts';

/** The place of one instance, and who of the containers that claim it gets it. */
export interface Slot {
  readonly number: number;
  /** Is what it should be, or can be made so while it lives. Null: a newcomer is needed. */
  readonly keeper: Reading | null;
  /** Serves, or served, until the keeper or the newcomer has proven itself. */
  readonly old: Reading | null;
  /** Left-overs that nobody depends on. */
  readonly surplus: readonly ObservedContainer[];
  /** Set where nothing claims the place although something should. */
  readonly absence: Absence | null;
  /** Whose place it is, and who only has to get its name back. Nothing else is known of it until then. */
  readonly renamed: (Absence & { readonly container: RenamedContainer; readonly name: string }) | null;
}

interface Absence {
  readonly cause: Cause;
  readonly isActing: boolean;
}

/** Whether a newcomer is made for this place. */
export function isCreating({ keeper, old, surplus, absence }: Slot): boolean {
  return keeper === null && (old !== null || surplus.length > 0 || absence?.isActing === true);
}

/** What the places of a service are given out by. */
export interface Claimants extends Origin {
  readonly readings: readonly Reading[];
  readonly lookup: Pick<Lookup, 'renamed'>;
}

/** The places of a service, from 1 to its number of replicas. */
export function assignSlots(
  stack: DesiredStack,
  { readings, lookup, ...origin }: Claimants,
): readonly Slot[] {
  const claims = byInstance(readings);
  return Array.from({ length: origin.service.replicas }, (_, index) => {
    const number = index + 1;
    const name = containerName(stack.name, origin.service.name, number);
    const renamed = lookup.renamed.get(name) ?? null;
    return assignSlot(claims.get(number) ?? [], { number, name, origin, renamed });
  });
}

function byInstance(readings: readonly Reading[]): ReadonlyMap<number, readonly Reading[]> {
  const claims = new Map<number, Reading[]>();
  for (const reading of readings) {
    const { instance } = reading.container;
    const present = claims.get(instance);
    if (present === undefined) claims.set(instance, [reading]);
    else present.push(reading);
  }
  return claims;
}

interface Place {
  readonly number: number;
  readonly name: string;
  readonly origin: Origin;
  readonly renamed: RenamedContainer | null;
}

function assignSlot(claims: readonly Reading[], place: Place): Slot {
  const { number, name } = place;
  if (claims.length === 0) return emptySlot(place);
  const ranked = claims.toSorted((a, b) => rank(b, name) - rank(a, name) || byAge(a.container, b.container));
  const keeper = ranked.find((reading) => !isMisfit(reading)) ?? null;
  const others = ranked.filter((reading) => reading !== keeper);
  const old = others.find(({ container }) => !isUnused(container.state)) ?? null;
  const surplus = others.filter((reading) => reading !== old).map(({ container }) => container);
  return {
    number,
    keeper: keeper === null ? null : named(keeper, name),
    old,
    surplus,
    absence: null,
    renamed: null,
  };
}

function emptySlot({ number, name, origin, renamed }: Place): Slot {
  const empty = { number, keeper: null, old: null, surplus: [] };
  if (renamed === null) return { ...empty, absence: absenceOf(origin, number), renamed };
  const drift = { path: 'name', cause: { kind: 'drift' }, isActing: true } as const;
  const [shown] = underDriftPolicy([drift], origin.service.drift);
  return {
    ...empty,
    absence: null,
    renamed: shown === undefined ? null : { ...shown, container: renamed, name },
  };
}

/** A job that has run for this version has done its work, also when its container was cleared away. */
function absenceOf(origin: Origin, number: number): Absence | null {
  const cause = causeOfAbsence(origin, number);
  if (cause.kind === 'drift' && origin.service.lifecycle === 'job') return null;
  if (cause.kind === 'drift' && isWithin('presence', origin.service.drift.ignore)) return null;
  return underDriftPolicy([{ path: 'presence', cause, isActing: true }], origin.service.drift)[0] ?? null;
}

/** Rather the one that serves, then the one that bears the name, so that a running instance is never given up. */
function rank({ container }: Reading, name: string): number {
  const { state } = container;
  const healthRank = { healthy: 3, none: 3, starting: 2, unhealthy: 1 }[state.health];
  const serving = isLost(state) ? -8 : isUp(state) ? 8 + (state.status === 'running' ? healthRank : 0) : 0;
  const ended = jobEnd(state) === 'succeeded' ? 4 : 0;
  return 2 * (serving + ended) + Number(container.name === name);
}

/** The newer first, since it is the one that was on its way in. */
function byAge(a: ObservedContainer, b: ObservedContainer): number {
  return b.createdAt - a.createdAt || compareText(a.name, b.name);
}

/** An interrupted sync leaves the newcomer under its first name. */
function named(keeper: Reading, name: string): Reading {
  if (keeper.container.name === name) return keeper;
  const rename: ContainerChange = {
    path: 'name',
    from: keeper.container.name,
    to: name,
    cause: { kind: 'unfinished' },
    mend: 'rename',
    isActing: true,
  };
  return { ...keeper, changes: [...keeper.changes, rename] };
}

export interface ExtraInstances {
  readonly extras: readonly ObservedContainer[];
  readonly copies: readonly ObservedContainer[];
}

/** Instances beyond the wanted number, highest first. What somebody else made of ours is subject to the drift policy. */
export function extraInstances(readings: readonly Reading[], origin: Origin): ExtraInstances {
  const { replicas, drift } = origin.service;
  const beyond = readings
    .map(({ container }) => container)
    .filter(({ instance }) => instance > replicas)
    .sort((a, b) => b.instance - a.instance || compareText(a.name, b.name));
  const mode = isWithin('presence', drift.ignore) ? 'off' : modeOf('presence', drift);
  const isCopy = (container: ObservedContainer): boolean =>
    mode !== 'heal' && causeOfExtra(origin, container).kind === 'drift';
  return {
    extras: beyond.filter((container) => !isCopy(container)),
    copies: mode === 'warn' ? beyond.filter(isCopy) : [],
  };
}
