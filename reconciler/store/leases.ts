import { SyncError } from '../model/error.ts';
import type { StopReason } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Lease, LeaseRequest, LeaseState, Store } from '../model/ports.ts';
import type { Sql } from './connection.ts';
import { interruptUnfinished } from './syncs.ts';
import { strengthOf, triggerOf } from './triggers.ts';

type LeaseStore = Pick<
  Store,
  'lease' | 'renewLease' | 'releaseLease' | 'endLeases' | 'requestStop' | 'leaseStates'
>;

/**
 * One worker a stack. A lease is known by its number: whoever was presumed dead and comes back finds that his
 * number is no longer the stack's, and can neither renew nor release.
 */
export function createLeases(sql: Sql): LeaseStore {
  return {
    lease: async (request) => {
      const row = await (request.stack === undefined
        ? leaseAny(sql, request)
        : leaseStack(sql, { ...request, stack: request.stack }));
      if (row === undefined) return null;
      // Whoever began an attempt on the stack has lost it.
      await interruptUnfinished(sql, { stack: row.name, at: request.at });
      return leaseOf(row);
    },
    renewLease: (lease, ttlMs, at) => renewLease(sql, { lease, expiresAt: at + ttlMs }),
    releaseLease: (lease, retryAt) => releaseLease(sql, { lease, retryAt }),
    endLeases: (at) => endLeases(sql, at),
    requestStop: (stack, reason, at) => tellHolder(sql, { stack, reason, at }),
    leaseStates: (stacks, at) => listStates(sql, { stacks, at }),
  };
}

interface LeaseRow {
  readonly name: Name;
  readonly leaseOwner: string;
  readonly leasedGeneration: number;
  readonly leasedTrigger: number;
  readonly leasedApprovals: readonly string[];
  readonly stopReason: StopReason | null;
  readonly leaseExpiresAt: number;
  readonly leaseNumber: number;
}

function leaseOf(row: LeaseRow): Lease {
  return {
    stack: row.name,
    owner: row.leaseOwner,
    generation: row.leasedGeneration,
    trigger: triggerOf(row.leasedTrigger),
    approvals: row.leasedApprovals,
    stop: row.stopReason,
    expiresAt: row.leaseExpiresAt,
    number: row.leaseNumber,
  };
}

/** Waits for a bump that is being written, so that the hint which follows it never finds the row "not due". */
async function leaseStack(
  sql: Sql,
  { stack, owner, ttlMs, at }: LeaseRequest & { readonly stack: Name },
): Promise<LeaseRow | undefined> {
  const [row] = await sql<LeaseRow[]>`
    update plimsoll.stacks set ${takenBy(sql, { owner, ttlMs, at })}
     where name = ${stack}
       and requested_generation > observed_generation
       and due_at <= ${at}
       and (lease_expires_at is null or lease_expires_at <= ${at})
    returning ${leaseColumns(sql)}`;
  return row;
}

async function leaseAny(sql: Sql, { owner, ttlMs, at }: LeaseRequest): Promise<LeaseRow | undefined> {
  const [row] = await sql<LeaseRow[]>`
    update plimsoll.stacks set ${takenBy(sql, { owner, ttlMs, at })}
     where name = (
             select name from plimsoll.stacks
              where requested_generation > observed_generation
                and due_at <= ${at}
                and (lease_expires_at is null or lease_expires_at <= ${at})
              order by due_at, name limit 1
                for update skip locked)
    returning ${leaseColumns(sql)}`;
  return row;
}

/** What an expired holder was asked for is inherited, together with what was asked for since. */
function takenBy(sql: Sql, { owner, ttlMs, at }: LeaseRequest) {
  return sql`
    lease_number = lease_number + 1,
    lease_owner = ${owner},
    lease_expires_at = ${at + ttlMs},
    leased_generation = requested_generation,
    leased_trigger = greatest(leased_trigger, requested_trigger),
    leased_approvals = leased_approvals || requested_approvals,
    requested_trigger = null,
    requested_approvals = '[]',
    stop_reason = null,
    due_at = ${at}`;
}

function leaseColumns(sql: Sql) {
  return sql`
    name, lease_owner, leased_generation, leased_trigger, leased_approvals, stop_reason, lease_expires_at,
    lease_number`;
}

interface Renewal {
  readonly lease: Lease;
  readonly expiresAt: number;
}

async function renewLease(sql: Sql, { lease, expiresAt }: Renewal): Promise<Lease> {
  const [row] = await sql<LeaseRow[]>`
    update plimsoll.stacks set lease_expires_at = ${expiresAt}
     where name = ${lease.stack} and lease_owner = ${lease.owner} and lease_number = ${lease.number}
    returning ${leaseColumns(sql)}`;
  if (row === undefined) throw leaseLost(lease);
  return leaseOf(row);
}

interface Release {
  readonly lease: Lease;
  readonly retryAt: number | null;
}

/** A retry is a request like any other, only later; a request that came during the work is due at once instead. */
async function releaseLease(sql: Sql, { lease, retryAt }: Release): Promise<void> {
  const wantsRetry = sql`requested_generation = leased_generation and ${retryAt}::bigint is not null`;
  const released = await sql`
    update plimsoll.stacks
       set observed_generation = leased_generation,
           requested_generation = requested_generation + case when ${wantsRetry} then 1 else 0 end,
           requested_trigger = case when ${wantsRetry} then ${strengthOf('retry')}::smallint
                                    else requested_trigger end,
           due_at = case when requested_generation = leased_generation then ${retryAt}::bigint else due_at end,
           lease_owner = null, lease_expires_at = null, leased_generation = null, leased_trigger = null,
           leased_approvals = '[]', stop_reason = null
     where name = ${lease.stack} and lease_owner = ${lease.owner} and lease_number = ${lease.number}`;
  if (released.count === 0) throw leaseLost(lease);
}

/** They are expired, not erased: whoever leases next inherits what the dead one was asked for. */
async function endLeases(sql: Sql, at: number): Promise<void> {
  await sql`update plimsoll.stacks set lease_expires_at = ${at} where lease_expires_at > ${at}`;
}

interface Stop {
  readonly stack: Name;
  readonly reason: StopReason;
  readonly at: number;
}

async function tellHolder(sql: Sql, { stack, reason, at }: Stop): Promise<boolean> {
  const told = await sql`
    update plimsoll.stacks set stop_reason = ${reason} where name = ${stack} and lease_expires_at > ${at}`;
  return told.count > 0;
}

async function listStates(
  sql: Sql,
  { stacks, at }: { readonly stacks: readonly Name[]; readonly at: number },
): Promise<ReadonlyMap<Name, LeaseState>> {
  const rows = await sql<{ name: Name; leaseNumber: number; isHeld: boolean }[]>`
    select name, lease_number, coalesce(lease_expires_at > ${at}, false) as is_held
      from plimsoll.stacks
     where name in (select jsonb_array_elements_text(${sql.typed.jsonb(stacks)})) order by name`;
  return new Map(rows.map(({ name, leaseNumber, isHeld }) => [name, { number: leaseNumber, isHeld }]));
}

function leaseLost(lease: Lease): SyncError {
  return new SyncError(
    'LeaseLost',
    `The lease of stack ${lease.stack} ran out and another worker took it over; this attempt ends without a result.`,
    { data: { stack: lease.stack, owner: lease.owner, number: lease.number } },
  );
}
