import { isByItself, serviceOf, type DriftInterval } from '../model/drift.ts';
import type { DesiredStack, DriftMode, DriftPolicy } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { compareText } from '../model/problem.ts';

/** What was quiet for so long starts from the beginning. */
const quietMs = 10 * 60_000;
const firstDelayMs = 2_000;
const factor = 3;
const longestDelayMs = 5 * 60_000;
/** So many heals without quiet are worth a word about who may be at work. */
const healsOfAFight = 3;

/** A service whose drift waits, since healing it did not last. */
export interface BackOff {
  readonly service: Name;
  /** Milliseconds since the epoch; healed again from then on. */
  readonly until: number;
  /** A finished clause: `healed 6 times in 10 min; something else is changing it`. */
  readonly because: string;
}

export interface BackOffInput {
  /** Closed intervals that we healed, of one stack, in any order. */
  readonly heals: readonly DriftInterval[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Services whose drift is not healed yet: after each heal the next one waits three times as long, from two seconds up
 * to five minutes, until it was quiet for ten. A pure function of what was recorded, so that a restart changes nothing.
 */
export function backOffs({ heals, now }: BackOffInput): ReadonlyMap<Name, BackOff> {
  const services = new Set(heals.flatMap(({ resource }) => serviceOf(resource) ?? []));
  const found = [...services].sort(compareText).flatMap((service): readonly (readonly [Name, BackOff])[] => {
    const recent = sinceQuiet(
      heals.filter(({ resource }) => serviceOf(resource) === service),
      now,
    );
    const times = timesOf(recent);
    const [latest] = times;
    if (latest === undefined) return [];
    const until = latest + Math.min(firstDelayMs * factor ** (times.length - 1), longestDelayMs);
    return until <= now ? [] : [[service, { service, until, because: describeHeals(recent) }]];
  });
  return new Map(found);
}

/** Drift of these services is shown and left alone for now. */
export function withBackOffs(desired: DesiredStack, waiting: ReadonlyMap<Name, BackOff>): DesiredStack {
  if (waiting.size === 0) return desired;
  const services = desired.services.map((service) =>
    waiting.has(service.name) ? { ...service, drift: shownOnly(service.drift) } : service,
  );
  return { ...desired, services };
}

function shownOnly(policy: DriftPolicy): DriftPolicy {
  const fields = Object.entries(policy.fields).map(([path, mode]) => [path, calm(mode)] as const);
  return { ...policy, mode: calm(policy.mode), fields: Object.fromEntries(fields) };
}

function calm(mode: DriftMode): DriftMode {
  return mode === 'heal' ? 'warn' : mode;
}

/** `healed 6 times in 10 min; something else is changing it; again from 12:03:10 UTC on` */
export function describeBackOff({ because, until }: BackOff): string {
  return `${because}; again from ${new Date(until).toISOString().slice(11, 19)} UTC on`;
}

/** What one sync healed counts once, however many fields it were. Newest first. */
function timesOf(heals: readonly DriftInterval[]): readonly number[] {
  return [...new Set(heals.flatMap(({ closedAt }) => closedAt ?? []))].sort((a, b) => b - a);
}

function sinceQuiet(heals: readonly DriftInterval[], now: number): readonly DriftInterval[] {
  const times = timesOf(heals);
  const quiet = times.findIndex((at, index) => (times[index - 1] ?? now) - at > quietMs);
  const counted = new Set(quiet === -1 ? times : times.slice(0, quiet));
  return heals.filter(({ closedAt }) => closedAt !== null && counted.has(closedAt));
}

function describeHeals(heals: readonly DriftInterval[]): string {
  const times = timesOf(heals);
  if (times.length < healsOfAFight) return `healed ${times.length === 1 ? 'a moment ago' : 'twice'}`;
  const spanMs = (times[0] ?? 0) - (times.at(-1) ?? 0);
  const count = `healed ${times.length} times in ${formatSpan(spanMs)}`;
  if (heals.every(({ kind }) => isByItself(kind)))
    return `${count}; its process does not stay alive by itself`;
  return heals.every(({ kind }) => kind === 'found' || isByItself(kind))
    ? count
    : `${count}; something else is changing it`;
}

function formatSpan(ms: number): string {
  return ms < 60_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`;
}
