import { formatResource } from '../model/change.ts';
import { longestComment } from '../model/forge.ts';
import { shortRevision } from '../model/ids.ts';
import type { MergeReading, Review } from '../model/review.ts';
import { formatProblem } from '../model/problem.ts';
import { details, type Detail } from './comment-plan.ts';
import { renderStacks } from './comment-stacks.ts';
import { fenced, inlineCode } from './fence.ts';
import { openFindings, summarizeReview } from './review-summary.ts';

export interface CommentOptions {
  /** First line; what the comment is found by. */
  readonly marker: string;
  /** Default: as many as every forge takes. */
  readonly longest?: number;
}

/**
 * A review as a comment: a summary line, what the pull request changes, what will happen on merge. Whatever manifests
 * hold stands in code blocks that nothing in them can end. When it is too long, detail gives way; deletions never do.
 */
export function renderReview(review: Review, { marker, longest = longestComment }: CommentOptions): string {
  for (const detail of details) {
    const body = renderWith(review, marker, { detail, room: Infinity });
    if (body.length <= longest) return body;
  }
  const frame = renderWith(review, marker, { detail: 'names', room: 0 }).length;
  return renderWith(review, marker, { detail: 'names', room: Math.max(0, longest - frame) });
}

interface Extent {
  readonly detail: Detail;
  /** Characters for both lists of stacks. */
  readonly room: number;
}

function renderWith(review: Review, marker: string, { detail, room }: Extent): string {
  return [
    marker,
    `### Plimsoll · ${summarizeReview(review).title}`,
    describeReading(review),
    ...problemPart(review, detail),
    ...approvalPart(review),
    ...changePart(review, { detail, room: room / 2 }),
    ...livePart(review, { detail, room: room / 2 }),
  ].join('\n\n');
}

function describeReading({ source, installation, head, base, merge }: Review): string {
  const into = `${inlineCode(shortRevision(head))} into ${inlineCode(base.branch)} at ${inlineCode(shortRevision(base.revision))}`;
  return `Source ${inlineCode(source)} of installation ${inlineCode(installation)}, ${into}.${describeMerge(merge)}`;
}

const mostPaths = 10;

function describeMerge(merge: MergeReading): string {
  switch (merge.kind) {
    case 'forge':
      return '';
    case 'files':
      return ' The forge has made no merge of the two, so they were put together file by file.';
    case 'conflict': {
      const named = merge.paths.slice(0, mostPaths).map(inlineCode).join(', ');
      const more = merge.paths.length > mostPaths ? ` and ${merge.paths.length - mostPaths} more` : '';
      return `\n\n**It conflicts with its base** in ${named}${more}: both sides changed them. What follows has the pull request's own version of them, and is right only if the conflict is resolved that way.`;
    }
    default:
      return merge satisfies never;
  }
}

const mostProblems: Readonly<Record<Detail, number>> = {
  all: 200,
  someFields: 100,
  noFields: 50,
  weighty: 20,
  names: 10,
};

function problemPart({ problems }: Review, detail: Detail): readonly string[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, mostProblems[detail]).map((problem) => cut(formatProblem(problem)));
  const more = problems.length - shown.length;
  const lines = more === 0 ? shown : [...shown, `and ${more} more, which \`plimsoll validate\` shows`];
  return [
    '#### Problems in the manifests',
    'A stack with a problem is left as it is until the problem is mended.',
    fenced(lines),
  ];
}

const longestLine = 400;

function cut(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`;
}

/** What somebody has to say before the merge can be applied, and what was said. */
function approvalPart(review: Review): readonly string[] {
  const open = openFindings(review);
  const codes = [...new Set(open.map(({ finding }) => finding.code))].sort();
  const asked = codes.map((code) => {
    const stacks = [
      ...new Set(open.filter((one) => one.finding.code === code).map(({ stack }) => stack)),
    ].sort();
    return `- **${code}** in ${list(stacks)} stops the sync until it is approved: whoever may write here sets the label ${inlineCode(`plimsoll/approve-${code}`)} now that this commit was reviewed.`;
  });
  const given = [
    ...new Set(
      review.approvals.map(
        ({ stack, code, by }) => `- **${code}** in ${stack} was approved by ${inlineCode(by)}.`,
      ),
    ),
  ].sort();
  const lines = [...asked, ...given];
  return lines.length === 0 ? [] : [lines.slice(0, mostApprovals).join('\n')];
}

const mostApprovals = 30;
const mostStacks = 10;

function list(stacks: readonly string[]): string {
  const more = stacks.length > mostStacks ? ` and ${stacks.length - mostStacks} more` : '';
  return `${stacks.slice(0, mostStacks).join(', ')}${more}`;
}

function changePart(review: Review, { detail, room }: Extent): readonly string[] {
  const blocks = renderStacks(
    review.stacks.map(({ stack, change, problems }) => ({
      stack,
      plan: change,
      before: [],
      unless:
        problems.length > 0
          ? 'its manifests have problems, see above'
          : 'the base has problems of its own here, so that the two cannot be compared',
    })),
    { detail, room },
  );
  const rest = review.untouched === 0 ? '' : ` Not touched: ${review.untouched} ${plural(review.untouched)}.`;
  const lead =
    review.stacks.length === 0
      ? `No stack is changed.${rest}`
      : `The manifests before and after the merge.${rest}`;
  return ['#### What this pull request changes', lead, ...blocks];
}

function plural(count: number): string {
  return count === 1 ? 'stack' : 'stacks';
}

function livePart(review: Review, { detail, room }: Extent): readonly string[] {
  const title = '#### What will happen on merge';
  const { live } = review;
  switch (live.kind) {
    case 'withheld':
      return [
        title,
        `Not shown: this comes from a fork, and what runs is nobody's business until somebody who may write here sets the label ${inlineCode(live.label)} on this very commit.`,
      ];
    case 'failed':
      return [title, `It cannot be told now: ${inlineCode(live.reason)} It is tried again.`];
    case 'shown':
      return [
        title,
        `Against what runs, as of ${formatTime(live.at)}.`,
        ...liveBlocks(review, { detail, room }),
      ];
    default:
      return live satisfies never;
  }
}

function liveBlocks(review: Review, extent: Extent): readonly string[] {
  const touched = review.stacks.map(({ stack, live: plan, before }) => {
    return { stack, plan, before, unless: 'nothing, while its manifests have problems' };
  });
  const drifted = review.drifted.map((plan) => {
    const before = plan.decisions.map(({ resource }) => formatResource(resource));
    return { stack: plan.stack, plan, before, unless: '' };
  });
  const blocks = renderStacks(touched, extent);
  if (drifted.length === 0) return blocks;
  return [
    ...blocks,
    '**Existing drift** of stacks that this pull request does not touch:',
    ...renderStacks(drifted, {
      detail: extent.detail === 'all' ? 'noFields' : extent.detail,
      room: extent.room / 4,
    }),
  ];
}

/** `2026-11-20 13:30:12 UTC` */
function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
