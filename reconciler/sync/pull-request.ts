import { isSyncError } from '../model/error.ts';
import type { PullRequest } from '../model/forge.ts';
import type { ReviewRecord } from '../model/review-record.ts';
import { approvalsOf, showLiveLabel, spokenLabels, vouches } from './grants.ts';
import type { PullRequestKey } from './forge-work.ts';
import { settleMerge } from './merged.ts';
import { publishReview } from './publish-review.ts';
import { readMerge } from './read-merge.ts';
import { reviewMerge } from './review.ts';
import type { ConnectedForge, FollowedSource, World } from './world.ts';

/**
 * One look at a pull request: what it is now decides what is done, whatever the hint said. Returns when to look again
 * without being asked, or null. A failure is recorded with the review.
 */
export async function reviewPullRequest(
  world: World,
  key: PullRequestKey,
  signal: AbortSignal,
): Promise<number | null> {
  const connected = world.forges.get(key.source);
  const followed = world.sources.find(({ source }) => source.name === key.source);
  if (connected?.reviews !== true || followed === undefined) return null;
  const record = (await world.store.review(key.source, key.number)) ?? unseen(key, world.clock.now());
  try {
    return await look(world, { connected, followed, record, signal });
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    const newest = (await world.store.review(key.source, key.number)) ?? record;
    const { code, message } = error;
    await world.store.recordReview({ ...newest, checkedAt: world.clock.now(), error: { code, message } });
    throw error;
  }
}

function unseen({ source, number }: PullRequestKey, checkedAt: number): ReviewRecord {
  return {
    source,
    number,
    url: '',
    state: 'open',
    head: null,
    version: '',
    title: '',
    conclusion: null,
    findings: [],
    reviewedAt: null,
    approvals: [],
    comment: null,
    check: null,
    mergedAs: null,
    checkedAt,
    error: null,
  };
}

export interface Look {
  readonly connected: ConnectedForge;
  readonly followed: FollowedSource;
  readonly record: ReviewRecord;
  readonly signal: AbortSignal;
}

async function look(world: World, of: Look): Promise<number | null> {
  const { connected, followed, record, signal } = of;
  const pullRequest = await connected.forge.pullRequest(record.number, signal);
  const seen = { ...record, url: pullRequest.url, checkedAt: world.clock.now(), error: null };
  if (!isFollowed(followed.ref, pullRequest)) {
    await world.store.recordReview({ ...seen, state: 'unrelated' });
    return null;
  }
  switch (pullRequest.state) {
    case 'closed':
      await world.store.recordReview({ ...seen, state: 'closed' });
      return null;
    case 'merged':
      await settleMerge(world, { ...of, record: seen }, pullRequest);
      return null;
    case 'open':
      return review(world, { ...of, record: { ...seen, state: 'open' } }, pullRequest);
    default:
      return pullRequest.state satisfies never;
  }
}

/** The source follows the branch that it would be merged into. */
function isFollowed(ref: string, { base, isBaseDefault }: PullRequest): boolean {
  return ref === 'HEAD' ? isBaseDefault : ref === base || ref === `refs/heads/${base}`;
}

/** While the forge still computes its merge, and while the engine is away. */
const unfinishedPauseMs = 15_000;

async function review(world: World, of: Look, pullRequest: PullRequest): Promise<number | null> {
  const { connected, followed, record, signal } = of;
  const { number, head, base: branch, isFork, labels } = pullRequest;
  const { forge } = connected;
  const grants = await forge.labelGrants(number, spokenLabels(labels), signal);
  const isVouchedFor = !isFork || grants.some((grant) => vouches(grant, { record, head }));
  const approvals = approvalsOf(grants, { record, head });
  const merge = await readMerge({ source: followed.source, forge, pullRequest, signal });
  const withheldFor = isVouchedFor ? null : showLiveLabel;
  const found = await reviewMerge(world, {
    followed,
    number,
    head,
    branch,
    merge,
    withheldFor,
    approvals,
    signal,
  });
  await publishReview(world, { ...of, pullRequest, review: found });
  const isEarly = found.merge.kind === 'files' && forge.refsOf(number).merge !== null;
  return isEarly || found.live.kind === 'failed' ? world.clock.now() + unfinishedPauseMs : null;
}
