import { isSyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { Lease } from '../model/ports.ts';
import type { World } from './world.ts';

/** A killed worker's stack is free again after this long. */
const leaseMs = 60_000;
const renewEveryMs = 20_000;
const renewAgainAfterMs = 2_000;
/** After something that no sync foresaw: long enough not to spin, short enough not to be missed. */
const unforeseenRetryMs = 10_000;

export interface LeasedWork {
  readonly stack: Name;
  readonly signal: AbortSignal;
  /** Returns when the stack is due again, or null for "when asked". */
  readonly run: (lease: Lease, signal: AbortSignal) => Promise<number | null>;
}

/** Runs the work while holding the stack's lease; false when the stack is not due or somebody else has it. */
export async function withLease(world: World, work: LeasedWork): Promise<boolean> {
  const { clock, store, owner } = world;
  const lease = await store.lease({ owner, ttlMs: leaseMs, at: clock.now(), stack: work.stack });
  if (lease === null) return false;
  const ended = new AbortController();
  const lost = new AbortController();
  const renewal = keepRenewed(world, lease, { ended: ended.signal, lost });
  let retryAt: number | null = clock.now() + unforeseenRetryMs;
  try {
    retryAt = await work.run(lease, AbortSignal.any([work.signal, lost.signal]));
  } finally {
    ended.abort();
    const current = await renewal;
    if (!lost.signal.aborted) await store.releaseLease(current, retryAt);
  }
  return true;
}

interface Renewal {
  readonly ended: AbortSignal;
  readonly lost: AbortController;
}

/** Renews until the work has ended. A store that is away for a moment costs nothing until the lease runs out. */
async function keepRenewed(world: World, lease: Lease, { ended, lost }: Renewal): Promise<Lease> {
  let current = lease;
  let waitMs = renewEveryMs;
  while (await hasSlept(world, waitMs, ended)) {
    try {
      current = await world.store.renewLease(current, leaseMs, world.clock.now());
      if (current.stop !== null) world.running.stop(current.stack, current.stop);
      waitMs = renewEveryMs;
    } catch (error) {
      waitMs = renewAgainAfterMs;
      if (isSyncError(error, 'LeaseLost') || world.clock.now() >= current.expiresAt) {
        lost.abort(error);
        return current;
      }
    }
  }
  return current;
}

/** False when the wait was ended early. */
async function hasSlept(world: World, ms: number, ended: AbortSignal): Promise<boolean> {
  try {
    await world.clock.sleep(ms, ended);
    return true;
  } catch {
    return false;
  }
}
