import type { SimulatedContainer, SimulatedHost, SimulatedVolume } from '../support/simulated/host.ts';
import { imageOf, type Wanted, type WantedService } from './wanted.ts';

/** What the run saw of things that must outlast it. */
export interface Belongings {
  /** Containers, networks and volumes that are not ours, with what must stay as it is. */
  readonly strangers: ReadonlyMap<
    string,
    { readonly container: SimulatedContainer; readonly before: string }
  >;
  readonly foreignNetwork: string;
  readonly foreignVolume: string;
  /** Every volume that ever was, by name: one that is made anew has lost what was in it. */
  readonly volumes: ReadonlyMap<string, SimulatedVolume>;
}

/**
 * Judges an engine by what the repository asks for, knowing nothing of plans: what should run runs and nothing else of
 * ours does, nothing of others was touched, no volume was lost. Empty: all is well.
 */
export function complaintsAbout(
  host: SimulatedHost,
  wanted: Wanted,
  belongings: Belongings,
): readonly string[] {
  const { strangers } = belongings;
  const ours = [...host.containers.values()].filter(
    ({ id, config }) => isOurs(config.Labels) && !strangers.has(id),
  );
  const expected = expectedNames(wanted);
  return [
    ...[...expected].flatMap(([name, service]) => complaintsAboutOne(host, ours, { name, service })),
    ...ours.filter(({ name }) => !expected.has(name)).map(({ name }) => `${name} should not be there`),
    ...complaintsOfOthers(host, belongings),
  ];
}

export function isOurs(labels: Readonly<Record<string, string>> | null | undefined): boolean {
  return labels?.['dev.plimsoll.installation'] === 'faulty';
}

/** What must not change of a container that is not ours, however often its engine is restarted. */
export function describeStranger({ name, config, hostConfig, endpoints }: SimulatedContainer): string {
  return JSON.stringify([name, config, hostConfig, [...endpoints.keys()]]);
}

interface Expected extends WantedService {
  readonly stack: string;
  readonly name: string;
}

function expectedNames(wanted: Wanted): ReadonlyMap<string, Expected> {
  const entries = Object.entries(wanted).flatMap(([stack, services]) =>
    Object.entries(services).flatMap(([name, service]) =>
      Array.from({ length: service.replicas }, (_, index) => {
        return [`${stack}-${name}-${index + 1}`, { ...service, stack, name }] as const;
      }),
    ),
  );
  return new Map(entries);
}

interface Subject {
  readonly name: string;
  readonly service: Expected;
}

function complaintsAboutOne(
  host: SimulatedHost,
  ours: readonly SimulatedContainer[],
  { name, service }: Subject,
): readonly string[] {
  const container = ours.find((candidate) => candidate.name === name);
  const isJob = service.image === 'job';
  // A job that was done and cleared away has done its work.
  if (container === undefined) return isJob ? [] : [`${name} is missing`];
  const { state, config, hostConfig, endpoints, mounts, imageId } = container;
  const network = endpoints.get(`${service.stack}_default`);
  const complaints: readonly (readonly [boolean, string])[] = [
    [
      isJob ? state.status === 'exited' && state.exitCode === 0 : state.status === 'running',
      `is ${state.status}`,
    ],
    [service.image !== 'checked' || state.health?.status === 'healthy', `is ${state.health?.status}`],
    [imageId === host.registry.get(imageOf[service.image])?.id, 'has another image'],
    [config.Env?.includes(`RELEASE=${service.release}`) === true, `has not release ${service.release}`],
    [hostConfig.Memory === service.memoryMiB * 2 ** 20, `may use ${hostConfig.Memory} bytes`],
    [network?.aliases.includes(service.name) === true, 'is not on its network under its name'],
    [network === undefined || host.networks.has(network.network.Id), 'is on a network that is gone'],
    [
      mounts.some(({ Name }) => Name === `${service.stack}_${service.name}`) === service.hasVolume,
      'has not the mounts that it should have',
    ],
  ];
  return complaints.flatMap(([isGood, complaint]) => (isGood ? [] : [`${name} ${complaint}`]));
}

function complaintsOfOthers(host: SimulatedHost, belongings: Belongings): readonly string[] {
  const { strangers, foreignNetwork, foreignVolume, volumes } = belongings;
  const hurt = [...strangers.values()].filter(
    ({ container, before }) =>
      host.containers.get(container.id) !== container ||
      container.state.status !== 'running' ||
      describeStranger(container) !== before,
  );
  const lost = [...volumes].filter(([name, volume]) => host.volumes.get(name) !== volume);
  return [
    ...hurt.map(({ container }) => `the stranger ${container.name} was touched`),
    ...lost.map(([name]) => `the volume ${name} was lost`),
    ...(host.networks.has(foreignNetwork) ? [] : ['a foreign network was removed']),
    ...(host.volumes.has(foreignVolume) ? [] : ['a foreign volume was removed']),
  ];
}
