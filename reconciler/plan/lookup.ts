import type { Name } from '../model/ids.ts';
import type {
  ObservedContainer,
  ObservedNetwork,
  ObservedState,
  ObservedVolume,
  Stranger,
} from '../model/observed.ts';
import { compareText } from '../model/problem.ts';
import { renamedContainers, type RenamedContainer } from './renamed.ts';
import { holdersOf, type PortHolders } from './ports.ts';

/** The questions that planning asks of a snapshot, answered without looking through it again. */
export interface Lookup {
  /** Containers of each service of a stack, sorted by name. */
  readonly services: ReadonlyMap<Name, ReadonlyMap<Name, readonly ObservedContainer[]>>;
  readonly byId: ReadonlyMap<string, ObservedContainer>;
  readonly byName: ReadonlyMap<string, ObservedContainer>;
  readonly strangers: ReadonlyMap<string, Stranger>;
  /** By engine name; of several of one name, one of ours before any other. */
  readonly networks: ReadonlyMap<string, ObservedNetwork>;
  readonly volumes: ReadonlyMap<string, ObservedVolume>;
  /** By engine name: our containers that are attached, sorted by name. */
  readonly attached: ReadonlyMap<string, readonly ObservedContainer[]>;
  /** By engine name: names of containers on it that are not ours, sorted. */
  readonly strangersOn: ReadonlyMap<string, readonly string[]>;
  /** By the name that it should have: who was ours until it was renamed. */
  readonly renamed: ReadonlyMap<string, RenamedContainer>;
  readonly ports: PortHolders;
}

type Things = Pick<ObservedState, 'containers' | 'strangers' | 'networks' | 'volumes'>;

/** A snapshot is planned against once for each stack, and never changes; two looks that found the same share its parts. */
const lookups = new WeakMap<ObservedState['containers'], { readonly of: Things; readonly lookup: Lookup }>();

export function lookupOf(observed: ObservedState): Lookup {
  const known = lookups.get(observed.containers);
  if (known !== undefined && isSameThings(known.of, observed)) return known.lookup;
  const { containers, strangers, networks, volumes } = observed;
  const lookup = createLookup(observed);
  lookups.set(containers, { of: { containers, strangers, networks, volumes }, lookup });
  return lookup;
}

function isSameThings(left: Things, right: Things): boolean {
  return (
    left.strangers === right.strangers && left.networks === right.networks && left.volumes === right.volumes
  );
}

function createLookup(observed: ObservedState): Lookup {
  const containers = observed.containers.toSorted((a, b) => compareText(a.name, b.name));
  return {
    services: byService(containers),
    byId: new Map(containers.map((container) => [container.id, container])),
    byName: new Map(containers.map((container) => [container.name, container])),
    strangers: new Map(observed.strangers.map((stranger) => [stranger.name, stranger])),
    networks: new Map(observed.networks.toSorted(oursLast).map((network) => [network.name, network])),
    volumes: new Map(observed.volumes.map((volume) => [volume.name, volume])),
    attached: byNetwork(containers),
    strangersOn: strangersByNetwork(observed.strangers),
    renamed: renamedContainers(observed),
    ports: holdersOf(containers, observed.strangers),
  };
}

function byService(containers: readonly ObservedContainer[]): Lookup['services'] {
  const stacks = new Map<Name, Map<Name, ObservedContainer[]>>();
  for (const container of containers) {
    const { stack, resource } = container.ownership;
    const services = stacks.get(stack) ?? new Map<Name, ObservedContainer[]>();
    stacks.set(stack, services);
    const instances = services.get(resource) ?? [];
    services.set(resource, instances);
    instances.push(container);
  }
  return stacks;
}

function byNetwork(containers: readonly ObservedContainer[]): Lookup['attached'] {
  const attached = new Map<string, ObservedContainer[]>();
  for (const container of containers) {
    for (const network of Object.keys(container.spec.networks)) {
      const members = attached.get(network) ?? [];
      attached.set(network, members);
      members.push(container);
    }
  }
  return attached;
}

function strangersByNetwork(strangers: readonly Stranger[]): Lookup['strangersOn'] {
  const found = new Map<string, string[]>();
  for (const { name, networks } of strangers) {
    for (const network of networks) {
      const names = found.get(network) ?? [];
      found.set(network, names);
      names.push(name);
    }
  }
  for (const names of found.values()) names.sort();
  return found;
}

/** A map keeps the last of equal keys. */
function oursLast(a: ObservedNetwork, b: ObservedNetwork): number {
  return Number(a.ownership !== null) - Number(b.ownership !== null) || compareText(b.id, a.id);
}
