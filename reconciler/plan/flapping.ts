import { formatResource, type Change } from '../model/change.ts';
import type { SyncRecord } from '../model/event.ts';

/** So many repairs of the same thing are taken for accidents; more are a fight or a program that cannot live. */
const freeHeals = 5;
/** What was quiet for so long starts from the beginning. */
const quietMs = 10 * 60_000;
const firstDelayMs = 2_000;
const factor = 3;
const longestDelayMs = 5 * 60_000;

export interface HealInput {
  /** What differs now. */
  readonly changes: readonly Change[];
  /** Newest first. */
  readonly history: readonly Pick<SyncRecord, 'plan' | 'outcome' | 'finishedAt'>[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * When drift may be healed: at once, unless the very same thing was healed again and again, each time with success. A
 * container that ends some seconds after each start would otherwise be started for ever. A pure function of history.
 */
export function healAt({ changes, history, now }: HealInput): number {
  const wanted = driftKeys(changes);
  const heals = history.flatMap(({ plan, outcome, finishedAt }) => {
    const isSame = plan !== null && [...driftKeys(plan.changes)].some((key) => wanted.has(key));
    return outcome === 'succeeded' && finishedAt !== null && isSame ? [finishedAt] : [];
  });
  const quiet = heals.findIndex((at, index) => (heals[index - 1] ?? now) - at > quietMs);
  const recent = quiet === -1 ? heals : heals.slice(0, quiet);
  const [latest] = recent;
  if (latest === undefined || recent.length < freeHeals) return now;
  return latest + Math.min(firstDelayMs * factor ** (recent.length - freeHeals), longestDelayMs);
}

function driftKeys(changes: readonly Change[]): ReadonlySet<string> {
  const drift = changes.filter(({ cause }) => cause.kind === 'drift');
  return new Set(
    drift.map(
      (change) =>
        `${formatResource(change.resource)} ${change.kind === 'modify' ? change.path : change.kind}`,
    ),
  );
}
