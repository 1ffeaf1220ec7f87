import type { Name } from '../model/ids.ts';
import type { ForgeStore, MergedApproval, ReviewRecord, SyncReport } from '../model/review-record.ts';
import type { Sql } from './connection.ts';

type ReviewStore = Omit<
  ForgeStore,
  'requestForgeWork' | 'leaseForgeWork' | 'releaseForgeWork' | 'dueForgeWork'
>;

/** Closed pull requests stay for people; a list of all that ever were is of no use to anybody. */
const mostReviews = 500;

/** What was said at forges, and what people approved there. */
export function createReviews(sql: Sql): ReviewStore {
  return {
    reviews: () => listReviews(sql),
    review: (source, number) => findReview(sql, source, number),
    recordReview: (record) => replaceReview(sql, record),
    mergedApprovals: (stack, since) => listApprovals(sql, stack, since),
    recordMergedApprovals: (approvals, at) => insertApprovals(sql, approvals, at),
    useMergedApprovals: (approvals, at) => useApprovals(sql, approvals, at),
    report: (stack) => findReport(sql, stack),
    recordReport: (report) => replaceReport(sql, report),
  };
}

async function listReviews(sql: Sql): Promise<readonly ReviewRecord[]> {
  const rows = await sql<{ review: ReviewRecord }[]>`
    select review from plimsoll.reviews
     order by review->>'state' = 'open' desc, number desc, source limit ${mostReviews}`;
  return rows.map(({ review }) => review);
}

async function findReview(sql: Sql, source: Name, number: number): Promise<ReviewRecord | null> {
  const [row] = await sql<{ review: ReviewRecord }[]>`
    select review from plimsoll.reviews where source = ${source} and number = ${number}`;
  return row?.review ?? null;
}

async function replaceReview(sql: Sql, record: ReviewRecord): Promise<void> {
  await sql`
    insert into plimsoll.reviews (source, number, review)
    values (${record.source}, ${record.number}, ${sql.typed.jsonb(record)})
        on conflict (source, number) do update set review = excluded.review`;
}

async function listApprovals(sql: Sql, stack: Name, since: number): Promise<readonly MergedApproval[]> {
  const rows = await sql<{ approval: MergedApproval }[]>`
    select approval from plimsoll.merged_approvals
     where stack = ${stack} and used_at is null and recorded_at >= ${since} order by id`;
  return rows.map(({ approval }) => approval);
}

async function insertApprovals(sql: Sql, approvals: readonly MergedApproval[], at: number): Promise<void> {
  for (const approval of approvals) {
    const { source, number, stack, code, resource } = approval;
    await sql`
      insert into plimsoll.merged_approvals (source, number, stack, code, resource, approval, recorded_at)
      values (${source}, ${number}, ${stack}, ${code}, ${resource}, ${sql.typed.jsonb(approval)}, ${at})
          on conflict (source, number, stack, code, resource) do nothing`;
  }
}

async function useApprovals(sql: Sql, approvals: readonly MergedApproval[], at: number): Promise<void> {
  for (const { source, number, stack, code, resource } of approvals) {
    await sql`
      update plimsoll.merged_approvals set used_at = ${at}
       where source = ${source} and number = ${number} and stack = ${stack} and code = ${code}
         and resource = ${resource} and used_at is null`;
  }
}

async function findReport(sql: Sql, stack: Name): Promise<SyncReport | null> {
  const [row] = await sql<{ report: SyncReport }[]>`
    select report from plimsoll.reports where stack = ${stack}`;
  return row?.report ?? null;
}

async function replaceReport(sql: Sql, report: SyncReport): Promise<void> {
  await sql`
    insert into plimsoll.reports (stack, report) values (${report.stack}, ${sql.typed.jsonb(report)})
        on conflict (stack) do update set report = excluded.report`;
}
