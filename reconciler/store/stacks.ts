import { SyncError } from '../model/error.ts';
import type { Trigger } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Store } from '../model/ports.ts';
import type { Sql, Statements } from './connection.ts';
import { strengthOf } from './triggers.ts';

type StackStore = Pick<Store, 'followSources' | 'registerStacks' | 'requestSync' | 'dueStacks' | 'nextDueAt'>;

/** Which stacks there are, and which generation of each is asked for. */
export function createStacks(sql: Sql): StackStore {
  return {
    followSources: (sources) => claimSources(sql, sources),
    registerStacks: (source, stacks) => registerStacks(sql, { source, stacks }),
    requestSync: (stack, trigger, at) => bumpGeneration(sql, { stack, trigger, at }),
    dueStacks: (at) => listDue(sql, at),
    nextDueAt: () => earliestDue(sql),
  };
}

async function claimSources(sql: Sql, sources: readonly Name[]): Promise<void> {
  await sql`
    update plimsoll.stacks set claimed = ${sql.typed.jsonb(sources)} ? source
     where claimed <> ${sql.typed.jsonb(sources)} ? source`;
}

interface Registration {
  readonly source: Name;
  readonly stacks: readonly Name[];
}

async function registerStacks(
  sql: Sql,
  registration: Registration,
): Promise<{ readonly absent: readonly Name[] }> {
  return sql.begin(async (transaction) => {
    await claimStacks(transaction, registration);
    await refuseForeignStacks(transaction, registration);
    await markAbsent(transaction, registration);
    return { absent: await listAbsent(transaction, registration.source) };
  });
}

/** In order of name, so that two sources which register at once cannot wait for each other in a circle. */
async function claimStacks(sql: Statements, { source, stacks }: Registration): Promise<void> {
  await sql`
    insert into plimsoll.stacks as known (name, source)
    select value, ${source} from jsonb_array_elements_text(${sql.typed.jsonb(stacks)})
     order by value collate "C"
        on conflict (name) do update set source = ${source}, claimed = true, membership = 'present'
     where (known.source, known.claimed, known.membership) <> (${source}, true, 'present')
       and (known.source = ${source} or not known.claimed or known.membership <> 'present')`;
}

async function refuseForeignStacks(sql: Statements, { source, stacks }: Registration): Promise<void> {
  const [taken] = await sql<{ name: Name; source: Name }[]>`
    select name, source from plimsoll.stacks
     where ${sql.typed.jsonb(stacks)} ? name and source <> ${source}
     order by name limit 1`;
  if (taken === undefined) return;
  throw new SyncError(
    'NameTaken',
    `Stack ${taken.name} of source ${source} is already deployed from source ${taken.source}; ` +
      `rename it in one of the two, or remove it from ${taken.source} first.`,
    { data: { stack: taken.name, source, holder: taken.source } },
  );
}

async function markAbsent(sql: Statements, { source, stacks }: Registration): Promise<void> {
  await sql`
    update plimsoll.stacks set membership = 'absent'
     where source = ${source} and membership = 'present' and not ${sql.typed.jsonb(stacks)} ? name`;
}

async function listAbsent(sql: Statements, source: Name): Promise<readonly Name[]> {
  const rows = await sql<{ name: Name }[]>`
    select name from plimsoll.stacks where source = ${source} and membership = 'absent' order by name`;
  return rows.map(({ name }) => name);
}

interface Bump {
  readonly stack: Name;
  readonly trigger: Trigger;
  readonly at: number;
}

/** The first bump after a lease was taken waits from now on; a later one never postpones an earlier one. */
async function bumpGeneration(sql: Sql, { stack, trigger, at }: Bump): Promise<number | null> {
  const [row] = await sql<{ requestedGeneration: number }[]>`
    update plimsoll.stacks
       set requested_generation = requested_generation + 1,
           requested_trigger = greatest(requested_trigger, ${strengthOf(trigger)}::smallint),
           due_at = case when requested_generation = coalesce(leased_generation, observed_generation)
                         then ${at}::bigint
                         else least(due_at, ${at}::bigint) end
     where name = ${stack}
    returning requested_generation`;
  return row?.requestedGeneration ?? null;
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
