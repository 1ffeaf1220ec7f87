import { isSyncErrorCode, recoveryOf } from '../model/error.ts';
import type { SyncOutcome } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { RecentOutcome } from '../model/ports.ts';

const firstDelayMs = 2_000;
const factor = 3;
const longestDelayMs = 5 * 60_000;
/** What was quiet for so long starts from the beginning. */
const quietMs = 10 * 60_000;

export interface RetryInput {
  readonly stack: Name;
  /** Newest first. */
  readonly recent: readonly RecentOutcome[];
  /** What would be tried. */
  readonly revision: Revision;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * When the stack may be tried again by itself: a pure function of what is recorded, so that a restart neither forgets
 * nor repeats a delay. Null: not before something new is asked for, since the same attempt would end the same way.
 * Failures of another revision never delay this one (argo-cd#11494).
 */
export function retryAt({ stack, recent, revision, now }: RetryInput): number | null {
  const failures = failuresInARow(recent, { revision, now });
  const [latest] = failures;
  if (latest === undefined) return now;
  const delayMs = delayAfter(latest, failures.length);
  return delayMs === null
    ? null
    : latest.finishedAt + delayMs + jitterMs(`${stack} ${failures.length}`, delayMs);
}

/** Growing while trying again may help by itself, long where somebody has to do something first. */
function delayAfter({ errorCode }: RecentOutcome, failures: number): number | null {
  const recovery = errorCode !== null && isSyncErrorCode(errorCode) ? recoveryOf(errorCode) : 'retry';
  switch (recovery) {
    case 'retry':
      return Math.min(firstDelayMs * factor ** (failures - 1), longestDelayMs);
    case 'wait':
      return longestDelayMs;
    case 'stop':
      return null;
    default:
      return recovery satisfies never;
  }
}

function failuresInARow(
  recent: readonly RecentOutcome[],
  { revision, now }: { readonly revision: Revision; readonly now: number },
): readonly RecentOutcome[] {
  const failures: RecentOutcome[] = [];
  let since = now;
  for (const attempt of recent) {
    if (attempt.to !== revision || !isFailure(attempt.outcome) || since - attempt.finishedAt > quietMs) break;
    failures.push(attempt);
    since = attempt.finishedAt;
  }
  return failures;
}

function isFailure(outcome: SyncOutcome): boolean {
  return outcome === 'failed' || outcome === 'partial' || outcome === 'unknown';
}

/** Up to a fifth of the delay, the same for the same attempt: stacks that failed together do not return together. */
function jitterMs(seed: string, delayMs: number): number {
  let hash = 0;
  for (const character of seed) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return Math.floor((hash / 1_000_003) * (delayMs / 5));
}
