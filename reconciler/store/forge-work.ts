import type { ForgeLease, ForgeLeaseRequest, ForgeStore, ForgeWorkEnd } from '../model/review-record.ts';
import type { Sql } from './connection.ts';

type ForgeWorkStore = Pick<
  ForgeStore,
  'requestForgeWork' | 'leaseForgeWork' | 'releaseForgeWork' | 'dueForgeWork'
>;

/** Generations and leases of what is to be said at forges, in the manner of those of stacks. */
export function createForgeWork(sql: Sql): ForgeWorkStore {
  return {
    requestForgeWork: (key, at) => bumpWork(sql, key, at),
    leaseForgeWork: (request) => leaseWork(sql, request),
    releaseForgeWork: (lease, end) => releaseWork(sql, lease, end),
    dueForgeWork: (at) => listDue(sql, at),
  };
}

/** A request makes it due at once, also where it was put off after a failure. */
async function bumpWork(sql: Sql, key: string, at: number): Promise<void> {
  await sql`
    insert into plimsoll.forge_work as known (key, requested_generation, due_at) values (${key}, 1, ${at})
        on conflict (key) do update
       set requested_generation = known.requested_generation + 1,
           due_at = case when known.requested_generation = known.observed_generation
                         then ${at}::bigint
                         else least(known.due_at, ${at}::bigint) end`;
}

async function leaseWork(sql: Sql, { key, owner, ttlMs, at }: ForgeLeaseRequest): Promise<ForgeLease | null> {
  const [row] = await sql<ForgeLease[]>`
    update plimsoll.forge_work
       set lease_number = lease_number + 1,
           lease_owner = ${owner},
           lease_expires_at = ${at + ttlMs},
           leased_generation = requested_generation
     where key = ${key}
       and requested_generation > observed_generation
       and due_at <= ${at}
       and (lease_expires_at is null or lease_expires_at <= ${at})
    returning key, lease_owner as owner, leased_generation as generation, lease_number as number, failures`;
  return row === undefined ? null : { ...row };
}

/** What was asked for meanwhile is due at once, a retry at its time. */
async function releaseWork(sql: Sql, lease: ForgeLease, { retryAt, failed }: ForgeWorkEnd): Promise<void> {
  const isDone = sql`requested_generation = leased_generation`;
  await sql`
    update plimsoll.forge_work
       set observed_generation = leased_generation,
           requested_generation = requested_generation
             + case when ${isDone} and ${retryAt}::bigint is not null then 1 else 0 end,
           due_at = case when ${isDone} then coalesce(${retryAt}::bigint, due_at) else due_at end,
           failures = ${failed ? sql`failures + 1` : sql`0`},
           lease_owner = null, lease_expires_at = null, leased_generation = null
     where key = ${lease.key} and lease_owner = ${lease.owner} and lease_number = ${lease.number}`;
}

async function listDue(sql: Sql, at: number): Promise<readonly string[]> {
  const rows = await sql<{ key: string }[]>`
    select key from plimsoll.forge_work
     where requested_generation > observed_generation
       and due_at <= ${at}
       and (lease_expires_at is null or lease_expires_at <= ${at})
     order by due_at, key`;
  return rows.map(({ key }) => key);
}
