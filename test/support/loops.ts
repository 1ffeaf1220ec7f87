import type { World } from '../../reconciler/sync/world.ts';
import { lookAt } from '../../reconciler/sync/follow.ts';
import { workOnForge } from '../../reconciler/sync/forge-work.ts';
import { workOn } from '../../reconciler/sync/work.ts';

const mostRounds = 20;

/** One look at each source of a world. */
export async function lookAtSources(world: World): Promise<void> {
  const { signal } = new AbortController();
  for (const followed of world.sources) await lookAt(world, followed, { trigger: 'poll', signal });
}

/** What is to be said at forges, until nothing is due. */
export async function runForgeWork(world: World): Promise<void> {
  const { signal } = new AbortController();
  for (let round = 0; round < mostRounds; round += 1) {
    const due = await world.store.dueForgeWork(world.clock.now());
    if (due.length === 0) return;
    for (const key of due) await workOnForge(world, key, signal);
  }
  throw new Error(`after ${mostRounds} rounds there is still something to say`);
}

/** The syncs that are due, until none is: what the daemon's loops do, with an end. */
export async function runDue(world: World): Promise<void> {
  const { signal } = new AbortController();
  for (let round = 0; round < mostRounds; round += 1) {
    const due = await world.store.dueStacks(world.clock.now());
    if (due.length === 0) return;
    await Promise.all(due.map((stack) => workOn(world, stack, signal)));
  }
  throw new Error(`after ${mostRounds} rounds there is still something due`);
}
