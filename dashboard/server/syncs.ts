import { SyncError } from '../../reconciler/model/error.ts';
import type { SyncEvent, SyncOutcome, SyncRecord } from '../../reconciler/model/event.ts';
import type {
  SyncBody,
  SyncEventBody,
  SyncPage,
  SyncStateBody,
} from '../../reconciler/model/generated/api.ts';
import { usualPage, type PageQuery } from './page.ts';
import { nameOrNull } from './looking.ts';
import { planBody } from './plans.ts';
import type { Reading } from './reading.ts';

export interface SyncQuery extends PageQuery {
  readonly stack?: string;
  readonly service?: string;
  readonly outcome?: SyncOutcome;
}

/** Attempts, newest first. */
export async function readSyncs({ world }: Reading, query: SyncQuery): Promise<SyncPage> {
  const stack = nameOrNull(query.stack);
  const service = nameOrNull(query.service);
  const { syncs, next } = await world.store.history({
    limit: query.limit ?? usualPage,
    ...(stack !== null && { stack }),
    ...(service !== null && { service }),
    ...(query.outcome !== undefined && { outcome: query.outcome }),
    ...(query.cursor !== undefined && { cursor: query.cursor }),
  });
  return { at: world.clock.now(), items: syncs.map(syncState), total: null, next };
}

/** One attempt in full. */
export async function readSync({ world }: Reading, id: string): Promise<SyncBody> {
  const record = await world.store.sync(id);
  if (record === null) {
    throw new SyncError('RecordNotFound', `There is no sync "${id}". /api/syncs lists them.`);
  }
  const { plan, problems, steps } = record;
  return {
    state: syncState(record),
    problems: [...problems],
    plan: plan === null ? null : planBody(plan, steps),
    events: (await world.store.events(id)).map(eventBody),
  };
}

function syncState(record: SyncRecord): SyncStateBody {
  const { id, stack, trigger, outcome, summary, error, from, to, startedAt, finishedAt, plan } = record;
  const touched = (plan?.changes ?? []).flatMap(({ resource }) =>
    'service' in resource ? [resource.service as string] : [],
  );
  return {
    id,
    stack,
    trigger,
    outcome,
    summary,
    error: error === null ? null : { ...error },
    from,
    to: to === null ? null : { ...to },
    services: [...new Set(touched)].sort(),
    startedAt,
    finishedAt,
  };
}

function eventBody(event: SyncEvent): SyncEventBody {
  const { at, step, kind } = event;
  return { at, step, kind, message: messageOf(event) };
}

function messageOf(event: SyncEvent): string {
  switch (event.kind) {
    case 'stepStarted':
    case 'stepSucceeded':
      return '';
    case 'stepProgress':
    case 'stepFailed':
      return event.message;
    case 'stepSkipped':
      return event.reason;
    default:
      return event satisfies never;
  }
}
