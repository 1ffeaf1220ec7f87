import type { Container } from '../model/generated/container.ts';
import { familyOf } from './address.ts';
import { inside, report, type Place } from './place.ts';
import { sortedUnique } from './text-map.ts';

/** Lines of /etc/hosts as `host:address`, IPv6 without brackets, sorted. */
export function readExtraHosts(hosts: Container['extra_hosts'], place: Place): readonly string[] | undefined {
  if (hosts === undefined) return undefined;
  const lines = Array.isArray(hosts)
    ? hosts.flatMap((line, index) => readLine(line, inside(place, index)))
    : Object.entries(hosts).flatMap(([host, addresses = []]) => {
        const list = typeof addresses === 'string' ? addresses.split(',') : addresses;
        return list.map((address) => formatLine(host, address, inside(place, host)));
      });
  return sortedUnique(lines);
}

/** `host=address`, `host:address`, several addresses with commas. */
function readLine(line: string, place: Place): readonly string[] {
  const at = line.includes('=') ? line.indexOf('=') : line.indexOf(':');
  if (at === -1) {
    report(place, 'WrongValue', 'should be "host:address", such as "db.local:192.0.2.7".');
    return [];
  }
  return line
    .slice(at + 1)
    .split(',')
    .map((address) => formatLine(line.slice(0, at), address, place));
}

function formatLine(host: string, address: string, place: Place): string {
  const bare = address.trim().replace(/^\[(.*)\]$/, '$1');
  if (host === '' || /[:=\s]/.test(host))
    report(place, 'WrongValue', 'has a host name that is none, such as "db.local".');
  if (bare !== 'host-gateway' && familyOf(bare) === null) {
    report(
      place,
      'WrongValue',
      'should lead to an IP address or to host-gateway, such as "db.local:192.0.2.7".',
    );
  }
  return `${host}:${bare}`;
}

/** `02:42:ac:11:65:43`, lower case. */
export function readMacAddress(address: string | undefined): string | undefined {
  return address?.toLowerCase().replaceAll('-', ':');
}

export function checkDnsServers(servers: readonly string[] | undefined, place: Place): void {
  for (const server of servers ?? []) {
    if (familyOf(server) === null)
      report(place, 'WrongValue', 'should be the IP address of a DNS server, such as "9.9.9.9".');
  }
}
