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
  /** Our containers on it, of every stack. */
  readonly attached: readonly ObservedContainer[];
}

export interface NetworkLeftover {
  /** What the manifests called it. */
  readonly name: Name;
  readonly observed: ObservedNetwork;
  readonly isInInventory: boolean;
  readonly attached: readonly ObservedContainer[];
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
  const attachedTo = (engineName: string): readonly ObservedContainer[] =>
    lookup.attached.get(engineName) ?? [];
  return {
    wanted: networks
      .map((network) => ({
        ...readNetwork(network, { name }, lookup),
        attached: attachedTo(network.engineName),
        isInInventory: owned.has(network.engineName),
      }))
      .sort((a, b) => compareText(a.network.name, b.network.name)),
    leftovers: [...lookup.networks.values()]
      .flatMap((observed) => {
        const { ownership } = observed;
        if (ownership?.stack !== name || wanted.has(observed.name)) return [];
        const isInInventory = owned.has(observed.name);
        return [{ name: ownership.resource, observed, isInInventory, attached: attachedTo(observed.name) }];
      })
      .sort((a, b) => compareText(a.observed.name, b.observed.name)),
  };
}

function readNetwork(
  network: DesiredNetwork,
  stack: Pick<DesiredStack, 'name'>,
  { networks }: Lookup,
): Omit<NetworkReading, 'attached' | 'isInInventory'> {
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
 * nobody asked for are the engine's (`default-network-opts`, automatic pools) and prove nothing.
 */
function compareNetwork(desired: DesiredNetwork, observed: ObservedNetwork): readonly Difference[] {
  return [
    ...differencesAt('driver', observed.driver, desired.driver ?? 'bridge'),
    ...differencesAt('options', only(observed.options, desired.options), desired.options),
    ...differencesAt('labels', observed.labels, desired.labels),
    ...differencesAt('internal', observed.internal, desired.internal),
    ...differencesAt('attachable', observed.attachable, desired.attachable),
    ...differencesAt('enable_ipv6', observed.enableIpv6, desired.enableIpv6),
    ...(desired.ipam === null ? [] : compareIpam(desired.ipam, observed.ipam)),
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
