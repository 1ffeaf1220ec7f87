import type { LabelGrant } from '../model/forge.ts';
import type { Revision } from '../model/ids.ts';
import type { ReviewApproval } from '../model/review.ts';
import type { ReviewRecord } from '../model/review-record.ts';

/** Set by somebody who may write, on the commit that it is to count for: shows a fork's reviewers what runs. */
export const showLiveLabel = 'plimsoll/show-live';
const approvePrefix = 'plimsoll/approve-';

/** Of a pull request's labels, those whose setting says something. */
export function spokenLabels(labels: readonly string[]): readonly string[] {
  return labels.filter((label) => label === showLiveLabel || label.startsWith(approvePrefix));
}

/** What a label may speak of: the head that was reviewed, and what was published of it. */
export interface Spoken {
  readonly record: Pick<ReviewRecord, 'head' | 'reviewedAt' | 'findings'>;
  readonly head: Revision;
}

/**
 * Whether a label counts for this very head: it was set after the review of that head was published, by the forge's own
 * clock. The time of a commit proves nothing, since whoever makes it chooses it.
 */
export function vouches({ label, at, mayWrite }: LabelGrant, { record, head }: Spoken): boolean {
  if (label !== showLiveLabel || !mayWrite) return false;
  return record.head === head && record.reviewedAt !== null && at > record.reviewedAt;
}

/** An approval is good for the findings of its code that were published, of this head, before the label was set. */
export function approvalsOf(
  grants: readonly LabelGrant[],
  { record, head }: Spoken,
): readonly ReviewApproval[] {
  if (record.head !== head) return [];
  return record.findings.flatMap(({ stack, code, resource, publishedAt }) => {
    const grant = grants.find(({ label }) => label === `${approvePrefix}${code}`);
    if (grant === undefined || !grant.mayWrite || grant.at <= publishedAt) return [];
    const { by, label, at } = grant;
    return [{ stack, code, resource, by, label, at }];
  });
}
