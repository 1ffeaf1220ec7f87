import type { Name, Revision, SpecHash } from '../model/ids.ts';
import type { Store } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import type { Sql, Statements } from './connection.ts';
import { inTransaction } from './transaction.ts';

type HoldStore = Pick<Store, 'holds' | 'recordHold' | 'liftHold'>;

/** Decisions not to apply: one freeze a stack and one rejected hash a service at a time. Lifted ones stay as rows. */
export function createHolds(sql: Sql): HoldStore {
  return {
    holds: (stack) => listHolds(sql, stack),
    recordHold: (hold) => replaceHold(sql, hold),
    liftHold: (stack, { kind, service }, at) =>
      lift(sql, { stack, kind, at, ...(service === undefined ? {} : { service }) }),
  };
}

interface HoldRow {
  readonly kind: Hold['kind'];
  readonly stack: Name;
  readonly service: Name;
  readonly hash: SpecHash;
  readonly digest: string | null;
  readonly revision: Revision | null;
  readonly why: string;
  readonly since: number;
  readonly until: number;
}

async function listHolds(sql: Sql, stack: Name): Promise<readonly Hold[]> {
  const rows = await sql<HoldRow[]>`
    select kind, stack, service, hash, digest, revision, why, since, until from plimsoll.holds
     where stack = ${stack} and lifted_at is null
     order by kind, service nulls first`;
  return rows.map(holdOf);
}

function holdOf({ kind, stack, service, hash, digest, revision, why, since, until }: HoldRow): Hold {
  switch (kind) {
    case 'rejected':
      return { kind, stack, service, hash, digest, revision, why, since };
    case 'freeze':
      return { kind, stack, why, since, until };
    default:
      return kind satisfies never;
  }
}

async function replaceHold(sql: Sql, hold: Hold): Promise<void> {
  const { stack, kind, since } = hold;
  await inTransaction(sql, async (transaction) => {
    await lift(transaction, {
      stack,
      kind,
      at: since,
      ...(hold.kind === 'rejected' ? { service: hold.service } : {}),
    });
    await insertHold(transaction, hold);
  });
}

interface Lift {
  readonly stack: Name;
  readonly kind: Hold['kind'];
  /** Without one: every hold of the kind. */
  readonly service?: Name;
  readonly at: number;
}

async function lift(sql: Statements, { stack, kind, service, at }: Lift): Promise<number> {
  const lifted = await sql`
    update plimsoll.holds set lifted_at = ${at}
     where stack = ${stack} and kind = ${kind} and lifted_at is null
       and (${service ?? null}::text is null or service = ${service ?? null})`;
  return lifted.count;
}

/** Of two who record at once the later one's word stays. */
async function insertHold(sql: Statements, hold: Hold): Promise<void> {
  const rejected = hold.kind === 'rejected' ? hold : null;
  const until = hold.kind === 'freeze' ? hold.until : null;
  await sql`
    insert into plimsoll.holds (stack, kind, service, hash, digest, revision, why, since, until)
    values (${hold.stack}, ${hold.kind}, ${rejected?.service ?? null}, ${rejected?.hash ?? null},
            ${rejected?.digest ?? null}, ${rejected?.revision ?? null}, ${hold.why}, ${hold.since}, ${until})
        on conflict (stack, kind, coalesce(service, '')) where lifted_at is null
        do update set hash = excluded.hash, digest = excluded.digest, revision = excluded.revision, why = excluded.why,
                      since = excluded.since, until = excluded.until`;
}
