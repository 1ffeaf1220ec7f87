import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { Lookup } from './lookup.ts';
import { fixedPorts, formatPort, holdersOfPort } from './ports.ts';
import { prerequisitesOf } from './service-order.ts';

/**
 * By container id: why a container has to stop before its own successor starts. It holds a host port that goes to a
 * service on which the successor depends, so that waiting for each other would never end.
 */
export function findYielding(
  services: readonly DesiredService[],
  lookup: Lookup,
): ReadonlyMap<string, string> {
  const byName = new Map(services.map((service) => [service.name, service]));
  return new Map(services.flatMap((service) => yieldingTo(service, byName, lookup)));
}

type Services = ReadonlyMap<Name, DesiredService>;
type Reason = readonly [containerId: string, reason: string];

function yieldingTo(
  { name, container }: DesiredService,
  services: Services,
  lookup: Lookup,
): readonly Reason[] {
  return fixedPorts({ ports: container.ports ?? [] }).flatMap((port) =>
    holdersOfPort(lookup.ports, port).flatMap(({ ours }): readonly Reason[] => {
      const holder = ours === null ? undefined : services.get(ours.ownership.resource);
      if (ours === null || holder === undefined || holder.name === name) return [];
      if (!dependsOn(holder, name, services)) return [];
      return [[ours.id, `host port ${formatPort(port)} goes to ${name}, on which it depends`]];
    }),
  );
}

/** Directly, or through others. */
function dependsOn(service: DesiredService, name: Name, services: Services): boolean {
  const found = new Set<Name>(prerequisitesOf(service));
  for (const next of found) {
    const further = services.get(next);
    if (further !== undefined) prerequisitesOf(further).forEach((one) => found.add(one));
  }
  return found.has(name);
}
