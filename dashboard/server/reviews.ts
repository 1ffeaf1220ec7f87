import type { ReviewBody, ReviewPage } from '../../reconciler/model/generated/api.ts';
import type { ReviewRecord } from '../../reconciler/model/review-record.ts';
import { pageOf } from './page.ts';
import type { Parameters } from './question.ts';
import type { Reading } from './reading.ts';

/** Pull requests and what was said on them: the open ones, or all. The newest first in each source. */
export async function readReviews({ world }: Reading, query: Parameters): Promise<ReviewPage> {
  const reviews = (await world.store.reviews())
    .filter(({ state }) => query.state === 'all' || state === 'open')
    .map(reviewBody);
  return pageOf(reviews, query, { at: world.clock.now(), keyOf });
}

const highestNumber = 10 ** 12;

function keyOf({ source, number }: ReviewBody): string {
  return `${source}/${String(highestNumber - number).padStart(13, '0')}`;
}

function reviewBody(review: ReviewRecord): ReviewBody {
  const { source, number, url, state, head, title, conclusion, comment, checkedAt, error } = review;
  return {
    source,
    number,
    url,
    state,
    head,
    title,
    conclusion,
    findings: review.findings.map(({ stack, code, resource }) => ({ stack, code, resource })),
    approvals: review.approvals.map(({ stack, code, by }) => ({ stack, code, by })),
    comment: comment?.url ?? null,
    checkedAt,
    error,
  };
}
