import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { Lookup } from './lookup.ts';
import { fixedPorts, formatPort, holdersOfPort } from './ports.ts';
import { prerequisitesOf } from './service-order.ts';

/**
 * By container id: why a container has to stop before its own successor starts. It holds a host port that goes to a
 * service for which the successor waits, because it depends on it or takes a port from it, so that waiting for each
 * other would never end. Of services that exchange their ports only as many yield as it takes.
 */
export function findYielding(
  services: readonly DesiredService[],
  lookup: Lookup,
): ReadonlyMap<string, string> {
  const wanted = new Map(services.map((service) => [service.name, service]));
  const dependencies: Waits = new Map(services.map((service) => [service.name, prerequisitesOf(service)]));
  const waits = new Map([...dependencies].map(([name, others]) => [name, new Set(others)]));
  const yielding = new Map<string, string>();
  for (const { taker, holder, containerId, port } of services.flatMap((service) =>
    takeovers(service, lookup),
  )) {
    if (!wanted.has(holder) || holder === taker || yielding.has(containerId)) continue;
    if (!mustWait(waits, { who: holder, forWhom: taker })) {
      waits.get(taker)?.add(holder);
      continue;
    }
    const isDependent = mustWait(dependencies, { who: holder, forWhom: taker });
    const reason = isDependent ? 'on which it depends' : 'in exchange for one that it needs itself';
    yielding.set(containerId, `host port ${port} goes to ${taker}, ${reason}`);
  }
  return yielding;
}

interface Takeover {
  readonly taker: Name;
  readonly holder: Name;
  readonly containerId: string;
  readonly port: string;
}

/** The fixed host ports of a service that containers of ours hold now. */
function takeovers({ name, container }: DesiredService, lookup: Lookup): readonly Takeover[] {
  return fixedPorts({ ports: container.ports ?? [] }).flatMap((port) =>
    holdersOfPort(lookup.ports, port).flatMap(({ ours }) =>
      ours === null
        ? []
        : [{ taker: name, holder: ours.ownership.resource, containerId: ours.id, port: formatPort(port) }],
    ),
  );
}

/** By service: those for whose newcomers, or for whose port, its own newcomer waits. */
type Waits = ReadonlyMap<Name, Iterable<Name>>;

interface Waiting {
  readonly who: Name;
  readonly forWhom: Name;
}

/** Directly, or through others. */
function mustWait(waits: Waits, { who, forWhom }: Waiting): boolean {
  const found = new Set<Name>([who]);
  for (const next of found) for (const further of waits.get(next) ?? []) found.add(further);
  return found.has(forWhom);
}
