import { formatResource } from '../../reconciler/model/change.ts';
import { serviceOf, type DriftInterval } from '../../reconciler/model/drift.ts';
import type { DriftBody, DriftPage } from '../../reconciler/model/generated/api.ts';
import { nameOrNull } from './looking.ts';
import { usualPage } from './page.ts';
import type { Parameters } from './question.ts';
import type { Reading } from './reading.ts';

/** What moved without a commit: what differs now, oldest first, or also what is over, newest first. */
export async function readDrift({ world }: Reading, query: Parameters): Promise<DriftPage> {
  const stack = nameOrNull(query.stack);
  const service = nameOrNull(query.service);
  const limit = query.limit ?? usualPage;
  const at = world.clock.now();
  if (query.state !== 'all') {
    const open = (await world.store.openDrift())
      .filter((interval) => stack === null || interval.stack === stack)
      .filter((interval) => service === null || serviceOf(interval.resource) === service)
      .toSorted((a, b) => a.openedAt - b.openedAt);
    return { at, items: open.slice(0, limit).map(driftBody), total: open.length, next: null };
  }
  const items = await world.store.drift({
    limit,
    ...(stack !== null && { stack }),
    ...(service !== null && { service }),
    ...(query.since !== undefined && { since: query.since }),
  });
  return { at, items: items.map(driftBody), total: null, next: null };
}

function driftBody(interval: DriftInterval): DriftBody {
  const { stack, resource, field, kind, because, found, wanted } = interval;
  const { revision, openedAt, seenAt, closedAt, end } = interval;
  const what = { stack, service: serviceOf(resource), resource: formatResource(resource), field };
  return { ...what, kind, because, found, wanted, revision, openedAt, seenAt, closedAt, end };
}
