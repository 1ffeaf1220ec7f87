import { digestText } from '../manifest/hash.ts';
import { formatResource } from '../model/change.ts';
import type { Annotation, PublishedCheck, PullRequest } from '../model/forge.ts';
import type { Review } from '../model/review.ts';
import type { ReviewedFinding, ReviewRecord } from '../model/review-record.ts';
import { renderReview } from '../plan/comment.ts';
import { plansOf, summarizeReview, type Verdict } from '../plan/review-summary.ts';
import type { Look } from './pull-request.ts';
import type { World } from './world.ts';

export interface Publication extends Look {
  readonly pullRequest: PullRequest;
  readonly review: Review;
}

/** Comment, check and labels, each only when it would say something new; recorded after each, so that none is doubled. */
export async function publishReview(world: World, publication: Publication): Promise<void> {
  const { review, pullRequest, record, connected, signal } = publication;
  const verdict = summarizeReview(review);
  const marker = `<!-- plimsoll:review ${world.installation}/${review.source} -->`;
  const body = renderReview(review, { marker });
  const commented = await publishComment(world, publication, { marker, body });
  const checked = await publishCheck(world, { ...publication, record: commented }, { verdict, body });
  const labels = connected.labels ? labelsFor(verdict, pullRequest) : { add: [], remove: [] };
  const isLabelled = labels.add.length + labels.remove.length > 0;
  if (isLabelled) await connected.forge.setLabels(pullRequest.number, labels, signal);
  const isNews = isLabelled || checked.comment?.digest !== record.comment?.digest;
  const version = isNews ? await versionAfter(publication) : pullRequest.version;
  await world.store.recordReview({ ...checked, version });
}

interface Rendered {
  readonly marker: string;
  readonly body: string;
}

/** The time at which the engine was looked at is no news by itself. */
async function publishComment(
  world: World,
  { review, record, connected, signal }: Publication,
  { marker, body }: Rendered,
): Promise<ReviewRecord> {
  const digest = digestText(renderReview(withoutTime(review), { marker }));
  if (record.comment?.digest === digest) return record;
  const draft = { number: review.number, id: record.comment?.id ?? null, marker, body };
  const { id, url } = await connected.forge.publishComment(draft, signal);
  const commented = { ...record, comment: { id, url, digest } };
  await world.store.recordReview(commented);
  return commented;
}

function withoutTime(review: Review): Review {
  return review.live.kind === 'shown' ? { ...review, live: { kind: 'shown', at: 0 } } : review;
}

interface Judged {
  readonly verdict: Verdict;
  readonly body: string;
}

async function publishCheck(
  world: World,
  { review, record, connected, signal }: Publication,
  { verdict, body }: Judged,
): Promise<ReviewRecord> {
  const digest = `${review.head} ${record.comment?.digest ?? ''}`;
  const { conclusion, title } = verdict;
  if (record.check?.digest === digest && record.head === review.head) return { ...record, title, conclusion };
  const published = await connected.forge.publishCheck(
    {
      revision: review.head,
      name: checkName(review),
      conclusion,
      title,
      summary: body,
      annotations: annotationsOf(review, connected.path),
      url: record.comment?.url ?? null,
    },
    signal,
  );
  const checked = withPublished(record, review, published);
  const named = { ...checked, title, conclusion, check: { kind: published.kind, digest } };
  await world.store.recordReview(named);
  return named;
}

/** What a branch protection rule asks for. */
function checkName({ installation, source }: Review): string {
  return installation === 'default' ? `plimsoll/${source}` : `plimsoll/${installation}/${source}`;
}

function annotationsOf({ problems }: Review, root: string): readonly Annotation[] {
  const prefix = root === '' ? '' : `${root}/`;
  return problems.map(({ file, line, code, path, message }) => ({
    path: `${prefix}${file}`,
    line,
    title: path === '' ? code : `${code} at ${path}`,
    message,
  }));
}

/** A finding that was there keeps the time of its first publication; with a new head everything begins anew. */
function withPublished(record: ReviewRecord, review: Review, { at }: PublishedCheck): ReviewRecord {
  const isSameHead = record.head === review.head;
  const known = isSameHead ? record.findings : [];
  const findings = new Map<string, ReviewedFinding>();
  for (const { stack, findings: found } of plansOf(review)) {
    for (const { code, level, resource: of } of found) {
      if (level !== 'approve' && level !== 'warn') continue;
      const resource = formatResource(of);
      const same = known.find((one) => one.stack === stack && one.code === code && one.resource === resource);
      findings.set(`${stack} ${code} ${resource}`, same ?? { stack, code, resource, publishedAt: at });
    }
  }
  return {
    ...record,
    head: review.head,
    reviewedAt: isSameHead && record.reviewedAt !== null ? record.reviewedAt : at,
    findings: [...findings.values()],
    approvals: review.approvals,
  };
}

const labelNames = {
  change: 'plimsoll/no-change',
  downtime: 'plimsoll/downtime',
  data: 'plimsoll/data-loss',
};

function labelsFor(verdict: Verdict, { labels }: PullRequest) {
  const wanted = [
    ...(verdict.isChange ? [] : [labelNames.change]),
    ...(verdict.hasDowntime ? [labelNames.downtime] : []),
    ...(verdict.hasDataLoss ? [labelNames.data] : []),
  ];
  return {
    add: wanted.filter((label) => !labels.includes(label)),
    remove: Object.values(labelNames).filter((label) => !wanted.includes(label) && labels.includes(label)),
  };
}

/** Our own comment moves the pull request in the forge's list, and that is no reason to look again; a person's act is. */
async function versionAfter({ connected, pullRequest, signal }: Publication): Promise<string> {
  const now = await connected.forge.pullRequest(pullRequest.number, signal);
  const isAsBefore = now.head === pullRequest.head && now.state === pullRequest.state;
  return isAsBefore ? now.version : pullRequest.version;
}
