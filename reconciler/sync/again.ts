import type { SyncOutcome } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import { retryAt } from '../plan/retry.ts';
import type { Attempt } from './record.ts';
import type { World } from './world.ts';

/** How many recorded attempts the back-off looks at. */
const attemptsConsidered = 12;

/** When to try again after a recorded attempt, or null for "when something new is asked for". */
export async function nextAttemptAt(
  world: World,
  { stack }: Attempt,
  outcome: SyncOutcome,
): Promise<number | null> {
  switch (outcome) {
    case 'failed':
    case 'partial':
    case 'unknown':
      return earliestAttemptAt(world, stack);
    case 'cancelled':
    // A newer request comes first; without one, the word to stop was meant for the attempt before this one.
    case 'superseded':
      return world.clock.now();
    case 'unchanged':
    case 'succeeded':
    case 'waiting':
    case 'denied':
    case 'invalid':
    case 'interrupted':
      return null;
    default:
      return outcome satisfies never;
  }
}

/** The earliest time at which recorded history lets the stack be tried by itself; null: not by itself. */
export async function earliestAttemptAt(world: World, stack: Name): Promise<number | null> {
  const view = world.views.stack(stack);
  if (view === null) return null;
  const recent = await world.store.recentOutcomes(stack, attemptsConsidered);
  return retryAt({ stack, recent, revision: view.source.commit.revision, now: world.clock.now() });
}
