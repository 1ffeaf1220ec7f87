import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';

/** Whose networks and volumes the last look saw, so that an event, which carries no labels, finds its stack. */
export interface Owners {
  note(resources: Pick<ObservedState, 'networks' | 'volumes'>): void;
  ownerOf(kind: 'network' | 'volume', name: string): Name | null;
}

export function createOwners(): Owners {
  let owners: ReadonlyMap<string, Name> = new Map();
  return {
    note({ networks, volumes }) {
      owners = new Map([...keyed('network', networks), ...keyed('volume', volumes)]);
    },
    ownerOf: (kind, name) => owners.get(`${kind} ${name}`) ?? null,
  };
}

function keyed(
  kind: string,
  resources: readonly Pick<ObservedState['volumes'][number], 'name' | 'ownership'>[],
): readonly (readonly [string, Name])[] {
  return resources.flatMap(({ name, ownership }) =>
    ownership === null ? [] : [[`${kind} ${name}`, ownership.stack] as const],
  );
}
