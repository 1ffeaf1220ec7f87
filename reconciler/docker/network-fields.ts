import type {
  ContainerIntent,
  ContainerSpec,
  NetworkAttachment,
  NetworkMode,
  PortBinding,
} from '../model/container.ts';
import { compareText } from '../model/problem.ts';
import type { EngineFacts } from './facts.ts';
import type { ConfigAnswer, ContainerAnswer, CreateBody, EndpointAnswer, HostConfigAnswer } from './wire.ts';

type NetworkFields = Pick<
  ContainerSpec,
  | 'dns'
  | 'dns_opt'
  | 'dns_search'
  | 'expose'
  | 'extra_hosts'
  | 'mac_address'
  | 'network_mode'
  | 'networks'
  | 'ports'
>;

/**
 * How it is reached, in canonical form. A `container:<id>` mode stays as it is here: whose id that is, only the whole
 * picture tells.
 */
export function readNetwork({
  Id,
  Config: config,
  HostConfig: host,
  NetworkSettings,
}: ContainerAnswer): NetworkFields {
  const endpoints = NetworkSettings?.Networks ?? {};
  const ports = readPorts(host.PortBindings);
  const exposed = [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(host.PortBindings ?? {})];
  return {
    ports,
    expose: sorted(exposed.map(withProtocol)),
    network_mode: readMode(host.NetworkMode ?? '', endpoints),
    networks: readAttachments(host.NetworkMode ?? '', endpoints, Id),
    mac_address: config.MacAddress ? config.MacAddress.toLowerCase() : null,
    dns: host.Dns ?? [],
    dns_search: host.DnsSearch ?? [],
    dns_opt: sorted(host.DnsOptions ?? []),
    extra_hosts: sorted((host.ExtraHosts ?? []).map(withoutBrackets)),
  };
}

/** Ports of an image, as `port/protocol`. */
export function readExpose({ ExposedPorts }: ConfigAnswer): readonly string[] {
  return sorted(Object.keys(ExposedPorts ?? {}).map(withProtocol));
}

/** Without its entry in `ExposedPorts` an engine publishes no port, whatever its bindings say. */
export function writeExpose({ expose, ports }: ContainerIntent): ConfigAnswer {
  if (expose === undefined && ports === undefined) return {};
  const all = [...(expose ?? []), ...(ports ?? []).map(portKey)];
  return { ExposedPorts: Object.fromEntries(sorted(all).map((port) => [port, {}])) };
}

export function writeReach(intent: ContainerIntent, mode: string): HostConfigAnswer {
  return {
    ...(mode !== '' && { NetworkMode: mode }),
    ...(intent.ports && { PortBindings: writePorts(intent.ports) }),
    ...(intent.dns && { Dns: intent.dns }),
    ...(intent.dns_search && { DnsSearch: intent.dns_search }),
    ...(intent.dns_opt && { DnsOptions: intent.dns_opt }),
    ...(intent.extra_hosts && { ExtraHosts: intent.extra_hosts }),
  };
}

/** What is said at creation, and what an older engine wants to be told by a call of its own before the start. */
export interface Endpoints {
  readonly atCreation: Pick<CreateBody, 'MacAddress' | 'NetworkingConfig'>;
  readonly afterwards: readonly (readonly [network: string, endpoint: EndpointAnswer])[];
}

/** Engines before API 1.44 take one network at creation, and the MAC address beside it. */
export function writeEndpoints(intent: ContainerIntent, facts: EngineFacts): Endpoints {
  const mac = intent.mac_address ?? null;
  const entries = Object.entries(intent.networks ?? {}).sort(([left], [right]) => compareText(left, right));
  const all = entries.map(([network, attachment]) => [network, writeEndpoint(attachment)] as const);
  const [first = bridgeEndpoint(intent), ...others] = all;
  const takesAll = facts.supports('1.44');
  const primary = takesAll && mac !== null ? ([first[0], { ...first[1], MacAddress: mac }] as const) : first;
  return {
    atCreation: {
      ...(mac !== null && !takesAll && { MacAddress: mac }),
      ...((all.length > 0 || (mac !== null && takesAll)) && {
        NetworkingConfig: {
          EndpointsConfig: Object.fromEntries(takesAll ? [primary, ...others] : [primary]),
        },
      }),
    },
    afterwards: takesAll ? [] : others,
  };
}

export function writeEndpoint(attachment: NetworkAttachment): EndpointAnswer {
  const { aliases, ipv4_address: ipv4, ipv6_address: ipv6, link_local_ips: linkLocal } = attachment;
  const hasAddress = ipv4 !== null || ipv6 !== null || linkLocal.length > 0;
  return {
    Aliases: aliases,
    ...(hasAddress && {
      IPAMConfig: {
        ...(ipv4 !== null && { IPv4Address: ipv4 }),
        ...(ipv6 !== null && { IPv6Address: ipv6 }),
        ...(linkLocal.length > 0 && { LinkLocalIPs: linkLocal }),
      },
    }),
  };
}

export function readAttachment(endpoint: EndpointAnswer, containerId: string): NetworkAttachment {
  return {
    aliases: sorted(withoutEngineAliases(endpoint.Aliases ?? [], containerId)),
    ipv4_address: endpoint.IPAMConfig?.IPv4Address || null,
    ipv6_address: endpoint.IPAMConfig?.IPv6Address || null,
    link_local_ips: sorted(endpoint.IPAMConfig?.LinkLocalIPs ?? []),
  };
}

export function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

/** A container that was taken off the default bridge has nothing but its loopback, whatever its mode says. */
function readMode(mode: string, endpoints: object): NetworkMode {
  if (mode === '' || mode === 'default' || mode === 'bridge')
    return 'bridge' in endpoints ? 'bridge' : 'none';
  if (mode === 'host' || mode === 'none') return mode;
  return mode.startsWith('container:') ? `container:${mode.slice('container:'.length)}` : 'networks';
}

function readAttachments(
  mode: string,
  endpoints: Readonly<Record<string, EndpointAnswer | null | undefined>>,
  containerId: string,
): ContainerSpec['networks'] {
  const engineOwn = new Set([
    'host',
    'none',
    ...(['', 'default', 'bridge'].includes(mode) ? ['bridge'] : []),
  ]);
  const entries = Object.entries(endpoints)
    .filter(([network]) => !engineOwn.has(network))
    .map(([network, endpoint]) => [network, readAttachment(endpoint ?? {}, containerId)] as const);
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}

/** Engine 20.10 appends the short id, then the host name where that is another; engine 25 stopped. */
function withoutEngineAliases(aliases: readonly string[], containerId: string): readonly string[] {
  const at = aliases.indexOf(containerId.slice(0, 12));
  return at === -1 ? aliases : aliases.slice(0, at);
}

function bridgeEndpoint({
  network_mode: mode = 'bridge',
}: ContainerIntent): readonly [string, EndpointAnswer] {
  return [mode === 'networks' ? 'bridge' : mode, {}];
}

function readPorts(bindings: HostConfigAnswer['PortBindings']): readonly PortBinding[] {
  const ports = Object.entries(bindings ?? {}).flatMap(([key, hosts]) => {
    const [target = '', protocol = ''] = withProtocol(key).split('/');
    // An empty list publishes to a port of the engine's choice.
    const published = hosts && hosts.length > 0 ? hosts : [{}];
    return published.map(({ HostIp, HostPort }) => ({
      target: Number(target),
      protocol: readProtocol(protocol),
      published: HostPort === '0' ? '' : (HostPort ?? ''),
      host_ip: HostIp ?? '',
    }));
  });
  return ports.sort(comparePorts);
}

function comparePorts(left: PortBinding, right: PortBinding): number {
  return (
    left.target - right.target ||
    compareText(left.protocol, right.protocol) ||
    compareText(left.host_ip, right.host_ip) ||
    compareText(left.published, right.published)
  );
}

function writePorts(ports: readonly PortBinding[]): HostConfigAnswer['PortBindings'] {
  const bindings: Record<string, { readonly HostIp: string; readonly HostPort: string }[]> = {};
  for (const port of ports) {
    (bindings[portKey(port)] ??= []).push({ HostIp: port.host_ip, HostPort: port.published });
  }
  return bindings;
}

function portKey({ target, protocol }: PortBinding): string {
  return `${target}/${protocol}`;
}

function withProtocol(port: string): string {
  return port.includes('/') ? port.toLowerCase() : `${port}/tcp`;
}

function readProtocol(text: string): PortBinding['protocol'] {
  return text === 'udp' || text === 'sctp' ? text : 'tcp';
}

function withoutBrackets(line: string): string {
  return line.replace(/^([^:]+):\[(.*)\]$/, '$1:$2');
}
