import type { Dependency } from '../model/desired.ts';
import type { Container, ContainerDependency } from '../model/generated/container.ts';
import { isName, type Name } from '../model/ids.ts';
import { referencedService } from '../model/container.ts';
import { compareText } from '../model/problem.ts';
import { inside, report, type Place } from './place.ts';

/** What comes first, sorted by name: `depends_on`, and the services whose namespaces are shared, as in Compose. */
export function readDependencies(spec: Container, place: Place): readonly Dependency[] {
  const listed = listedDependencies(spec.depends_on, inside(place, 'depends_on'));
  const known = new Set(listed.map(({ service }) => service));
  const shared = [spec.network_mode, spec.pid, spec.ipc]
    .map((mode) => referencedService(mode ?? ''))
    .filter((service): service is Name => service !== null && !known.has(service));
  const implied = [...new Set(shared)].map((service): Dependency => ({
    service,
    condition: 'service_started',
    required: true,
    restart: true,
  }));
  return [...listed, ...implied].sort((left, right) => compareText(left.service, right.service));
}

function listedDependencies(dependsOn: Container['depends_on'], place: Place): readonly Dependency[] {
  const entries = Array.isArray(dependsOn)
    ? [...new Set(dependsOn)].map((service, step) => ({ service, said: {}, step }))
    : Object.entries(dependsOn ?? {}).map(([service, said = {}]) => ({ service, said, step: service }));
  return entries.flatMap(({ service, said, step }): readonly Dependency[] => {
    const { condition = 'service_started', required = true, restart = false }: ContainerDependency = said;
    if (isName(service)) return [{ service, condition, required, restart }];
    const message = `names ${JSON.stringify(service)}, which cannot be the name of a service.`;
    report(inside(place, step), 'UnknownService', message);
    return [];
  });
}
