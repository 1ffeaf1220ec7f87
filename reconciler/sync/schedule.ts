import { isSyncError } from '../model/error.ts';
import { isName, type Name } from '../model/ids.ts';
import type { Queue } from '../model/ports.ts';
import { createBell } from './bell.ts';
import { followHint, sweepEngine } from './drift.ts';
import { engineOf } from './engine-of.ts';
import { followSource, type Turns } from './follow-source.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { lookAtUnfollowed } from './unfollowed.ts';
import { workOnForge } from './forge-work.ts';
import { listPullRequests } from './list-pull-requests.ts';
import { followNews } from './news.ts';
import { forgetOldHistory } from './retention.ts';
import { workOn } from './work.ts';
import { redeliverMissed } from './redeliver.ts';
import type { World } from './world.ts';

/** How often everything is compared with the engine whatever the hints said: at least, and at most. */
const sweepEveryMs = { least: 48_000, most: 60_000 };
/** The longest that a due stack waits when its hint was lost. */
const longestPauseMs = 15_000;
const shortestPauseMs = 50;
/** After a failure of engine or store: long enough not to spin. */
const pauseAfterTroubleMs = 5_000;

const hourMs = 3_600_000;
/** Long enough to find out why something did not happen; bounded, since strangers send them. */
const deliveriesKeptForMs = 30 * 24 * hourMs;
const mostDeliveries = 10_000;
/** Forges ask for few requests at once, and nobody's sync waits for one. */
const forgeConcurrency = 2;

export interface ScheduleOptions {
  /** Syncs at once on one engine, of different stacks. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** The daemon's loops, side by side, until the signal aborts and running work has come to a safe point. */
export async function runSchedule(world: World, { concurrency, signal }: ScheduleOptions): Promise<void> {
  const loop = { world, engine: null, signal };
  const due = createBell(world.clock);
  await Promise.all([
    ...world.sources.map((followed) => repeat(loop, followSource(world, followed, signal))),
    ...world.engines.names.flatMap((engine) => keepInView({ ...loop, engine })),
    repeat(loop, { look: () => enqueueDue(world), rest: (ms) => due.rest(ms, signal) }),
    repeat(
      loop,
      resting(loop, async () => {
        await lookAtUnfollowed(world, signal);
        return sweepEveryMs.most;
      }),
    ),
    repeat(
      loop,
      resting(loop, async () => {
        const before = world.clock.now() - deliveriesKeptForMs;
        await world.store.dropDeliveries({ before, keep: mostDeliveries });
        return hourMs;
      }),
    ),
    repeat(
      loop,
      resting(loop, async () => {
        await forgetOldHistory(world, signal);
        return hourMs;
      }),
    ),
    followNews(world, { due, onFailure: (error) => tellTrouble(loop, error), signal }),
    world.alarms.ring(world.hints, signal),
    consume(loop, { queue: world.hints, work: followHint, places: 1 }),
    consume(loop, { queue: world.queue, work: workOn, places: concurrency }),
    ...[...world.forges]
      .filter(([, { reviews }]) => reviews)
      .map(([source, { intervalMs }]) =>
        repeat(
          loop,
          resting(loop, async () => {
            await listPullRequests(world, source, signal);
            return intervalMs;
          }),
        ),
      ),
    ...world.missed.map((missed) =>
      repeat(
        loop,
        resting(loop, () => redeliverMissed(world, missed, signal)),
      ),
    ),
    world.forgeWork.consume(bearing(world, workOnForge), { concurrency: forgeConcurrency, signal }),
  ]);
}

interface Consumption {
  readonly queue: Queue;
  readonly work: (world: World, key: string, signal: AbortSignal) => Promise<void>;
  /** For each engine. */
  readonly places: number;
}

/** Works on each key in the lane of its engine; all lanes together are never too narrow for one of them. */
function consume({ world, signal }: Loop, { queue, work, places }: Consumption): Promise<void> {
  const lanes = createLanes({ places, onFree: (key) => void queue.enqueue(key) });
  const concurrency = places * world.engines.names.length;
  return queue.consume(inLane(world, lanes, bearing(world, work)), { concurrency, signal });
}

function inLane(world: World, lanes: Lanes, work: (key: string, signal: AbortSignal) => Promise<void>) {
  return async (key: string, signal: AbortSignal): Promise<void> => {
    if (isName(key)) await lanes.enter(engineOf(world, key), key, () => work(key, signal));
  };
}

/** Each engine by itself, so that one that is slow or away delays no other. */
function keepInView(loop: Loop & { readonly engine: Name }): readonly Promise<void>[] {
  const { world, engine, signal } = loop;
  const sweep = async (): Promise<number> => {
    await sweepEngine(world, engine, signal);
    return nextSweepMs(world, engine);
  };
  const watch = async (): Promise<number> => {
    await world.engines.get(engine).watch((stack) => void world.hints.enqueue(stack), signal);
    return pauseAfterTroubleMs;
  };
  return [repeat(loop, resting(loop, sweep)), repeat(loop, resting(loop, watch))];
}

/** Turns that nothing wakes before their time. */
function resting({ world, signal }: Loop, look: Turns['look']): Turns {
  return { look, rest: (ms) => pause(world, ms, signal) };
}

async function enqueueDue(world: World): Promise<number> {
  const now = world.clock.now();
  for (const stack of await world.store.dueStacks(now)) await world.queue.enqueue(stack);
  for (const key of await world.store.dueForgeWork(now)) await world.forgeWork.enqueue(key);
  const nextDueAt = await world.store.nextDueAt();
  const waitMs = nextDueAt === null ? longestPauseMs : nextDueAt - now;
  return Math.min(Math.max(waitMs, shortestPauseMs), longestPauseMs);
}

interface Loop {
  readonly world: World;
  /** The one that is looked at, or null where it is not a matter of one. */
  readonly engine: Name | null;
  readonly signal: AbortSignal;
}

/** Not in step with whoever else was started at the same moment: each process spreads its sweeps in its own way. */
function nextSweepMs({ clock, owner }: World, engine: Name): number {
  const { least, most } = sweepEveryMs;
  const seed = `${owner} ${engine} ${clock.now()}`;
  let hash = 2_166_136_261;
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 16_777_619) >>> 0;
  }
  return least + (hash % (most - least));
}

/** Looks, rests as long as that says, and again. A failure of the world ends the turn, never the loop. */
async function repeat(loop: Loop, turns: Turns): Promise<void> {
  const { signal } = loop;
  while (!signal.aborted) {
    let waitMs = pauseAfterTroubleMs;
    try {
      waitMs = await turns.look();
    } catch (error) {
      tellTrouble(loop, error);
    }
    await turns.rest(waitMs);
  }
}

/** Work of a queue: what it could not do is found again by the sweep, or by the list of what is due. */
function bearing(world: World, work: Consumption['work']) {
  return async (key: string, signal: AbortSignal): Promise<void> => {
    try {
      await work(world, key, signal);
    } catch (error) {
      tellTrouble({ world, engine: null, signal }, error);
    }
  };
}

/** A bug is thrown on. */
function tellTrouble({ world, engine, signal }: Loop, error: unknown): void {
  if (!isSyncError(error)) throw error;
  const { code, message } = error;
  if (!signal.aborted) world.notifier.notify({ kind: 'trouble', engine, code, message });
}

/** An abort ends the pause. */
async function pause(world: World, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await world.clock.sleep(ms, signal);
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}
