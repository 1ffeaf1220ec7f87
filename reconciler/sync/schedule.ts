import { isSyncError } from '../model/error.ts';
import { followHint, sweep } from './drift.ts';
import { followSource, type Turns } from './follow-source.ts';
import { lookAtUnfollowed } from './unfollowed.ts';
import { workOn } from './work.ts';
import type { World } from './world.ts';

/** How often everything is compared with the engine whatever the hints said. */
const sweepEveryMs = 60_000;
/** The longest that a due stack waits when its hint was lost. */
const longestPauseMs = 15_000;
const shortestPauseMs = 50;
/** After a failure of engine or store: long enough not to spin. */
const pauseAfterTroubleMs = 5_000;

export interface ScheduleOptions {
  /** Syncs at once, of different stacks. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** The daemon's loops, side by side, until the signal aborts and running work has come to a safe point. */
export async function runSchedule(world: World, { concurrency, signal }: ScheduleOptions): Promise<void> {
  await Promise.all([
    ...world.sources.map((followed) => {
      const turns = followSource(world, followed, signal);
      return repeat(world, signal, turns);
    }),
    repeat(world, signal, {
      async look() {
        await sweep(world, signal);
        await lookAtUnfollowed(world, signal);
        return sweepEveryMs;
      },
      rest: (ms) => pause(world, ms, signal),
    }),
    repeat(world, signal, { look: () => enqueueDue(world), rest: (ms) => pause(world, ms, signal) }),
    world.engine.watch((stack) => void world.hints.enqueue(stack), signal),
    world.hints.consume(bearing(world, followHint), { concurrency: 1, signal }),
    world.queue.consume(bearing(world, workOn), { concurrency, signal }),
  ]);
}

async function enqueueDue(world: World): Promise<number> {
  const now = world.clock.now();
  for (const stack of await world.store.dueStacks(now)) await world.queue.enqueue(stack);
  const nextDueAt = await world.store.nextDueAt();
  const waitMs = nextDueAt === null ? longestPauseMs : nextDueAt - now;
  return Math.min(Math.max(waitMs, shortestPauseMs), longestPauseMs);
}

/** Looks, rests as long as that says, and again. A failure of the world ends the turn, never the loop. */
async function repeat(world: World, signal: AbortSignal, turns: Turns): Promise<void> {
  while (!signal.aborted) {
    let waitMs = pauseAfterTroubleMs;
    try {
      waitMs = await turns.look();
    } catch (error) {
      tellTrouble(world, error, signal);
    }
    await turns.rest(waitMs);
  }
}

/** Work of a queue: what it could not do is found again by the sweep, or by the list of what is due. */
function bearing(world: World, work: (world: World, key: string, signal: AbortSignal) => Promise<void>) {
  return async (key: string, signal: AbortSignal): Promise<void> => {
    try {
      await work(world, key, signal);
    } catch (error) {
      tellTrouble(world, error, signal);
    }
  };
}

/** A bug is thrown on. */
function tellTrouble(world: World, error: unknown, signal: AbortSignal): void {
  if (!isSyncError(error)) throw error;
  const { code, message } = error;
  if (!signal.aborted) world.notifier.notify({ kind: 'trouble', code, message });
}

/** An abort ends the pause. */
async function pause(world: World, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await world.clock.sleep(ms, signal);
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}
