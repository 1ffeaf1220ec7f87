import type { Name } from '../model/ids.ts';
import type { ReviewRecord } from '../model/review-record.ts';
import { requestReview } from './forge-work.ts';
import type { World } from './world.ts';

/**
 * The net below the webhooks: looks at the list of open pull requests and asks for a review of those that moved, and of
 * those that are no longer in it.
 */
export async function listPullRequests(world: World, source: Name, signal: AbortSignal): Promise<void> {
  const connected = world.forges.get(source);
  if (connected?.reviews !== true) return;
  const open = await connected.forge.openPullRequests(signal);
  const known = (await world.store.reviews()).filter((review) => review.source === source);
  for (const { number, version } of open) {
    const record = known.find((review) => review.number === number);
    if (record?.version !== version) await requestReview(world, { source, number });
  }
  for (const gone of known.filter((review) => isGone(review, open))) await requestReview(world, gone);
}

function isGone({ state, number }: ReviewRecord, open: readonly { readonly number: number }[]): boolean {
  return state === 'open' && !open.some((one) => one.number === number);
}
