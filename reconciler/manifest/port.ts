import type { Container, ContainerPort } from '../model/generated/container.ts';
import type { PortBinding } from '../model/container.ts';
import { compareText } from '../model/problem.ts';
import { familyOf } from './address.ts';
import { inside, report, type Place } from './place.ts';
import { sortedUnique } from './text-map.ts';

export interface Range {
  readonly first: number;
  readonly last: number;
}

/** More than this makes the engine crawl: it starts a process for each port. */
const mostPorts = 1000;

/** Published ports, ranges expanded one by one as Compose does. */
export function readPorts(ports: Container['ports'], place: Place): readonly PortBinding[] {
  const bindings = new Map<string, PortBinding>();
  for (const [index, port] of (ports ?? []).entries()) {
    for (const binding of readPort(port, inside(place, index))) bindings.set(bindingKey(binding), binding);
    if (bindings.size > mostPorts) {
      report(place, 'WrongValue', `publishes more than ${mostPorts} ports. Use \`network_mode: host\`.`);
      break;
    }
  }
  return [...bindings.values()].sort(compareBindings);
}

/** Exposed ports, the published ones among them, as the engine reports them. */
export function readExposed(
  exposed: Container['expose'],
  { ports, place }: { readonly ports: readonly PortBinding[]; readonly place: Place },
): readonly string[] {
  const own = new Set(ports.map(({ target, protocol }) => `${target}/${protocol}`));
  for (const [index, entry] of (exposed ?? []).entries()) {
    const { port, protocol } = splitProtocol(String(entry));
    const range = readRange(port);
    if (range === null || protocol === null) {
      report(inside(place, index), 'InvalidPort', 'should be "PORT/PROTOCOL", such as "9000/udp".');
      continue;
    }
    if (range.last - range.first >= mostPorts) {
      report(
        inside(place, index),
        'InvalidPort',
        `has a range of more than ${mostPorts} ports. Name those that matter.`,
      );
      continue;
    }
    for (const each of expand(range)) own.add(`${each}/${protocol}`);
  }
  return sortedUnique(own);
}

function readPort(port: string | number | ContainerPort, place: Place): readonly PortBinding[] {
  if (typeof port === 'object') return readLongPort(port, place);
  const { port: rest, protocol } = splitProtocol(String(port));
  const { hostIp, published, target } = splitBinding(rest);
  if (protocol === null) {
    report(place, 'InvalidPort', 'has a protocol other than tcp, udp and sctp.');
    return [];
  }
  const targets = readRange(target);
  if (targets === null) {
    report(place, 'InvalidPort', 'should be "HOST:CONTAINER", such as "8080:80".');
    return [];
  }
  checkHostIp(hostIp, place);
  return bind({ targets, published, protocol, hostIp }, place);
}

function readLongPort(
  { target, published = '', host_ip: hostIp = '', protocol = 'tcp' }: ContainerPort,
  place: Place,
): readonly PortBinding[] {
  checkHostIp(hostIp, inside(place, 'host_ip'));
  const targets = { first: target, last: target };
  return bind({ targets, published: String(published), protocol, hostIp }, inside(place, 'published'));
}

interface Publication {
  readonly targets: Range;
  readonly published: string;
  readonly protocol: PortBinding['protocol'];
  readonly hostIp: string;
}

function bind({ targets, published, protocol, hostIp }: Publication, place: Place): readonly PortBinding[] {
  if (targets.last - targets.first >= mostPorts) {
    report(place, 'InvalidPort', `has a range of more than ${mostPorts} ports. Use \`network_mode: host\`.`);
    return [];
  }
  const all = expand(targets);
  const binding = (target: number, text: string): PortBinding => ({
    target,
    protocol,
    published: text,
    host_ip: hostIp,
  });
  if (published === '') return all.map((target) => binding(target, ''));
  const hosts = readRange(published);
  if (hosts === null) {
    report(
      place,
      'InvalidPort',
      'has a host port that is neither a port from 1 to 65535 nor a range, such as "8080:80".',
    );
    return [];
  }
  const isChoice = all.length === 1 && hosts.last > hosts.first;
  if (isChoice) return all.map((target) => binding(target, `${hosts.first}-${hosts.last}`));
  if (hosts.last - hosts.first !== targets.last - targets.first) {
    report(
      place,
      'InvalidPort',
      'has ranges of different length. Both sides should have the same number of ports, such as "8000-8005:80-85".',
    );
    return [];
  }
  return all.map((target, index) => binding(target, String(hosts.first + index)));
}

function checkHostIp(hostIp: string, place: Place): void {
  if (hostIp !== '' && familyOf(hostIp) === null) {
    report(place, 'InvalidPort', 'has a host part that is no IP address, such as "127.0.0.1:8080:80".');
  }
}

function splitProtocol(text: string): {
  readonly port: string;
  readonly protocol: PortBinding['protocol'] | null;
} {
  const [port = '', protocol = 'tcp', ...more] = text.split('/');
  const known = (['tcp', 'udp', 'sctp'] as const).find((one) => one === protocol.toLowerCase());
  return { port, protocol: more.length === 0 ? (known ?? null) : null };
}

function splitBinding(text: string): {
  readonly hostIp: string;
  readonly published: string;
  readonly target: string;
} {
  const parts = text.split(':');
  const target = parts.pop() ?? '';
  const published = parts.pop() ?? '';
  return { hostIp: parts.join(':').replace(/^\[(.*)\]$/, '$1'), published, target };
}

/** `80` or `80-85`, within 1 to 65535. */
export function readRange(text: string): Range | null {
  const [, from = '', to = from] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
  const first = Number(from);
  const last = Number(to);
  return from !== '' && first >= 1 && last >= first && last <= 65_535 ? { first, last } : null;
}

function expand({ first, last }: Range): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function bindingKey({ target, protocol, host_ip: hostIp, published }: PortBinding): string {
  return [target, protocol, hostIp, published].join(' ');
}

function compareBindings(left: PortBinding, right: PortBinding): number {
  return (
    left.target - right.target ||
    compareText(left.protocol, right.protocol) ||
    compareText(left.host_ip, right.host_ip) ||
    compareText(left.published, right.published)
  );
}
