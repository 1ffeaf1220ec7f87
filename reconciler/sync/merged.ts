import type { PullRequest } from '../model/forge.ts';
import type { MergedApproval } from '../model/review-record.ts';
import { askFor } from './ask.ts';
import { approvalsOf, spokenLabels } from './grants.ts';
import type { Look } from './pull-request.ts';
import type { World } from './world.ts';

/**
 * What was approved on a pull request counts for the syncs after its merge, for just the findings that were approved.
 * A label that is set after the merge counts too: the sync waits for it.
 */
export async function settleMerge(
  world: World,
  { connected, record, signal }: Look,
  { number, head, labels, mergedAs }: PullRequest,
): Promise<void> {
  const grants = await connected.forge.labelGrants(number, spokenLabels(labels), signal);
  const approvals = approvalsOf(grants, { record, head });
  const { source } = record;
  const merged = approvals.map((approval): MergedApproval => ({ ...approval, source, number, head }));
  await world.store.recordMergedApprovals(merged, world.clock.now());
  await world.store.recordReview({ ...record, state: 'merged', approvals, mergedAs });
  for (const stack of new Set(merged.map((approval) => approval.stack)))
    await askFor(world, stack, 'webhook');
}
