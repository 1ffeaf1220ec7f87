import type { SyncErrorCode } from '../model/error.ts';
import type { StepRecord, StepResult, StepStatus } from '../model/event.ts';
import type { Statements } from './connection.ts';

interface RecordedSteps {
  readonly syncId: string;
  readonly steps: readonly StepRecord[];
}

/** Replaces what was folded from events so far by the final word, in the order of the plan. */
export async function recordSteps(sql: Statements, { syncId, steps }: RecordedSteps): Promise<void> {
  await deleteSteps(sql, syncId);
  const rows = steps.map((step, index) => ({ ...step, position: index + 1 }));
  await sql`
    insert into plimsoll.steps
      (sync_id, position, step, status, started_at, finished_at, result, error_code, error_message, output,
       reason)
    select ${syncId}, position, step, status, "startedAt", "finishedAt", nullif(result, 'null'::jsonb),
           error ->> 'code', error ->> 'message', output, reason
      from jsonb_to_recordset(${sql.typed.jsonb(rows)})
        as row (position integer, step text, status text, "startedAt" bigint, "finishedAt" bigint,
                result jsonb, error jsonb, output text, reason text)`;
}

async function deleteSteps(sql: Statements, syncId: string): Promise<void> {
  await sql`delete from plimsoll.steps where sync_id = ${syncId}`;
}

/** The steps of these syncs, by sync id, each in the order of the plan. */
export async function readSteps(
  sql: Statements,
  syncIds: readonly string[],
): Promise<ReadonlyMap<string, readonly StepRecord[]>> {
  const rows = await sql<StepRow[]>`
    select sync_id::text, step, status, started_at, finished_at, result, error_code, error_message, output,
           reason
      from plimsoll.steps
     where sync_id in (select value::bigint from jsonb_array_elements_text(${sql.typed.jsonb(syncIds)}))
     order by sync_id, position`;
  const bySync = new Map<string, StepRecord[]>(syncIds.map((id) => [id, []]));
  for (const row of rows) bySync.get(row.syncId)?.push(stepOf(row));
  return bySync;
}

interface StepRow {
  readonly syncId: string;
  readonly step: string;
  readonly status: StepStatus;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly result: StepResult | null;
  readonly errorCode: SyncErrorCode | null;
  readonly errorMessage: string | null;
  readonly output: string;
  readonly reason: string;
}

function stepOf(row: StepRow): StepRecord {
  const { step, status, startedAt, finishedAt, result, errorCode, errorMessage, output, reason } = row;
  const error = errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' };
  return { step, status, startedAt, finishedAt, result, error, output, reason };
}
