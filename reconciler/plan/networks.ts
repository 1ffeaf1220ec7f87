import type { DesiredNetwork, DesiredStack, Ipam, IpamPool } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer, ObservedNetwork } from '../model/observed.ts';
import type { InventoryItem } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import { isSameAddress } from './addresses.ts';
import { differencesAt, type Difference } from './difference.ts';
import type { Lookup } from './lookup.ts';

export interface NetworkSurvey {
  /** By name. */
  readonly wanted: readonly NetworkReading[];
  /** Ours and no longer wanted, by engine name. */
  readonly leftovers: readonly NetworkLeftover[];
}

export interface NetworkReading {
  readonly network: DesiredNetwork;
  readonly observed: ObservedNetwork | null;
  /** `taken`: something that is not this stack's bears the name. */
  readonly condition: 'present' | 'missing' | 'changed' | 'taken';
  readonly differences: readonly Difference[];
  /** It was there once. */
  readonly isInInventory: boolean;
  /** This stack's containers on it. */
  readonly attached: readonly ObservedContainer[];
  /** Names of all others on it, which are not this stack's to move. */
  readonly guests: readonly string[];
}

export interface NetworkLeftover {
  /** What the manifests called it. */
  readonly name: Name;
  readonly observed: ObservedNetwork;
  readonly isInInventory: boolean;
  readonly attached: readonly ObservedContainer[];
  readonly guests: readonly string[];
}

export function surveyNetworks(
  { name, networks }: DesiredStack,
  lookup: Lookup,
  inventory: readonly InventoryItem[],
): NetworkSurvey {
  const wanted = new Set(networks.map(({ engineName }) => engineName));
  const owned = new Set(
    inventory.filter(({ kind }) => kind === 'network').map(({ engineName }) => engineName),
  );
  return {
    wanted: networks
      .map((network) => ({
        ...readNetwork(network, { name }, lookup),
        ...membersOf(network.engineName, name, lookup),
        isInInventory: owned.has(network.engineName),
      }))
      .sort((a, b) => compareText(a.network.name, b.network.name)),
    leftovers: [...lookup.networks.values()]
      .flatMap((observed) => {
        const { ownership } = observed;
        if (ownership?.stack !== name || wanted.has(observed.name)) return [];
        const isInInventory = owned.has(observed.name);
        const members = membersOf(observed.name, name, lookup);
        return [{ name: ownership.resource, observed, isInInventory, ...members }];
      })
      .sort((a, b) => compareText(a.observed.name, b.observed.name)),
  };
}

function membersOf(
  network: string,
  stack: Name,
  { attached, strangersOn }: Lookup,
): Pick<NetworkReading, 'attached' | 'guests'> {
  const ours = attached.get(network) ?? [];
  const others = ours.filter(({ ownership }) => ownership.stack !== stack).map(({ name }) => name);
  return {
    attached: ours.filter(({ ownership }) => ownership.stack === stack),
    guests: [...others, ...(strangersOn.get(network) ?? [])].sort(compareText),
  };
}

/** `foo and bar`, `foo, bar and 3 more`. */
export function listGuests(guests: readonly string[]): string {
  const rest = guests.length - shownGuests;
  if (rest > 0) return `${guests.slice(0, shownGuests).join(', ')} and ${rest} more`;
  return guests.length < 2 ? guests.join('') : `${guests.slice(0, -1).join(', ')} and ${guests.at(-1) ?? ''}`;
}

const shownGuests = 4;

function readNetwork(
  network: DesiredNetwork,
  stack: Pick<DesiredStack, 'name'>,
  { networks }: Lookup,
): Omit<NetworkReading, 'attached' | 'guests' | 'isInInventory'> {
  const observed = networks.get(network.engineName) ?? null;
  if (observed === null) return { network, observed, condition: 'missing', differences: [] };
  if (network.external) return { network, observed, condition: 'present', differences: [] };
  if (observed.ownership?.stack !== stack.name)
    return { network, observed, condition: 'taken', differences: [] };
  const differences = compareNetwork(network, observed);
  return { network, observed, condition: differences.length === 0 ? 'present' : 'changed', differences };
}

/**
 * Nothing of a network can be changed, so a difference is a different definition. Options and address pools that
 * nobody ever asked for are the engine's (`default-network-opts`, automatic pools) and prove nothing.
 */
function compareNetwork(desired: DesiredNetwork, observed: ObservedNetwork): readonly Difference[] {
  return [
    ...differencesAt('driver', observed.driver, desired.driver ?? 'bridge'),
    ...compareOptions(observed.options, desired.options, observed.said?.options),
    ...differencesAt('labels', observed.labels, desired.labels),
    ...differencesAt('internal', observed.internal, desired.internal),
    ...differencesAt('attachable', observed.attachable, desired.attachable),
    ...differencesAt('enable_ipv6', observed.enableIpv6, desired.enableIpv6),
    ...(desired.ipam === null ? [] : compareIpam(desired.ipam, observed.ipam)),
    ...(observed.said?.pools ?? []).flatMap((pool) => takenBack(pool, desired.ipam)),
  ];
}

/** Of the options that are there, those count that are wanted, and those that were once. */
export function compareOptions(
  observed: Readonly<Record<string, string>>,
  desired: Readonly<Record<string, string>>,
  said: readonly string[] = [],
): readonly Difference[] {
  const meant = { ...Object.fromEntries(said.map((option) => [option, ''])), ...desired };
  return differencesAt('options', only(observed, meant), desired);
}

/** What was asked for and is no longer said: the engine would choose it now. */
function takenBack(said: IpamPool, desired: Ipam | null): readonly Difference[] {
  const path = `ipam.pools.${said.subnet}`;
  const wanted = desired?.pools.find(({ subnet }) => isSameAddress(subnet, said.subnet));
  if (wanted === undefined) return differencesAt(path, said, undefined);
  const lost = Object.entries(said.auxAddresses).filter(([key]) => !(key in wanted.auxAddresses));
  return [
    ...(wanted.gateway === null ? differencesAt(`${path}.gateway`, said.gateway, null) : []),
    ...(wanted.ipRange === null ? differencesAt(`${path}.ip_range`, said.ipRange, null) : []),
    ...lost.flatMap(([key, address]) => differencesAt(`${path}.aux_addresses.${key}`, address, undefined)),
  ];
}

function compareIpam(desired: Ipam, observed: Ipam): readonly Difference[] {
  return [
    ...differencesAt('ipam.driver', observed.driver ?? 'default', desired.driver ?? 'default'),
    ...desired.pools.flatMap((pool) => comparePool(pool, observed.pools)),
  ];
}

function comparePool(desired: IpamPool, pools: readonly IpamPool[]): readonly Difference[] {
  const path = `ipam.pools.${desired.subnet}`;
  const observed = pools.find(({ subnet }) => isSameAddress(subnet, desired.subnet));
  if (observed === undefined) return differencesAt(path, undefined, desired);
  return [
    ...compareAddress(`${path}.gateway`, observed.gateway, desired.gateway),
    ...compareAddress(`${path}.ip_range`, observed.ipRange, desired.ipRange),
    ...differencesAt(
      `${path}.aux_addresses`,
      only(observed.auxAddresses, desired.auxAddresses),
      desired.auxAddresses,
    ),
  ];
}

function compareAddress(
  path: string,
  observed: string | null,
  desired: string | null,
): readonly Difference[] {
  if (desired === null || (observed !== null && isSameAddress(observed, desired))) return [];
  return differencesAt(path, observed, desired);
}

/** The entries that the other record has too. */
export function only(
  record: Readonly<Record<string, string>>,
  of: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key in of));
}
