import { isSyncError, type SyncError } from '../model/error.ts';
import { isName, type Name } from '../model/ids.ts';
import type { ForgeLease, ForgeWorkEnd } from '../model/review-record.ts';
import { reportSync } from './report.ts';
import { reviewPullRequest } from './pull-request.ts';
import type { World } from './world.ts';

/** One pull request, as one source sees it. */
export interface PullRequestKey {
  readonly source: Name;
  readonly number: number;
}

/** "Look at this pull request": first durably in the store, then as a hint. */
export async function requestReview(world: World, { source, number }: PullRequestKey): Promise<void> {
  await request(world, `review:${source}/${number}`);
}

/** "Look at all that are open": their base has moved. */
export async function requestReviews(world: World, source: Name): Promise<void> {
  if (world.forges.get(source)?.reviews !== true) return;
  for (const review of await world.store.reviews()) {
    if (review.source === source && review.state === 'open') await requestReview(world, review);
  }
}

async function request(world: World, key: string): Promise<void> {
  await world.store.requestForgeWork(key, world.clock.now());
  await world.forgeWork.enqueue(key);
}

/** Longer than any work: whoever holds a lease has given up before somebody else takes it. */
const leaseMs = 300_000;
const longestWorkMs = 240_000;

/** Answers one hint: leases the work if it is due, does it, and says when it is due again. */
export async function workOnForge(world: World, key: string, signal: AbortSignal): Promise<void> {
  const work = readKey(key);
  if (work === null) return;
  const { clock, store, owner } = world;
  const lease = await store.leaseForgeWork({ key, owner, ttlMs: leaseMs, at: clock.now() });
  if (lease === null) return;
  const overdue = new AbortController();
  const ended = new AbortController();
  void endAfter(world, { overdue, ended: ended.signal });
  let end: ForgeWorkEnd = { retryAt: clock.now() + shortestPauseMs, failed: true };
  try {
    const retryAt = await work(world, AbortSignal.any([signal, overdue.signal]));
    end = { retryAt, failed: false };
  } catch (error) {
    if (!isSyncError(error)) throw error;
    end = { retryAt: retryAtOf(error, lease, clock.now()), failed: true };
    throw error;
  } finally {
    ended.abort();
    await store.releaseForgeWork(lease, end);
  }
}

type Work = (world: World, signal: AbortSignal) => Promise<number | null>;

function readKey(key: string): Work | null {
  const [, source = '', number] = /^review:([^/]+)\/([0-9]{1,15})$/.exec(key) ?? [];
  if (isName(source)) {
    return (world, signal) => reviewPullRequest(world, { source, number: Number(number) }, signal);
  }
  const [, stack = ''] = /^report:(.+)$/.exec(key) ?? [];
  return isName(stack) ? (world, signal) => reportSync(world, stack, signal) : null;
}

interface Limit {
  readonly overdue: AbortController;
  readonly ended: AbortSignal;
}

async function endAfter(world: World, { overdue, ended }: Limit): Promise<void> {
  try {
    await world.clock.sleep(longestWorkMs, ended);
    overdue.abort();
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}

const shortestPauseMs = 10_000;
const longestPauseMs = 900_000;

/** The server's own hint comes first; what an operator has to mend is looked at again now and then. */
function retryAtOf(error: SyncError, { failures }: ForgeLease, now: number): number | null {
  const { retryAfterMs } = error.data;
  if (error.code === 'ForgeRateLimited' && typeof retryAfterMs === 'number') return now + retryAfterMs;
  switch (error.recovery) {
    case 'retry':
      return now + Math.min(shortestPauseMs * 2 ** Math.min(failures, 10), longestPauseMs);
    case 'wait':
      return now + longestPauseMs;
    case 'stop':
      return null;
    default:
      return error.recovery satisfies never;
  }
}
