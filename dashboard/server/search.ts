import type { HitBody, SearchPage } from '../../reconciler/model/generated/api.ts';
import type { Reading } from './reading.ts';
import { serviceStates } from './states.ts';
import { pageOf, type PageQuery } from './page.ts';

export interface SearchQuery extends PageQuery {
  readonly q: string;
}

/** Stacks by name and source; services by name, image and owner; attempts by their id. Any case. */
export async function search(reading: Reading, query: SearchQuery): Promise<SearchPage> {
  const { world } = reading;
  const wanted = query.q.trim().toLowerCase();
  const matches = (text: string): boolean => text.toLowerCase().includes(wanted);
  const stacks = world.statuses.all().flatMap(({ stack, source }): HitBody[] => {
    const text = [stack, source].find(matches);
    return text === undefined ? [] : [{ kind: 'stack', stack, service: null, sync: null, text }];
  });
  const services = serviceStates(world).flatMap(({ stack, service, image, owner }): HitBody[] => {
    const text = [service, image, owner ?? ''].find(matches);
    return text === undefined ? [] : [{ kind: 'service', stack, service, sync: null, text }];
  });
  const record = await world.store.sync(wanted);
  const syncs: readonly HitBody[] =
    record === null
      ? []
      : [{ kind: 'sync', stack: record.stack, service: null, sync: record.id, text: record.summary }];
  return pageOf([...syncs, ...stacks, ...services], query, { at: world.clock.now(), keyOf });
}

const kindOrder = { sync: '0', stack: '1', service: '2' } as const;

function keyOf({ kind, stack, service, sync }: HitBody): string {
  return [kindOrder[kind], stack, service ?? '', sync ?? ''].join('/');
}
