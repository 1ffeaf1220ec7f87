import type { StepRecord, SyncEvent } from '../model/event.ts';
import type { Store } from '../model/ports.ts';
import type { Sql } from './connection.ts';
import { alreadyEnded } from './syncs.ts';

type EventStore = Pick<Store, 'recordEvent' | 'events'>;

/** What happened while a plan was applied, and the fold of it into the plan's steps, written together. */
export function createEvents(sql: Sql): EventStore {
  return {
    recordEvent: (syncId, event) => insertEvent(sql, { syncId, event }),
    events: (syncId) => listEvents(sql, syncId),
  };
}

interface Recorded {
  readonly syncId: string;
  readonly event: SyncEvent;
}

async function insertEvent(sql: Sql, { syncId, event }: Recorded): Promise<void> {
  const { status, startedAt, finishedAt, result, error, output, reason } = stepAfter(event);
  const [row] = await sql<{ inserted: number }[]>`
    with running as (
      select id from plimsoll.syncs where id = ${syncId} and outcome is null for key share
    ), moved as (
      update plimsoll.steps
         set status = coalesce(${status ?? null}, status),
             started_at = coalesce(${startedAt ?? null}, started_at),
             finished_at = coalesce(${finishedAt ?? null}, finished_at),
             result = coalesce(${sql.typed.jsonb(result ?? null)}, result),
             error_code = coalesce(${error?.code ?? null}, error_code),
             error_message = coalesce(${error?.message ?? null}, error_message),
             output = coalesce(${output ?? null}, output),
             reason = coalesce(${reason ?? null}, reason)
       where sync_id = (select id from running) and step = ${event.step}
    ), inserted as (
      insert into plimsoll.events (sync_id, event)
      select id, ${sql.typed.jsonb(event)} from running
      returning id
    )
    select count(*)::integer as inserted from inserted`;
  if (row?.inserted !== 1) throw alreadyEnded(syncId);
}

/** The fields of a step that an event moves. */
function stepAfter(event: SyncEvent): Partial<StepRecord> {
  switch (event.kind) {
    case 'stepStarted':
      return { status: 'running', startedAt: event.at };
    case 'stepProgress':
      return {};
    case 'stepSucceeded':
      return { status: 'succeeded', finishedAt: event.at, result: event.result };
    case 'stepFailed':
      return {
        status: 'failed',
        finishedAt: event.at,
        error: { code: event.code, message: event.message },
        output: event.output,
      };
    case 'stepSkipped':
      return { status: 'skipped', finishedAt: event.at, reason: event.reason };
    default:
      return event satisfies never;
  }
}

async function listEvents(sql: Sql, syncId: string): Promise<readonly SyncEvent[]> {
  const rows = await sql<{ event: SyncEvent }[]>`
    select event from plimsoll.events where sync_id::text = ${syncId} order by id`;
  return rows.map(({ event }) => event);
}
