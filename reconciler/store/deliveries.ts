import type {
  DeliveryBegin,
  DeliveryFinish,
  DeliveryQuery,
  DeliveryRecord,
  DeliveryStore,
  DeliveryTally,
} from '../model/delivery.ts';
import type { Sql } from './connection.ts';

/** After so long without an end, the process that began a delivery has died. */
const abandonedAfterMs = 60_000;
const hourMs = 3_600_000;

/** What came in over webhooks. */
export function createDeliveries(sql: Sql): DeliveryStore {
  return {
    beginDelivery: (begin) => beginDelivery(sql, begin),
    finishDelivery: (which, finish) => finishDelivery(sql, which, finish),
    recordTally: (tally) => addTally(sql, tally),
    deliveries: (query) => listDeliveries(sql, query),
    dropDeliveries: (limits) => dropDeliveries(sql, limits),
  };
}

async function beginDelivery(sql: Sql, begin: DeliveryBegin): Promise<boolean> {
  if (await insertDelivery(sql, begin)) return true;
  if (await reopenDelivery(sql, begin)) return true;
  await countRepeat(sql, begin);
  return false;
}

/**
 * The statement does not wait until the disk has it: whoever sends waits for the answer, and a delivery that a falling
 * machine forgot would merely make us look once more.
 */
function unhurried(sql: Sql) {
  return sql`unhurried as (select set_config('synchronous_commit', 'off', true))`;
}

async function insertDelivery(
  sql: Sql,
  { receiver, delivery, event, hint, sender, receivedAt }: DeliveryBegin,
): Promise<boolean> {
  const rows = await sql`
    with ${unhurried(sql)}
    insert into plimsoll.deliveries (receiver, delivery, event, hint, sender, received_at)
    select ${receiver}, ${delivery}, ${event}, ${hint}, ${sender}, ${receivedAt} from unhurried
        on conflict (receiver, delivery) do nothing
    returning id`;
  return rows.length === 1;
}

async function reopenDelivery(
  sql: Sql,
  { receiver, delivery, sender, receivedAt }: DeliveryBegin,
): Promise<boolean> {
  const rows = await sql`
    update plimsoll.deliveries
       set result = null, reason = '', duration_ms = null, sender = ${sender}, received_at = ${receivedAt}
     where receiver = ${receiver} and delivery = ${delivery}
       and (result = 'failed' or (result is null and received_at < ${receivedAt - abandonedAfterMs}))
    returning id`;
  return rows.length === 1;
}

async function countRepeat(sql: Sql, { receiver, delivery }: DeliveryBegin): Promise<void> {
  await sql`
    update plimsoll.deliveries set repeats = repeats + 1
     where receiver = ${receiver} and delivery = ${delivery}`;
}

async function finishDelivery(
  sql: Sql,
  { receiver, delivery }: Pick<DeliveryRecord, 'receiver' | 'delivery'>,
  { result, reason, durationMs }: DeliveryFinish,
): Promise<void> {
  await sql`
    with ${unhurried(sql)}
    update plimsoll.deliveries set result = ${result}, reason = ${reason}, duration_ms = ${Math.round(durationMs)}
      from unhurried
     where receiver = ${receiver} and delivery = ${delivery} and result is null`;
}

/** One row an hour for each reason, so that nobody can fill the table. */
async function addTally(
  sql: Sql,
  { receiver, result, code, event, reason, sender, count, at }: DeliveryTally,
): Promise<void> {
  const delivery = `${result} ${code} ${Math.floor(at / hourMs)}`;
  await sql`
    insert into plimsoll.deliveries as known (receiver, delivery, event, result, reason, sender, received_at, repeats)
    values (${receiver}, ${delivery}, ${event}, ${result}, ${reason}, ${sender}, ${at}, ${count - 1})
        on conflict (receiver, delivery) do update
       set repeats = known.repeats + ${count}, received_at = excluded.received_at, sender = excluded.sender,
           event = excluded.event, reason = excluded.reason`;
}

async function listDeliveries(
  sql: Sql,
  {
    receiver = null,
    limit,
  }: { readonly receiver?: DeliveryQuery['receiver'] | null; readonly limit: number },
): Promise<readonly DeliveryRecord[]> {
  return sql<DeliveryRecord[]>`
    select receiver, delivery, event, result, reason, hint, sender, received_at, duration_ms, repeats
      from plimsoll.deliveries
     where ${receiver}::text is null or receiver = ${receiver}
     order by received_at desc, id desc
     limit ${limit}`;
}

async function dropDeliveries(
  sql: Sql,
  { before, keep }: { readonly before: number; readonly keep: number },
): Promise<void> {
  await sql`
    delete from plimsoll.deliveries
     where received_at < ${before}
        or id in (select id from plimsoll.deliveries order by received_at desc, id desc offset ${keep})`;
}
