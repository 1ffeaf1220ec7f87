import { services, stack as stackManifest, type Spec } from '../support/manifest.ts';
import type { Random } from '../support/simulated/random.ts';

/** What a run's repository asks for, in the generator's own words: the oracle knows no others. */
export interface WantedService {
  readonly image: 'web' | 'checked' | 'job';
  readonly release: number;
  readonly replicas: number;
  readonly memoryMiB: number;
  readonly hasVolume: boolean;
  readonly needs: string | null;
  readonly strategy: 'auto' | 'rolling' | 'recreate';
}

/** Services by name, by stack. */
export type Wanted = Readonly<Record<string, Readonly<Record<string, WantedService>>>>;

export const imageOf = {
  web: 'registry.test/web:1',
  checked: 'registry.test/checked:1',
  job: 'registry.test/job:1',
} as const;

const serviceNames = ['api', 'db', 'mail', 'web'] as const;

export function inventWanted(random: Random): Wanted {
  const stacks = ['one', 'two', 'three'].slice(0, random.integer(1, 3));
  return Object.fromEntries(
    stacks.map((stack) => {
      const names = serviceNames.slice(0, random.integer(2, serviceNames.length));
      const entries = names.map((name, index) => [name, inventService(random, names.slice(0, index))]);
      const services = Object.fromEntries(entries) as Readonly<Record<string, WantedService>>;
      return [stack, withoutDanglingNeeds(services)];
    }),
  );
}

/** Another commit: one service of one stack becomes another, goes or comes. */
export function changeWanted(random: Random, wanted: Wanted): Wanted {
  const stack = random.pick(Object.keys(wanted));
  const present = wanted[stack] ?? {};
  const name = random.pick(serviceNames);
  const others = Object.fromEntries(Object.entries(present).filter(([other]) => other !== name));
  const isKept = random.chance(0.8) || Object.keys(others).length === 0;
  const before = serviceNames.slice(0, serviceNames.indexOf(name)).filter((other) => other in others);
  const changed = isKept ? { ...others, [name]: inventService(random, before) } : others;
  return { ...wanted, [stack]: withoutDanglingNeeds(changed) };
}

/** Every version anew, so that none of them is held any more. */
export function releaseAll(wanted: Wanted, release: number): Wanted {
  const entries = Object.entries(wanted).map(([stack, present]) => [
    stack,
    Object.fromEntries(Object.entries(present).map(([name, service]) => [name, { ...service, release }])),
  ]);
  return Object.fromEntries(entries) as Wanted;
}

export function filesOf(wanted: Wanted): Readonly<Record<string, string>> {
  const stacks = Object.entries(wanted).map(([stack, present]) => {
    const specs = Object.entries(present).map(([name, service]) => [name, specOf(name, service)] as const);
    const volumes = Object.entries(present).flatMap(([name, { hasVolume }]) =>
      hasVolume ? [[name, {}]] : [],
    );
    const sync = { max_prune: { services: 50, percent: 100 } };
    const manifest = stackManifest({ sync, volumes: Object.fromEntries(volumes) as Spec });
    const files = services(stack, Object.fromEntries(specs));
    return Object.assign({ [`stacks/${stack}/stack.yaml`]: manifest }, files);
  });
  return Object.assign({}, ...stacks) as Readonly<Record<string, string>>;
}

function inventService(random: Random, before: readonly string[]): WantedService {
  const image = random.pick(['web', 'web', 'checked', 'job'] as const);
  return {
    image,
    release: random.integer(1, 3),
    replicas: image === 'job' ? 1 : random.integer(0, 2),
    memoryMiB: random.pick([32, 64]),
    hasVolume: random.chance(0.3),
    needs: before.length > 0 && random.chance(0.5) ? random.pick(before) : null,
    strategy: random.pick(['auto', 'rolling', 'recreate'] as const),
  };
}

/** What leaves the manifests leaves the dependencies too; and nobody waits for what has no instance. */
function withoutDanglingNeeds(
  present: Readonly<Record<string, WantedService>>,
): Readonly<Record<string, WantedService>> {
  const entries = Object.entries(present).map(([name, service]) => {
    const isThere = service.needs !== null && (present[service.needs]?.replicas ?? 0) > 0;
    return [name, { ...service, needs: isThere ? service.needs : null }] as const;
  });
  return Object.fromEntries(entries);
}

function specOf(name: string, service: WantedService): Spec {
  const { image, release, replicas, memoryMiB, hasVolume, needs, strategy } = service;
  return {
    image: imageOf[image],
    replicas,
    environment: { RELEASE: String(release) },
    mem_limit: `${memoryMiB}m`,
    ...(image === 'job' && { lifecycle: 'job' }),
    ...(hasVolume && { volumes: [`${name}:/data`] }),
    ...(needs !== null && { depends_on: [needs] }),
    rollout: { strategy, min_healthy_time: '0s', healthy_deadline: '8s', progress_deadline: '10s' },
  };
}
