import type { HistoryBounds, Store } from '../model/ports.ts';
import type { Sql } from './connection.ts';

type RetentionStore = Pick<Store, 'dropHistory'>;

/** Removes what nobody will ask for any more. */
export function createRetention(sql: Sql): RetentionStore {
  return {
    async dropHistory(bounds) {
      await deleteLiftedHolds(sql, bounds);
      return deleteSyncs(sql, bounds);
    },
  };
}

/** Oldest first. Steps, events and services go with their attempt. */
async function deleteSyncs(sql: Sql, { before, keepAtLeast, most }: HistoryBounds): Promise<number> {
  const deleted = await sql`
    delete from plimsoll.syncs where id in (
      select id from plimsoll.syncs as old
       where old.finished_at < ${before}
         and (select count(*) from (select from plimsoll.syncs as newer
                                     where newer.stack = old.stack and newer.id > old.id
                                     limit ${keepAtLeast}) as newest) >= ${keepAtLeast}
         and (old.outcome <> 'succeeded'
              or exists (select from plimsoll.syncs as newer
                          where newer.stack = old.stack and newer.outcome = 'succeeded' and newer.id > old.id))
       order by old.id limit ${most})`;
  return deleted.count;
}

async function deleteLiftedHolds(sql: Sql, { before, most }: HistoryBounds): Promise<void> {
  await sql`
    delete from plimsoll.holds where id in (
      select id from plimsoll.holds where lifted_at < ${before} order by id limit ${most})`;
}
