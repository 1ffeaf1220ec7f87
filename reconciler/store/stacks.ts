import { SyncError } from '../model/error.ts';
import type { Trigger } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { KnownStack, Registration, Store, Wish } from '../model/ports.ts';
import type { Sql, Statements } from './connection.ts';
import { strengthOf } from './triggers.ts';
import { inTransaction } from './transaction.ts';

type StackStore = Pick<
  Store,
  | 'followSources'
  | 'registerStacks'
  | 'settleStack'
  | 'knownStacks'
  | 'requestSync'
  | 'dueStacks'
  | 'nextDueAt'
>;

/** Which stacks there are, and which generation of each is asked for. */
export function createStacks(sql: Sql): StackStore {
  return {
    followSources: (sources) => claimSources(sql, sources),
    registerStacks: (source, stacks) => registerStacks(sql, { source, stacks }),
    settleStack: (stack, source) => settleStack(sql, { stack, source }),
    knownStacks: () => listKnown(sql),
    requestSync: (stack, wish, at) => bumpGeneration(sql, { stack, at, ...wishOf(wish) }),
    dueStacks: (at) => listDue(sql, at),
    nextDueAt: () => earliestDue(sql),
  };
}

async function claimSources(sql: Sql, sources: readonly Name[]): Promise<void> {
  await sql`
    update plimsoll.stacks set claimed = ${sql.typed.jsonb(sources)} ? source
     where claimed <> ${sql.typed.jsonb(sources)} ? source`;
}

interface Claim {
  readonly source: Name;
  readonly stacks: readonly Name[];
}

async function registerStacks(sql: Sql, claim: Claim): Promise<Registration> {
  return inTransaction(sql, async (transaction) => {
    await claimStacks(transaction, claim);
    await refuseForeignStacks(transaction, claim);
    await markAbsent(transaction, claim);
    const { source } = claim;
    return { absent: await listAbsent(transaction, source), taken: await listTaken(transaction, source) };
  });
}

/** In order of name, so that two sources which register at once cannot wait for each other in a circle. */
async function claimStacks(sql: Statements, { source, stacks }: Claim): Promise<void> {
  await sql`
    insert into plimsoll.stacks as known (name, source, settled_source)
    select value, ${source}, ${source} from jsonb_array_elements_text(${sql.typed.jsonb(stacks)})
     order by value collate "C"
        on conflict (name) do update set source = ${source}, claimed = true, membership = 'present',
                   settled_source = case when known.membership = 'retired' then ${source}
                                         else known.settled_source end
     where (known.source, known.claimed, known.membership) <> (${source}, true, 'present')
       and (known.source = ${source} or not known.claimed or known.membership <> 'present')`;
}

async function refuseForeignStacks(sql: Statements, { source, stacks }: Claim): Promise<void> {
  const [taken] = await sql<{ name: Name; source: Name }[]>`
    select name, source from plimsoll.stacks
     where ${sql.typed.jsonb(stacks)} ? name and source <> ${source}
     order by name limit 1`;
  if (taken === undefined) return;
  throw nameTaken({ stack: taken.name, source, holder: taken.source });
}

export interface Rivalry {
  readonly stack: Name;
  readonly source: Name;
  /** The source that has the name. */
  readonly holder: Name;
}

export function nameTaken({ stack, source, holder }: Rivalry): SyncError {
  return new SyncError(
    'NameTaken',
    `Stack ${stack} of source ${source} is already deployed from source ${holder}; ` +
      `rename it in one of the two, or remove it from ${holder} first. Where ${holder} is no longer followed, ` +
      "start the daemon with the operator's file that says so: that frees the name.",
    { data: { stack, source, holder } },
  );
}

async function markAbsent(sql: Statements, { source, stacks }: Claim): Promise<void> {
  await sql`
    update plimsoll.stacks set membership = 'absent'
     where source = ${source} and membership = 'present' and not ${sql.typed.jsonb(stacks)} ? name`;
}

async function listAbsent(sql: Statements, source: Name): Promise<readonly Name[]> {
  const rows = await sql<{ name: Name }[]>`
    select name from plimsoll.stacks where source = ${source} and membership = 'absent' order by name`;
  return rows.map(({ name }) => name);
}

async function listTaken(sql: Statements, source: Name): Promise<ReadonlyMap<Name, Name>> {
  const rows = await sql<{ name: Name; settledSource: Name }[]>`
    select name, settled_source from plimsoll.stacks
     where source = ${source} and settled_source <> ${source} and membership <> 'retired' order by name`;
  return new Map(rows.map(({ name, settledSource }) => [name, settledSource]));
}

interface Settlement {
  readonly stack: Name;
  readonly source: Name;
}

/** A source that lost the stack meanwhile settles nothing. */
async function settleStack(sql: Sql, { stack, source }: Settlement): Promise<void> {
  await sql`update plimsoll.stacks set settled_source = ${source} where name = ${stack} and source = ${source}`;
}

async function listKnown(sql: Sql): Promise<readonly KnownStack[]> {
  return sql<KnownStack[]>`
    select name, source, settled_source, claimed as is_followed, membership = 'present' as is_present,
           case when requested_generation > observed_generation then due_at end as due_at
      from plimsoll.stacks where membership <> 'retired' order by name`;
}

function wishOf(wish: Trigger | Wish): Wish {
  return typeof wish === 'string' ? { trigger: wish, approvals: [] } : wish;
}

interface Bump extends Wish {
  readonly stack: Name;
  readonly at: number;
}

async function bumpGeneration(sql: Sql, { stack, trigger, at, approvals }: Bump): Promise<number | null> {
  const [row] = await sql<{ requestedGeneration: number }[]>`
    update plimsoll.stacks
       set requested_approvals = requested_approvals || ${sql.typed.jsonb(approvals)},
           ${bumped(sql, { trigger, at })}
     where name = ${stack}
    returning requested_generation`;
  return row?.requestedGeneration ?? null;
}

/** The first bump after a lease was taken waits from now on; a later one never postpones an earlier one. */
export function bumped(sql: Statements, { trigger, at }: Pick<Bump, 'trigger' | 'at'>) {
  return sql`
    requested_generation = requested_generation + 1,
    requested_trigger = greatest(requested_trigger, ${strengthOf(trigger)}::smallint),
    due_at = case when requested_generation = coalesce(leased_generation, observed_generation)
                  then ${at}::bigint
                  else least(due_at, ${at}::bigint) end`;
}

async function listDue(sql: Sql, at: number): Promise<readonly Name[]> {
  const rows = await sql<{ name: Name }[]>`
    select name from plimsoll.stacks
     where requested_generation > observed_generation
       and due_at <= ${at}
       and (lease_expires_at is null or lease_expires_at <= ${at})
     order by due_at, name`;
  return rows.map(({ name }) => name);
}

async function earliestDue(sql: Sql): Promise<number | null> {
  const [row] = await sql<{ at: number | null }[]>`
    select min(greatest(due_at, lease_expires_at)) as at from plimsoll.stacks
     where requested_generation > observed_generation`;
  return row?.at ?? null;
}
