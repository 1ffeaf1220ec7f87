import type { Resource } from '../model/change.ts';
import { serviceOf, type DriftEnd, type DriftInterval, type DriftKind } from '../model/drift.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { DriftQuery, Store } from '../model/ports.ts';
import type { Sql, Statements } from './connection.ts';

/** What is over is kept for three months. */
const keptMs = 90 * 24 * 60 * 60 * 1000;

type DriftStore = Pick<Store, 'drift' | 'recordDrift' | 'healedDrift' | 'openDrift'>;

/** Intervals of drift. An interval is written when it opens, when more is known of it, and when it closes. */
export function createDrift(sql: Sql): DriftStore {
  return {
    drift: (query) => listDrift(sql, query),
    openDrift: () => listOpen(sql),
    healedDrift: (since) => listHealed(sql, since),
    recordDrift: (intervals) =>
      sql.begin(async (transaction) => {
        for (const interval of intervals) await recordInterval(transaction, interval);
        await forgetOld(transaction, Math.max(...intervals.map(({ seenAt }) => seenAt)) - keptMs);
      }),
  };
}

interface DriftRow {
  readonly stack: Name;
  readonly resource: Resource;
  readonly field: string;
  readonly kind: DriftKind;
  readonly because: string;
  readonly found: Json;
  readonly wanted: Json;
  readonly revision: Revision | null;
  readonly openedAt: number;
  readonly seenAt: number;
  readonly closedAt: number | null;
  readonly how: DriftEnd | null;
}

function columns(sql: Statements) {
  return sql`stack, resource, field, kind, because, found, wanted, revision, opened_at, seen_at, closed_at, how`;
}

/** Newest first: what is open or was closed since then. */
async function listDrift(
  sql: Sql,
  { stack, service, since, limit }: DriftQuery,
): Promise<readonly DriftInterval[]> {
  const rows = await sql<DriftRow[]>`
    select ${columns(sql)} from plimsoll.drift
     where true
       ${stack === undefined ? sql`` : sql`and stack = ${stack}`}
       ${service === undefined ? sql`` : sql`and service = ${service}`}
       ${since === undefined ? sql`` : sql`and (closed_at is null or closed_at >= ${since})`}
     order by opened_at desc, id desc limit ${limit}`;
  return rows.map(intervalOf);
}

async function listOpen(sql: Sql): Promise<readonly DriftInterval[]> {
  const rows = await sql<DriftRow[]>`
    select ${columns(sql)} from plimsoll.drift where closed_at is null order by opened_at, id`;
  return rows.map(intervalOf);
}

async function listHealed(sql: Sql, since: number): Promise<readonly DriftInterval[]> {
  const rows = await sql<DriftRow[]>`
    select ${columns(sql)} from plimsoll.drift
     where how = 'healed' and closed_at >= ${since} order by closed_at, id`;
  return rows.map(intervalOf);
}

function intervalOf({ how, ...row }: DriftRow): DriftInterval {
  return { ...row, end: how };
}

async function recordInterval(sql: Statements, interval: DriftInterval): Promise<void> {
  if (interval.closedAt === null) return upsertOpen(sql, interval);
  if (!(await closeOpen(sql, interval))) await insertClosed(sql, interval);
}

/** The open interval of the same field of the same thing, or a new one. */
async function upsertOpen(sql: Statements, interval: DriftInterval): Promise<void> {
  await sql`
    insert into plimsoll.drift ${valuesOf(sql, interval)}
        on conflict (stack, resource_key, field) where closed_at is null
        do update set kind = excluded.kind, because = excluded.because, found = excluded.found,
                      wanted = excluded.wanted`;
}

async function closeOpen(
  sql: Statements,
  { stack, resource, field, closedAt, end }: DriftInterval,
): Promise<boolean> {
  const closed = await sql`
    update plimsoll.drift set closed_at = ${closedAt}, how = ${end}
     where stack = ${stack} and resource_key = ${JSON.stringify(resource)} and field = ${field}
       and closed_at is null`;
  return closed.count > 0;
}

/** Unless another daemon on this database has recorded its end already. */
async function insertClosed(sql: Statements, interval: DriftInterval): Promise<void> {
  const { stack, resource, field, openedAt } = interval;
  await sql`
    insert into plimsoll.drift ${valuesOf(sql, interval)}
     where not exists (
       select from plimsoll.drift
        where stack = ${stack} and resource_key = ${JSON.stringify(resource)} and field = ${field}
          and closed_at >= ${openedAt})`;
}

function valuesOf(sql: Statements, interval: DriftInterval) {
  const { stack, resource, field, kind, because, revision, openedAt, seenAt, closedAt, end } = interval;
  return sql`
      (stack, service, resource, resource_key, field, kind, because, found, wanted, revision,
       opened_at, seen_at, closed_at, how)
    select ${stack}, ${serviceOf(resource)}, ${sql.typed.jsonb(resource)}, ${JSON.stringify(resource)},
           ${field}, ${kind}, ${because}, ${sql.typed.jsonb(interval.found)}, ${sql.typed.jsonb(interval.wanted)},
           ${revision}, ${openedAt}::bigint, ${seenAt}::bigint, ${closedAt}::bigint, ${end}`;
}

async function forgetOld(sql: Statements, before: number): Promise<void> {
  await sql`delete from plimsoll.drift where closed_at < ${before}`;
}
