import { referencedService } from '../model/container.ts';
import type { Dependency, DesiredService } from '../model/desired.ts';
import { findCycle, formatCycle } from './cycle.ts';
import { demandOf, findPortConflicts, formatHostPort, type PortDemand } from './host-port.ts';
import { inside, report, reportKey, type Place } from './place.ts';
import { readRange } from './port.ts';
import type { ResolvedService } from './service.ts';
import { suggestion } from './suggestion.ts';

type Services = ReadonlyMap<string, ResolvedService>;

/** What only shows when the services of a stack are seen together. Reports where each mistake stands. */
export function checkServices(services: readonly ResolvedService[]): void {
  const byName = new Map<string, ResolvedService>();
  for (const service of services) {
    if (!service.part.isNamed) continue;
    const first = byName.get(service.name);
    if (first === undefined) byName.set(service.name, service);
    else reportDuplicate(service, first);
  }
  const awaited = findAwaited(services);
  for (const service of byName.values()) {
    for (const dependency of service.dependsOn) checkDependency(service, dependency, byName);
    checkReplicas(service);
    if (lifecycleOf(service, awaited) === 'job') checkJob(service);
  }
  checkCycles(byName);
  checkPorts(byName);
}

/** The services whose end another one waits for. */
export function findAwaited(services: readonly ResolvedService[]): ReadonlySet<string> {
  const dependencies = services.flatMap(({ dependsOn }) => dependsOn);
  const ends = dependencies.filter(({ condition }) => condition === 'service_completed_successfully');
  return new Set(ends.map(({ service }) => service));
}

/** A job by its own word, or because another service waits for its end. */
export function lifecycleOf(
  service: ResolvedService,
  awaited: ReadonlySet<string>,
): DesiredService['lifecycle'] {
  return service.lifecycle ?? (awaited.has(service.name) ? 'job' : 'service');
}

function reportDuplicate({ name, part }: ResolvedService, first: ResolvedService): void {
  const { file, line } = first.origin;
  report(
    part.namePlace,
    'DuplicateService',
    `is the second service called ${name}; the first one is in ${file}:${line}. Rename one of them.`,
  );
}

function checkDependency(service: ResolvedService, dependency: Dependency, services: Services): void {
  const place = dependencyPlace(service, dependency.service);
  const target = services.get(dependency.service);
  if (target === undefined) {
    const meant = suggestion(dependency.service, services.keys());
    const message = `names the service ${dependency.service}, which is not in this stack${meant === '' ? '. Add it, or remove the name.' : meant}`;
    if (dependency.required) report(place, 'UnknownService', message);
    return;
  }
  if (target.replicas === 0 && dependency.required) {
    report(
      place,
      'NeverReady',
      `waits for ${target.name}, which has \`replicas: 0\`. Give it one, or say \`required: false\`.`,
    );
  }
  if (dependency.condition === 'service_completed_successfully' && target.lifecycle === 'service') {
    report(
      place,
      'NeverReady',
      `waits for the end of ${target.name}, which has \`lifecycle: service\`. Make it a job, or wait for service_healthy.`,
    );
  }
  if (target.replicas > 1 && sharesNamespace(service, target.name)) {
    report(
      place,
      'ConflictingKeys',
      `shares something with ${target.name}, which has ${target.replicas} replicas. Give it one.`,
    );
  }
}

function sharesNamespace({ part: { spec } }: ResolvedService, name: string): boolean {
  return [spec.network_mode, spec.pid, spec.ipc].some((mode) => referencedService(mode ?? '') === name);
}

function dependencyPlace({ part: { spec, place } }: ResolvedService, name: string): Place {
  const listed = spec.depends_on;
  if (Array.isArray(listed) && listed.includes(name))
    return inside(place, 'depends_on', listed.indexOf(name));
  if (listed !== undefined && !Array.isArray(listed) && Object.hasOwn(listed, name))
    return inside(place, 'depends_on', name);
  const key = (['network_mode', 'pid', 'ipc'] as const).find(
    (one) => referencedService(spec[one] ?? '') === name,
  );
  return inside(place, key ?? 'depends_on');
}

/** What two containers of one service cannot both have. */
function checkReplicas({ replicas, container, part: { place } }: ResolvedService): void {
  if (replicas < 2) return;
  for (const { published } of container.ports ?? []) {
    const range = readRange(published);
    if (range === null || range.last - range.first + 1 >= replicas) continue;
    const wider = `${range.first}-${range.first + replicas - 1}`;
    report(
      inside(place, 'ports'),
      'ReplicasConflict',
      `publishes the host port ${published} for ${replicas} replicas, and only one can have it. Publish a range, such as "${wider}", or leave the host port out.`,
    );
  }
  if (container.mac_address !== undefined) {
    report(
      inside(place, 'mac_address'),
      'ReplicasConflict',
      `gives ${replicas} replicas one MAC address. Remove it, or run one replica.`,
    );
  }
  const hasAddress = Object.values(container.networks ?? {}).some(
    ({ ipv4_address: ipv4, ipv6_address: ipv6 }) => ipv4 !== null || ipv6 !== null,
  );
  if (hasAddress)
    report(
      inside(place, 'networks'),
      'ReplicasConflict',
      `gives ${replicas} replicas one fixed address. Remove it, or run one replica.`,
    );
}

function checkJob({ replicas, container: { restart }, part: { place } }: ResolvedService): void {
  if (replicas > 1)
    report(inside(place, 'replicas'), 'ConflictingKeys', 'cannot be more than 1 for a job, which runs once.');
  if (restart?.condition === 'always' || restart?.condition === 'unless-stopped') {
    report(
      inside(place, 'restart'),
      'ConflictingKeys',
      `cannot be ${restart.condition} for a job, which is to end. Use no, or on-failure.`,
    );
  }
}

function checkCycles(services: Services): void {
  const edges = new Map(
    [...services].map(([name, { dependsOn }]) => [name, dependsOn.map(({ service }) => service)]),
  );
  const cycle = findCycle(edges);
  const [first = '', second = first] = cycle ?? [];
  const service = services.get(first);
  if (cycle === null || service === undefined) return;
  const place = dependencyPlace(service, second);
  report(
    place,
    'DependencyCycle',
    `closes a circle: ${formatCycle(cycle)}. Remove one of these dependencies.`,
  );
}

interface PortOwner {
  readonly service: ResolvedService;
}

function checkPorts(services: Services): void {
  const demands = [...services.values()].flatMap((service) =>
    (service.container.ports ?? []).flatMap((binding): readonly PortDemand<PortOwner>[] => {
      const demand = demandOf({ service }, binding, service.replicas);
      return demand === null ? [] : [demand];
    }),
  );
  for (const { demand, other } of findPortConflicts(demands, isSameService)) {
    const who = other === null ? 'this service twice' : `${other.service.name} too`;
    const message = `wants the host port ${formatHostPort(demand)}, which is wanted by ${who}. Choose another one.`;
    reportKey(inside(demand.owner.service.part.place, 'ports'), 'PortConflict', message);
  }
}

function isSameService(left: PortOwner, right: PortOwner): boolean {
  return left.service === right.service;
}
