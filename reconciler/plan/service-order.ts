import { referencedService } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { compareText } from '../model/problem.ts';

/** Services whose namespaces this one shares; they must exist first. */
export function lendersOf({ container }: DesiredService): readonly Name[] {
  const modes = [container.network_mode, container.pid, container.ipc];
  const lenders = modes.map((mode) => (mode === undefined ? null : referencedService(mode)));
  return [...new Set(lenders.filter((lender) => lender !== null))].sort(compareText);
}

/** Everything that must come before a service: what it depends on and whose namespaces it shares. */
export function prerequisitesOf(service: DesiredService): readonly Name[] {
  return [
    ...new Set([...service.dependsOn.map((dependency) => dependency.service), ...lendersOf(service)]),
  ].sort(compareText);
}

/**
 * Dependencies before dependents, otherwise by name. A cycle, which validation refuses, is cut where it is met, so that
 * the order is total.
 */
export function inDependencyOrder(services: readonly DesiredService[]): readonly DesiredService[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const ordered = new Set<DesiredService>();
  const entered = new Set<Name>();
  const visit = (service: DesiredService): void => {
    if (entered.has(service.name)) return;
    entered.add(service.name);
    for (const name of prerequisitesOf(service)) {
      const prerequisite = byName.get(name);
      if (prerequisite !== undefined) visit(prerequisite);
    }
    ordered.add(service);
  };
  services.toSorted((a, b) => compareText(a.name, b.name)).forEach(visit);
  return [...ordered];
}
