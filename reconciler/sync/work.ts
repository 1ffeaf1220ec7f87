import { isName } from '../model/ids.ts';
import { withLease } from './lease.ts';
import { syncStack } from './sync.ts';
import type { World } from './world.ts';

/** Answers one hint of the queue: leases the stack if it is due, and runs one attempt. */
export async function workOn(world: World, key: string, signal: AbortSignal): Promise<void> {
  if (!isName(key)) return;
  await withLease(world, {
    stack: key,
    signal,
    run: (lease, leased) =>
      world.running.track(key, leased, async (stopping) => {
        const { trigger, approvals } = lease;
        const { retryAt } = await syncStack(world, { stack: key, trigger, approvals }, stopping);
        return retryAt;
      }),
  });
  // What happened meanwhile may have come after the last look of the sync.
  if (world.running.takeLookAfter(key)) await world.hints.enqueue(key);
}
