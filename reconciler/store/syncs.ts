import { SyncError } from '../model/error.ts';
import type { SyncRecord } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import type { RecentOutcome, Store, SyncBegin, SyncFinish } from '../model/ports.ts';
import type { Sql, Statements } from './connection.ts';
import { recordSteps } from './steps.ts';
import { inTransaction } from './transaction.ts';

type SyncStore = Pick<
  Store,
  'beginSync' | 'recordPlan' | 'recordApprovals' | 'finishSync' | 'recentOutcomes'
>;

/** The attempts: one row each from its beginning to its end. */
export function createSyncs(sql: Sql): SyncStore {
  return {
    beginSync: (begin) => insertSync(sql, begin),
    recordPlan: (syncId, plan) => recordPlan(sql, { syncId, plan }),
    recordApprovals: (syncId, approvals) => recordApprovals(sql, { syncId, approvals }),
    finishSync: (syncId, finish) => finishSync(sql, { syncId, finish }),
    recentOutcomes: (stack, limit) => listRecentOutcomes(sql, { stack, limit }),
  };
}

/** Whatever was unfinished before belongs to a process that is gone. */
async function insertSync(sql: Sql, { stack, trigger, from, to, at }: SyncBegin): Promise<string> {
  return inTransaction(sql, async (transaction) => {
    await interruptUnfinished(transaction, { stack, at });
    const [row] = await transaction<{ id: string }[]>`
      insert into plimsoll.syncs
        (stack, trigger, from_revision, to_revision, to_author, to_message, to_committed_at, started_at)
      values
        (${stack}, ${trigger}, ${from}, ${to?.revision ?? null}, ${to?.author ?? null},
         ${to?.message ?? null}, ${to?.committedAt ?? null}, ${at})
      returning id::text`;
    return row?.id ?? '';
  });
}

interface Interruption {
  readonly stack: Name;
  readonly at: number;
}

export async function interruptUnfinished(sql: Statements, { stack, at }: Interruption): Promise<void> {
  const rows = await sql<{ id: string }[]>`
    update plimsoll.syncs
       set outcome = 'interrupted', finished_at = ${at},
           summary = 'The process that ran this sync ended before the sync did.'
     where stack = ${stack} and outcome is null
    returning id::text`;
  for (const { id } of rows) await recordServiceOutcome(sql, { syncId: id, outcome: 'interrupted' });
}

interface Planned {
  readonly syncId: string;
  readonly plan: Plan;
}

async function recordPlan(sql: Sql, { syncId, plan }: Planned): Promise<void> {
  await inTransaction(sql, async (transaction) => {
    await writePlan(transaction, { syncId, plan });
    await insertServices(transaction, { syncId, services: touchedServices(plan) });
    await insertPendingSteps(transaction, { syncId, plan });
  });
}

interface Approved {
  readonly syncId: string;
  readonly approvals: SyncRecord['approvals'];
}

async function recordApprovals(sql: Sql, { syncId, approvals }: Approved): Promise<void> {
  await sql`
    update plimsoll.syncs set approvals = ${sql.typed.jsonb(approvals)} where id = ${syncId} and outcome is null`;
}

async function writePlan(sql: Statements, { syncId, plan }: Planned): Promise<void> {
  const written = await sql`
    update plimsoll.syncs set plan = ${sql.typed.jsonb(plan)} where id = ${syncId} and outcome is null`;
  if (written.count === 0) throw alreadyEnded(syncId);
}

/** The services that the plan does or refuses something to: all but the unchanged ones. */
function touchedServices(plan: Plan): readonly Name[] {
  const resources = [
    ...plan.decisions.filter(({ verdict }) => verdict !== 'unchanged').map(({ resource }) => resource),
    ...plan.changes.map(({ resource }) => resource),
    ...plan.steps.map(({ resource }) => resource),
  ];
  return [...new Set(resources.flatMap((resource) => ('service' in resource ? [resource.service] : [])))];
}

async function insertServices(
  sql: Statements,
  { syncId, services }: { readonly syncId: string; readonly services: readonly Name[] },
): Promise<void> {
  await sql`
    insert into plimsoll.sync_services (service, sync_id, stack)
    select value, syncs.id, syncs.stack
      from plimsoll.syncs, jsonb_array_elements_text(${sql.typed.jsonb(services)})
     where syncs.id = ${syncId}
        on conflict do nothing`;
}

async function insertPendingSteps(sql: Statements, { syncId, plan }: Planned): Promise<void> {
  await sql`
    insert into plimsoll.steps (sync_id, position, step)
    select ${syncId}, ordinality, value
      from jsonb_array_elements_text(${sql.typed.jsonb(plan.steps.map(({ id }) => id))}) with ordinality
        on conflict do nothing`;
}

interface Finished {
  readonly syncId: string;
  readonly finish: SyncFinish;
}

async function finishSync(sql: Sql, { syncId, finish }: Finished): Promise<void> {
  await inTransaction(sql, async (transaction) => {
    await closeSync(transaction, { syncId, finish });
    await recordServiceOutcome(transaction, { syncId, outcome: finish.outcome });
    await recordSteps(transaction, { syncId, steps: finish.steps });
  });
}

async function closeSync(sql: Statements, { syncId, finish }: Finished): Promise<void> {
  const { outcome, summary, error, problems, to, at } = finish;
  const closed = await sql`
    update plimsoll.syncs
       set outcome = ${outcome}, summary = ${summary}, finished_at = ${at},
           error_code = ${error?.code ?? null}, error_message = ${error?.message ?? null},
           problems = ${sql.typed.jsonb(problems)},
           to_revision = ${to?.revision ?? null}, to_author = ${to?.author ?? null},
           to_message = ${to?.message ?? null}, to_committed_at = ${to?.committedAt ?? null}
     where id = ${syncId} and outcome is null`;
  if (closed.count === 0) throw alreadyEnded(syncId);
}

async function recordServiceOutcome(
  sql: Statements,
  { syncId, outcome }: { readonly syncId: string; readonly outcome: string },
): Promise<void> {
  await sql`update plimsoll.sync_services set outcome = ${outcome} where sync_id = ${syncId}`;
}

async function listRecentOutcomes(
  sql: Sql,
  { stack, limit }: { readonly stack: Name; readonly limit: number },
): Promise<readonly RecentOutcome[]> {
  return sql<RecentOutcome[]>`
    select outcome, to_revision as "to", error_code, finished_at from plimsoll.syncs
     where stack = ${stack} and outcome is not null
     order by id desc limit ${limit}`;
}

/** Also for an id that never was. */
export function alreadyEnded(syncId: string): SyncError {
  return new SyncError(
    'LeaseLost',
    `Sync ${syncId} has ended already: another worker took the stack over and recorded it as interrupted.`,
    { data: { sync: syncId } },
  );
}
