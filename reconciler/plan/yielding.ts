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
  const yielding = new Map<string, string>();
  for (const service of services.filter(({ container }) => (container.ports ?? []).length > 0)) {
    const dependents = dependentsOf(service.name, services);
    for (const port of fixedPorts({ ports: service.container.ports ?? [] })) {
      for (const { ours } of holdersOfPort(lookup.ports, port)) {
        if (ours === null || !dependents.has(ours.ownership.resource)) continue;
        yielding.set(ours.id, `host port ${formatPort(port)} goes to ${service.name}, on which it depends`);
      }
    }
  }
  return yielding;
}

/** Every service that waits for this one, directly or through others. */
function dependentsOf(name: Name, services: readonly DesiredService[]): ReadonlySet<Name> {
  const found = new Set<Name>();
  const open = [name];
  for (const next of open) {
    for (const service of services) {
      if (found.has(service.name) || !prerequisitesOf(service).includes(next)) continue;
      found.add(service.name);
      open.push(service.name);
    }
  }
  return found;
}
