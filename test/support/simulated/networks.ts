import type { EndpointAnswer, IpamSetting, NetworkAnswer } from '../../../reconciler/docker/wire.ts';
import type { SimulatedContainer, SimulatedHost, SimulatedNetwork } from './host.ts';
import { isUp, type Happening } from './lookup.ts';
import { Refusal } from './refusal.ts';

export interface NetworkBody extends Partial<NetworkAnswer> {
  readonly Name: string;
  readonly CheckDuplicate?: boolean;
}

export function createNetwork(host: SimulatedHost, body: NetworkBody): SimulatedNetwork {
  const mustBeAlone = body.CheckDuplicate === true || Number(host.apiVersion.split('.')[1]) >= 44;
  if (mustBeAlone && [...host.networks.values()].some(({ Name }) => Name === body.Name)) {
    throw new Refusal(409, `network with name ${body.Name} already exists`);
  }
  const asked = body.IPAM?.Config ?? [];
  refuseOverlap(host, asked);
  const network: SimulatedNetwork = {
    Id: host.random.hex(64),
    Name: body.Name,
    Driver: body.Driver || 'bridge',
    Options: body.Options ?? {},
    Labels: body.Labels ?? {},
    Internal: body.Internal ?? false,
    Attachable: body.Attachable ?? false,
    EnableIPv6: body.EnableIPv6 ?? false,
    IPAM: { Driver: body.IPAM?.Driver || 'default', Config: asked.length > 0 ? asked : [freePool(host)] },
    isBuiltIn: false,
  };
  host.networks.set(network.Id, network);
  tellOf(host, network, { action: 'create' });
  return network;
}

/** Pools overlap here when they are the same. */
function refuseOverlap(host: SimulatedHost, asked: readonly IpamSetting[]): void {
  const taken = new Set([...host.networks.values()].flatMap(subnetsOf));
  if (asked.some(({ Subnet }) => taken.has(Subnet ?? ''))) {
    throw new Refusal(403, 'Pool overlaps with other one on this address space');
  }
}

function subnetsOf({ IPAM }: SimulatedNetwork): readonly string[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
}

function freePool({ networks, random }: SimulatedHost): IpamSetting {
  const taken = new Set([...networks.values()].flatMap(subnetsOf));
  for (;;) {
    const prefix = `10.${random.integer(1, 250)}.${random.integer(0, 255)}`;
    if (!taken.has(`${prefix}.0/24`)) return { Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` };
  }
}

/** By name, id or the beginning of one. */
export function requireNetwork(host: SimulatedHost, key: string): SimulatedNetwork {
  const all = [...host.networks.values()];
  const found =
    host.networks.get(key) ??
    all.find(({ Name }) => Name === key) ??
    (key.length < 4 ? undefined : all.find(({ Id }) => Id.startsWith(key)));
  if (found === undefined) throw new Refusal(404, `network ${key} not found`);
  return found;
}

/** As `docker network inspect` shows it, with who is on it. */
export function describeNetwork(host: SimulatedHost, network: SimulatedNetwork): object {
  const members = [...host.containers.values()].filter(
    ({ endpoints }) => (endpoints.get(network.Name)?.endpointId ?? '') !== '',
  );
  return { ...network, Containers: Object.fromEntries(members.map(({ id, name }) => [id, { Name: name }])) };
}

export function removeNetwork(host: SimulatedHost, key: string): void {
  const network = requireNetwork(host, key);
  const { Id, Name } = network;
  if (network.isBuiltIn) throw new Refusal(403, `${Name} is a pre-defined network and cannot be removed`);
  const users = [...host.containers.values()].filter(
    ({ endpoints }) => endpoints.get(Name)?.network.Id === Id,
  );
  if (users.some(isUp)) {
    throw new Refusal(403, `error while removing network: network ${Name} id ${Id} has active endpoints`);
  }
  host.networks.delete(Id);
  tellOf(host, network, { action: 'destroy' });
}

export function connect(
  host: SimulatedHost,
  container: SimulatedContainer,
  { key, endpoint }: Connecting,
): void {
  const network = requireNetwork(host, key);
  if (container.endpoints.has(network.Name)) {
    throw new Refusal(403, `endpoint with name ${container.name} already exists in network ${network.Name}`);
  }
  attach(container, { network, asked: endpoint });
  container.listed = null;
  if (isUp(container)) plug(host, container);
}

interface Connecting {
  readonly key: string;
  readonly endpoint: EndpointAnswer;
}

export function disconnect(host: SimulatedHost, container: SimulatedContainer, key: string): void {
  const network = requireNetwork(host, key);
  if (!container.endpoints.has(network.Name)) {
    throw new Refusal(500, `container ${container.id} is not connected to the network ${network.Name}`);
  }
  container.endpoints.delete(network.Name);
  container.listed = null;
  tellOf(host, network, { action: 'disconnect', container: container.id });
}

interface Attaching {
  readonly network: SimulatedNetwork;
  readonly asked: EndpointAnswer;
}

/** Without an address yet: that comes with the process. */
export function attach(container: SimulatedContainer, { network, asked }: Attaching): void {
  const { Aliases, IPAMConfig } = asked;
  const hasAddress = Boolean(IPAMConfig?.IPv4Address) || Boolean(IPAMConfig?.IPv6Address);
  container.endpoints.set(network.Name, {
    network,
    aliases: Aliases ?? [],
    ipam: hasAddress
      ? {
          ...(IPAMConfig?.IPv4Address && { IPv4Address: IPAMConfig.IPv4Address }),
          ...(IPAMConfig?.IPv6Address && { IPv6Address: IPAMConfig.IPv6Address }),
        }
      : null,
    endpointId: '',
    address: '',
  });
}

/** A process gets an address on each network that has none yet. Throws where a network is gone. */
export function plug(host: SimulatedHost, container: SimulatedContainer): void {
  const mode = container.hostConfig.NetworkMode ?? '';
  if (mode !== 'default' && !mode.startsWith('container:') && container.endpoints.size === 0) {
    requireNetwork(host, mode);
  }
  for (const endpoint of container.endpoints.values()) {
    if (!host.networks.has(endpoint.network.Id)) {
      throw new Refusal(404, `network ${endpoint.network.Id} not found`);
    }
    if (endpoint.endpointId !== '') continue;
    endpoint.endpointId = host.random.hex(64);
    endpoint.address =
      endpoint.ipam?.IPv4Address ?? `10.0.${host.random.integer(0, 255)}.${host.random.integer(2, 254)}`;
    tellOf(host, endpoint.network, { action: 'connect', container: container.id });
  }
}

export function unplug(host: SimulatedHost, container: SimulatedContainer): void {
  for (const endpoint of container.endpoints.values()) {
    if (endpoint.endpointId === '') continue;
    endpoint.endpointId = '';
    endpoint.address = '';
    tellOf(host, endpoint.network, { action: 'disconnect', container: container.id });
  }
}

function tellOf(
  host: SimulatedHost,
  { Id, Name, Driver }: SimulatedNetwork,
  { action, ...details }: Happening,
): void {
  const attributes = { ...details, name: Name, type: Driver };
  host.events.emit({ Type: 'network', Action: action, Actor: { ID: Id, Attributes: attributes } });
}
