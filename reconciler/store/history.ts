import { SyncError, type SyncErrorCode } from '../model/error.ts';
import type { SyncOutcome, SyncRecord, Trigger } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import type { HistoryPage, HistoryQuery, Store } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import type { Sql } from './connection.ts';
import { readSteps } from './steps.ts';

type HistoryStore = Pick<Store, 'history' | 'sync'>;

const longestPage = 500;

/** What was attempted, newest first, in pages by key: a page stays the same however many attempts follow. */
export function createHistory(sql: Sql): HistoryStore {
  return {
    history: (query) => readPage(sql, query),
    sync: async (syncId) => (isId(syncId) ? ((await readSyncs(sql, [syncId]))[0] ?? null) : null),
  };
}

async function readPage(sql: Sql, query: HistoryQuery): Promise<HistoryPage> {
  const limit = Math.min(Math.max(1, query.limit), longestPage);
  const page = { query, limit: limit + 1, before: readCursor(query) };
  const found = await (query.service === undefined
    ? listSyncIds(sql, page)
    : listSyncIdsOfService(sql, { ...page, service: query.service }));
  const ids = found.slice(0, limit);
  return { syncs: await readSyncs(sql, ids), next: found.length > limit ? (ids.at(-1) ?? null) : null };
}

interface PageRequest {
  readonly query: HistoryQuery;
  readonly limit: number;
  /** Id that the page's syncs are older than; null for the first page. */
  readonly before: string | null;
}

function readCursor({ cursor }: HistoryQuery): string | null {
  if (cursor === undefined) return null;
  if (isId(cursor)) return cursor;
  throw new SyncError(
    'ConfigInvalid',
    'The cursor is not one that a page of history returned; begin again without a cursor.',
  );
}

/** Ids are numbers in the database and text outside; 18 digits always fit. */
function isId(text: string): boolean {
  return /^[0-9]{1,18}$/.test(text);
}

async function listSyncIds(sql: Sql, { query, limit, before }: PageRequest): Promise<readonly string[]> {
  const { stack, outcome } = query;
  const rows = await sql<{ id: string }[]>`
    select id::text from plimsoll.syncs
     where true
       ${stack === undefined ? sql`` : sql`and stack = ${stack}`}
       ${outcome === undefined ? sql`` : sql`and outcome = ${outcome}`}
       ${before === null ? sql`` : sql`and syncs.id < ${before}`}
     order by syncs.id desc limit ${limit}`;
  return rows.map(({ id }) => id);
}

async function listSyncIdsOfService(
  sql: Sql,
  { query, service, limit, before }: PageRequest & { readonly service: Name },
): Promise<readonly string[]> {
  const { stack, outcome } = query;
  const rows = await sql<{ id: string }[]>`
    select sync_id::text as id from plimsoll.sync_services
     where service = ${service}
       ${stack === undefined ? sql`` : sql`and stack = ${stack}`}
       ${outcome === undefined ? sql`` : sql`and outcome = ${outcome}`}
       ${before === null ? sql`` : sql`and sync_id < ${before}`}
     order by sync_id desc limit ${limit}`;
  return rows.map(({ id }) => id);
}

async function readSyncs(sql: Sql, ids: readonly string[]): Promise<readonly SyncRecord[]> {
  const [rows, steps] = await Promise.all([listSyncs(sql, ids), readSteps(sql, ids)]);
  return rows.map((row) => syncOf(row, steps.get(row.id) ?? []));
}

async function listSyncs(sql: Sql, ids: readonly string[]): Promise<readonly SyncRow[]> {
  return sql<SyncRow[]>`
    select id::text, stack, trigger, from_revision, to_revision, to_author, to_message, to_committed_at,
           outcome, summary, error_code, error_message, problems, plan, approvals, started_at, finished_at
      from plimsoll.syncs
     where id in (select value::bigint from jsonb_array_elements_text(${sql.typed.jsonb(ids)}))
     order by syncs.id desc`;
}

interface SyncRow {
  readonly id: string;
  readonly stack: Name;
  readonly trigger: Trigger;
  readonly fromRevision: Revision | null;
  readonly toRevision: Revision | null;
  readonly toAuthor: string | null;
  readonly toMessage: string | null;
  readonly toCommittedAt: number | null;
  readonly outcome: SyncOutcome | null;
  readonly summary: string;
  readonly errorCode: SyncErrorCode | null;
  readonly errorMessage: string | null;
  readonly problems: readonly Problem[];
  readonly plan: Plan | null;
  readonly approvals: SyncRecord['approvals'];
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

function syncOf(row: SyncRow, steps: SyncRecord['steps']): SyncRecord {
  const { id, stack, trigger, outcome, summary, problems, plan, approvals, startedAt, finishedAt } = row;
  return {
    id,
    stack,
    trigger,
    from: row.fromRevision,
    to: commitOf(row),
    outcome,
    summary,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' },
    problems,
    plan,
    approvals,
    steps,
    startedAt,
    finishedAt,
  };
}

function commitOf({ toRevision, toAuthor, toMessage, toCommittedAt }: SyncRow): SyncRecord['to'] {
  if (toRevision === null) return null;
  return {
    revision: toRevision,
    author: toAuthor ?? '',
    message: toMessage ?? '',
    committedAt: toCommittedAt ?? 0,
  };
}
