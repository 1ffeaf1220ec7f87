import type { StackContext } from './context.ts';
import { checkDnsServers, readExtraHosts, readMacAddress } from './host.ts';
import { checkConnection, readConnection } from './network.ts';
import { inside } from './place.ts';
import { readExposed, readPorts } from './port.ts';
import type { Said } from './said.ts';
import type { ServicePart } from './service.ts';
import { readList, sortedUnique } from './text-map.ts';

type ReachField =
  | 'dns'
  | 'dns_opt'
  | 'dns_search'
  | 'expose'
  | 'extra_hosts'
  | 'mac_address'
  | 'network_mode'
  | 'networks'
  | 'ports';

/** How a container is reached, and what it reaches by name. */
export function readReach({ name, spec, place }: ServicePart, context: StackContext): Pick<Said, ReachField> {
  const connection = readConnection(spec, { service: name, context }, place);
  const ports = readPorts(spec.ports, inside(place, 'ports'));
  checkConnection(spec, connection.network_mode, place);
  checkDnsServers(spec.dns === undefined ? undefined : readList(spec.dns), inside(place, 'dns'));
  const saysPorts = spec.ports !== undefined || spec.expose !== undefined;
  return {
    ...connection,
    ports: spec.ports && ports,
    expose: saysPorts ? readExposed(spec.expose, { ports, place: inside(place, 'expose') }) : undefined,
    mac_address: readMacAddress(spec.mac_address),
    dns: spec.dns === undefined ? undefined : readList(spec.dns),
    dns_search: spec.dns_search === undefined ? undefined : readList(spec.dns_search),
    dns_opt: spec.dns_opt && sortedUnique(spec.dns_opt),
    extra_hosts: readExtraHosts(spec.extra_hosts, inside(place, 'extra_hosts')),
  };
}
