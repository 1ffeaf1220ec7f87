import type { CheckConclusion } from '../model/forge.ts';
import { shortRevision } from '../model/ids.ts';
import type { ReviewRecord } from '../model/review-record.ts';
import type { Paint } from './paint.ts';
import { singleLine } from './text.ts';
import { formatDuration } from './time.ts';

export interface ReviewStyle {
  readonly paint: Paint;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What `plimsoll reviews` prints: each pull request with what was said on it, and what keeps it from being said. */
export function formatReviews(reviews: readonly ReviewRecord[], style: ReviewStyle): string {
  if (reviews.length === 0) return 'No pull request is under review.';
  return reviews.map((review) => formatReview(review, style)).join('\n\n');
}

function formatReview(review: ReviewRecord, { paint, now }: ReviewStyle): string {
  const { source, number, head, checkedAt, title, comment, url, error, approvals } = review;
  const looked = `looked at ${formatDuration(now - checkedAt)} ago`;
  const at = head === null ? looked : `${shortRevision(head)}, ${looked}`;
  const given = approvals.map(({ code, by, stack }) => `${code} in ${stack} was approved by ${by}`);
  const lines = [title, ...new Set(given), comment?.url ?? url].filter((line) => line !== '').map(singleLine);
  const failure = error === null ? [] : [paint.red(`${error.code}: ${singleLine(error.message)}`)];
  return [
    `${paint.bold(`${source} #${number}`)}  ${formatVerdict(review, paint)}  ${paint.dim(at)}`,
    ...[...lines, ...failure].map((line) => `  ${line}`),
  ].join('\n');
}

function formatVerdict({ state, conclusion }: ReviewRecord, paint: Paint): string {
  if (state !== 'open') return state === 'unrelated' ? 'another base' : state;
  return conclusion === null ? paint.yellow('not reviewed yet') : conclusionWords(conclusion, paint);
}

function conclusionWords(conclusion: CheckConclusion, paint: Paint): string {
  switch (conclusion) {
    case 'success':
      return paint.green('good');
    case 'neutral':
      return 'neutral';
    case 'actionRequired':
      return paint.yellow('needs a decision');
    case 'failure':
      return paint.red('bad');
    default:
      return conclusion satisfies never;
  }
}
