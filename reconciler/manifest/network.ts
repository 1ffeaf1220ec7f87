import type { NetworkAttachment, NetworkMode } from '../model/container.ts';
import type { Container, ContainerNetwork } from '../model/generated/container.ts';
import type { DesiredNetwork } from '../model/desired.ts';
import { isName, type Name } from '../model/ids.ts';
import { familyOf } from './address.ts';
import type { StackContext } from './context.ts';
import { inside, report, type Place } from './place.ts';
import { suggestion } from './suggestion.ts';
import { sortedUnique } from './text-map.ts';

/** How a container is connected. */
export interface Connection {
  readonly network_mode: NetworkMode;
  /** By the engine's network name; empty unless the mode is `networks`. */
  readonly networks: Readonly<Record<string, NetworkAttachment>>;
}

export interface Connecting {
  readonly service: Name;
  readonly context: StackContext;
}

/** The networks listed, or the stack's own; or the mode. The service's name is an alias in each network. */
export function readConnection(spec: Container, { service, context }: Connecting, place: Place): Connection {
  if (spec.network_mode !== undefined) {
    if (spec.networks !== undefined) {
      report(
        inside(place, 'networks'),
        'ConflictingKeys',
        'cannot stand beside `network_mode`. Keep one of them.',
      );
    }
    return { network_mode: readMode(spec.network_mode, inside(place, 'network_mode')), networks: {} };
  }
  const at = inside(place, 'networks');
  const listed = attachmentsOf(spec.networks);
  const attachments = listed.length > 0 ? listed : [{ name: 'default', attachment: null, steps: [] }];
  const entries = attachments.flatMap(({ name, attachment, steps }) => {
    const here = inside(at, ...steps);
    const network = context.networks.get(name);
    if (network === undefined) reportUndeclared(name, context, here);
    if (network === undefined) return [];
    checkAddresses(attachment, network, here);
    return [[network.engineName, readAttachment(attachment, service, here)] as const];
  });
  return { network_mode: 'networks', networks: Object.fromEntries(entries) };
}

interface Attachment {
  readonly name: string;
  readonly attachment: ContainerNetwork;
  readonly steps: readonly (string | number)[];
}

/** The list and the map form as one list. */
function attachmentsOf(networks: Container['networks']): readonly Attachment[] {
  if (networks === undefined) return [];
  if (Array.isArray(networks))
    return networks.map((name, index) => ({ name, attachment: null, steps: [index] }));
  return Object.entries(networks).map(([name, attachment]) => ({
    name,
    attachment: attachment ?? null,
    steps: [name],
  }));
}

function reportUndeclared(name: string, { networks }: StackContext, place: Place): void {
  const meant = suggestion(name, networks.keys());
  const how = `. Declare it: "networks: { ${name}: }" in stack.yaml, or at the top of the Compose file.`;
  report(
    place,
    'UndeclaredNetwork',
    `uses the network ${JSON.stringify(name)}, which the stack does not declare${meant === '' ? how : meant}`,
  );
}

/** What every engine refuses: a fixed address in a network whose range it chose itself. */
function checkAddresses(attachment: ContainerNetwork, network: DesiredNetwork, place: Place): void {
  if (network.external) return;
  const subnets = (network.ipam?.pools ?? []).map(({ subnet }) => subnet);
  for (const key of ['ipv4_address', 'ipv6_address'] as const) {
    if (attachment?.[key] === undefined) continue;
    const hasRange = subnets.some((subnet) => subnet.includes(':') === (key === 'ipv6_address'));
    if (hasRange) continue;
    const message = `needs a range in the network ${network.name}, such as ipam: { config: [{ subnet: "172.30.0.0/16" }] }.`;
    report(inside(place, key), 'MissingKey', message);
  }
}

function readAttachment(attachment: ContainerNetwork, service: Name, place: Place): NetworkAttachment {
  const {
    aliases = [],
    ipv4_address: ipv4,
    ipv6_address: ipv6,
    link_local_ips: linkLocal = [],
  } = attachment ?? {};
  if (ipv4 !== undefined && familyOf(ipv4) !== 4)
    report(inside(place, 'ipv4_address'), 'WrongValue', 'should be an IPv4 address, such as "172.30.0.10".');
  if (ipv6 !== undefined && familyOf(ipv6) !== 6)
    report(inside(place, 'ipv6_address'), 'WrongValue', 'should be an IPv6 address, such as "2001:db8::10".');
  for (const [index, address] of linkLocal.entries()) {
    if (familyOf(address) === null)
      report(
        inside(place, 'link_local_ips', index),
        'WrongValue',
        'should be an IP address, such as "169.254.34.68".',
      );
  }
  return {
    aliases: sortedUnique([service, ...aliases]),
    ipv4_address: ipv4 ?? null,
    ipv6_address: ipv6?.toLowerCase() ?? null,
    link_local_ips: sortedUnique(linkLocal),
  };
}

function readMode(text: string, place: Place): NetworkMode {
  if (text === 'bridge' || text === 'host' || text === 'none') return text;
  if (text.startsWith('service:') && isName(text.slice('service:'.length)))
    return `service:${text.slice('service:'.length)}`;
  if (text.startsWith('container:') && text.length > 'container:'.length)
    return `container:${text.slice('container:'.length)}`;
  report(
    place,
    'WrongValue',
    'should be bridge, host, none, service:NAME or container:NAME. To join a network of the stack use `networks`.',
  );
  return 'bridge';
}

/** Keys that the engine refuses when a container has no network of its own. */
const needOwnNetwork = [
  'ports',
  'hostname',
  'dns',
  'dns_search',
  'dns_opt',
  'extra_hosts',
  'mac_address',
  'expose',
] as const;

/** What cannot stand beside the network mode: published ports without a bridge, names in a borrowed network. */
export function checkConnection(spec: Container, mode: NetworkMode, place: Place): void {
  const isBorrowed = mode.startsWith('service:') || mode.startsWith('container:');
  if (isBorrowed) {
    for (const key of needOwnNetwork) {
      if (spec[key] !== undefined)
        report(
          inside(place, key),
          'ConflictingKeys',
          `has no effect with \`network_mode: ${mode}\`, since the network belongs to the other container. Set it there.`,
        );
    }
  } else if ((mode === 'host' || mode === 'none') && (spec.ports ?? []).length > 0) {
    const why =
      mode === 'host' ? 'the container listens on the host directly' : 'the container has no network';
    report(
      inside(place, 'ports'),
      'ConflictingKeys',
      `has no effect with \`network_mode: ${mode}\`: ${why}. Remove one of them.`,
    );
  }
}
