import type { Name } from '../model/ids.ts';
import type { Store } from '../model/ports.ts';
import type { StackStatus } from '../model/status.ts';
import type { Sql } from './connection.ts';

type StatusStore = Pick<Store, 'statuses' | 'recordStatus'>;

/** The latest status of each stack. */
export function createStatuses(sql: Sql): StatusStore {
  return {
    statuses: (stacks) => listStatuses(sql, stacks ?? null),
    recordStatus: (status) => recordStatus(sql, status),
  };
}

/** A stack that left its source and owns nothing any more is history, no longer a status. */
async function listStatuses(sql: Sql, stacks: readonly Name[] | null): Promise<readonly StackStatus[]> {
  const wanted =
    stacks === null
      ? sql``
      : sql`stack in (select jsonb_array_elements_text(${sql.typed.jsonb(stacks)})) and`;
  const rows = await sql<{ status: StackStatus }[]>`
    select status from plimsoll.statuses
     where ${wanted} not exists (select from plimsoll.stacks where name = stack and membership = 'retired')
     order by stack`;
  return rows.map(({ status }) => status);
}

async function recordStatus(sql: Sql, status: StackStatus): Promise<void> {
  await sql`
    insert into plimsoll.statuses (stack, status) values (${status.stack}, ${sql.typed.jsonb(status)})
        on conflict (stack) do update set status = excluded.status`;
}
