import type { Name, Revision } from '../model/ids.ts';
import type { Head, HeadRecord, Store } from '../model/ports.ts';
import type { Sql, Statements } from './connection.ts';
import { bumped } from './stacks.ts';
import { inTransaction } from './transaction.ts';

type HeadStore = Pick<Store, 'heads' | 'recordHead'>;

/** What each source has, as the last of those who looked found it. */
export function createHeads(sql: Sql): HeadStore {
  return {
    heads: () => listHeads(sql),
    recordHead: (record) => recordHead(sql, record),
  };
}

interface HeadRow {
  readonly source: Name;
  readonly revision: Revision;
  readonly number: number;
}

async function listHeads(sql: Sql): Promise<ReadonlyMap<Name, Head>> {
  const rows = await sql<HeadRow[]>`select source, revision, number from plimsoll.heads order by source`;
  return new Map(rows.map(({ source, revision, number }) => [source, { revision, number }]));
}

async function recordHead(sql: Sql, record: HeadRecord): Promise<boolean> {
  return inTransaction(sql, async (transaction) => {
    const replaced = await (record.after === 0
      ? insertHead(transaction, record)
      : replaceHead(transaction, record));
    if (replaced === null) return false;
    if (replaced !== record.revision) await supersede(transaction, record);
    await askForStacks(transaction, record);
    return true;
  });
}

/** What it was before, empty for nothing; null when somebody else was first. */
async function insertHead(sql: Statements, { source, revision }: HeadRecord): Promise<string | null> {
  const inserted = await sql`
    insert into plimsoll.heads (source, revision, number) values (${source}, ${revision}, 1)
        on conflict do nothing`;
  return inserted.count > 0 ? '' : null;
}

async function replaceHead(sql: Statements, { source, revision, after }: HeadRecord): Promise<string | null> {
  const [replaced] = await sql<{ revision: string }[]>`
    with known as (
      select source, revision from plimsoll.heads where source = ${source} and number = ${after} for update
    )
    update plimsoll.heads set revision = ${revision}, number = number + 1
      from known where heads.source = known.source
    returning known.revision`;
  return replaced?.revision ?? null;
}

async function supersede(sql: Statements, { stacks, at }: HeadRecord): Promise<void> {
  await sql`
    with running as (
      select name from plimsoll.stacks
       where name in (select jsonb_array_elements_text(${sql.typed.jsonb(stacks)})) and lease_expires_at > ${at}
       order by name for update
    )
    update plimsoll.stacks set stop_reason = 'superseded' from running where stacks.name = running.name`;
}

/** In order of name, as everywhere: two who ask at once do not wait for each other in a circle. */
async function askForStacks(sql: Statements, { stacks, trigger, at }: HeadRecord): Promise<void> {
  await sql`
    with asked as (
      select name from plimsoll.stacks
       where name in (select jsonb_array_elements_text(${sql.typed.jsonb(stacks)}))
       order by name for update
    )
    update plimsoll.stacks
       set ${bumped(sql, { trigger, at })}
      from asked where stacks.name = asked.name`;
}
