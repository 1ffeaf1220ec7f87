import type { ContainerIntent, Mount, NetworkAttachment } from '../../reconciler/model/container.ts';
import type {
  Dependency,
  DesiredNetwork,
  DesiredService,
  DesiredStack,
  DesiredVolume,
} from '../../reconciler/model/desired.ts';
import { defaultEngine, name, revision, scopedName, specHash } from '../../reconciler/model/ids.ts';
import { canonicalJson } from '../../reconciler/model/json.ts';
import type { ObservedContainer, ObservedImage, ObservedState } from '../../reconciler/model/observed.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import type { InventoryItem, StableService } from '../../reconciler/model/ports.ts';
import { toJson } from '../../reconciler/plan/difference.ts';
import { emptyImage } from '../../reconciler/plan/expected.ts';
import { planStack, type PlanInput } from '../../reconciler/plan/plan.ts';
import type { Policy } from '../../reconciler/plan/policy.ts';
import { simulatePlan, type SimulationOptions } from '../../reconciler/plan/simulate.ts';

export const shop = name('shop');
export const commit = revision('0123456789abcdef0123456789abcdef01234567');

/** Everything is allowed, so that a test about something else meets no policy. */
export const anything: Policy = {
  allow: [
    'privileged',
    'host_network',
    'host_pid',
    'host_ipc',
    'host_uts',
    'host_userns',
    'host_cgroup',
    'foreign_namespaces',
    'docker_socket',
    'cap_add',
    'devices',
    'security_opt',
    'sysctls',
  ],
  hostPaths: ['/'],
  capabilities: [],
  registries: null,
};

/** The same text always, another for another input: all that a test wants of a hash. */
function digits(text: string): string {
  let state = 0x811c9dc5;
  const next = (): string => {
    for (const character of `${text}${state}`)
      state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return state.toString(16).padStart(8, '0');
  };
  return Array.from({ length: 8 }, next).join('');
}

export interface ServiceOptions extends Partial<
  Omit<DesiredService, 'name' | 'container' | 'dependsOn' | 'rollout' | 'drift'>
> {
  readonly container?: Partial<ContainerIntent>;
  readonly dependsOn?: readonly (
    string | (Partial<Omit<Dependency, 'service'>> & { readonly service: string })
  )[];
  readonly rollout?: Partial<DesiredService['rollout']>;
  readonly drift?: Partial<DesiredService['drift']>;
}

/** A service as resolving makes it: on the stack's default network under its own name, its hash over what was said. */
export function service(called: string, options: ServiceOptions = {}): DesiredService {
  const { container = {}, dependsOn = [], rollout, drift, ...rest } = options;
  const attachment: NetworkAttachment = {
    aliases: [called],
    ipv4_address: null,
    ipv6_address: null,
    link_local_ips: [],
  };
  const joined: Partial<ContainerIntent> =
    container.network_mode === undefined || container.network_mode === 'networks'
      ? { network_mode: 'networks', networks: { shop_default: attachment } }
      : {};
  const intent: ContainerIntent = { image: `acme/${called}:1`, ...joined, ...container };
  return {
    name: name(called),
    owner: null,
    replicas: 1,
    lifecycle: 'service',
    reactions: {},
    pullPolicy: 'missing',
    dependsOn: dependsOn.map((dependency) => dependencyOf(dependency)),
    rollout: {
      strategy: 'auto',
      minHealthyTimeMs: 10_000,
      healthyDeadlineMs: 300_000,
      progressDeadlineMs: 600_000,
      autoRevert: true,
      ...rollout,
    },
    drift: { mode: 'heal', fields: {}, onStop: 'heal', ignore: [], ...drift },
    origin: { file: `stacks/shop/${called}.yaml`, line: 1 },
    container: intent,
    hash: specHash(
      `v1:${digits(canonicalJson(toJson({ intent, lifecycle: rest.lifecycle ?? 'service' }) ?? null))}`,
    ),
    ...rest,
  };
}

type DependencyOption = NonNullable<ServiceOptions['dependsOn']>[number];

function dependencyOf(option: DependencyOption): Dependency {
  const said = typeof option === 'string' ? { service: option } : option;
  return {
    condition: 'service_healthy',
    required: true,
    restart: false,
    ...said,
    service: name(said.service),
  };
}

export interface StackOptions {
  readonly networks?: readonly DesiredNetwork[];
  readonly volumes?: readonly DesiredVolume[];
  readonly sync?: Partial<DesiredStack['sync']>;
}

export function stack(services: readonly DesiredService[], options: StackOptions = {}): DesiredStack {
  const { networks = [network('default')], volumes = [], sync } = options;
  return {
    name: shop,
    engine: defaultEngine,
    dependsOn: [],
    services,
    networks,
    volumes,
    sync: {
      automatic: true,
      prune: true,
      pruneVolumes: false,
      maxPrune: { services: 3, percent: 30 },
      ...sync,
    },
  };
}

export function network(called: string, options: Partial<DesiredNetwork> = {}): DesiredNetwork {
  return {
    name: name(called),
    engineName: scopedName(shop, name(called)),
    external: false,
    driver: null,
    options: {},
    labels: {},
    internal: false,
    attachable: false,
    enableIpv6: false,
    ipam: null,
    ...options,
  };
}

export function volume(called: string, options: Partial<DesiredVolume> = {}): DesiredVolume {
  return {
    name: name(called),
    engineName: scopedName(shop, name(called)),
    external: false,
    driver: null,
    options: {},
    labels: {},
    ...options,
  };
}

/** A named volume of the stack, mounted for writing. */
export function mountOf(called: string, options: Partial<Extract<Mount, { type: 'volume' }>> = {}): Mount {
  return {
    type: 'volume',
    source: scopedName(shop, name(called)),
    read_only: false,
    nocopy: false,
    subpath: '',
    ...options,
  };
}

export function port(published: string, target = 80): NonNullable<ContainerIntent['ports']>[number] {
  return { target, protocol: 'tcp', published, host_ip: '' };
}

export function image(reference: string, config: Partial<ObservedImage['config']> = {}): ObservedImage {
  const repository = reference.split('@')[0]?.replace(/:[^:/]+$/, '') ?? reference;
  const id = digits(reference + canonicalJson(toJson(config) ?? null));
  return {
    id: `sha256:${id}`,
    taggedAt: null,
    repoDigests: [`${repository}@sha256:${id}`],
    config: { ...emptyImage, command: ['run'], platform: 'linux/amd64', ...config },
  };
}

/** Every image that the services name, as a registry offers it. */
export function imagesOf(...stacks: readonly DesiredStack[]): Readonly<Record<string, ObservedImage>> {
  const references = stacks.flatMap(({ services }) => services.map(({ container }) => container.image));
  return Object.fromEntries(references.map((reference) => [reference, image(reference)]));
}

export function emptyEngine(images: Readonly<Record<string, ObservedImage | null>> = {}): ObservedState {
  return {
    at: 1_760_000_000_000,
    engine: {
      id: 'engine',
      version: '28.5.2',
      apiVersion: '1.51',
      os: 'linux',
      architecture: 'amd64',
      defaults: { loggingDriver: 'json-file', runtime: 'runc', init: false, cgroup: 'private' },
      unsupported: [],
    },
    containers: [],
    strangers: [],
    unread: [],
    networks: [],
    volumes: [],
    images,
    imagesById: {},
    registryDigests: {},
    events: [],
  };
}

export function planFor(
  desired: DesiredStack,
  observed: ObservedState,
  options: Partial<PlanInput> = {},
): Plan {
  return planStack({
    desired,
    observed,
    inventory: [],
    complete: true,
    policy: anything,
    takeover: null,
    holds: [],
    stable: [],
    revision: commit,
    drift: { open: [], heals: [], reached: new Set() },
    approvals: [],
    now: observed.at,
    ...options,
  });
}

/** Plans and carries out until nothing is left to do; more than a few rounds mean that it never ends. */
export function converge(
  desired: DesiredStack,
  observed: ObservedState,
  options: Partial<PlanInput> & { readonly simulation?: SimulationOptions } = {},
): ObservedState {
  const { simulation, ...planning } = options;
  let state = observed;
  for (let round = 0; round < 6; round += 1) {
    const plan = planFor(desired, state, planning);
    if (plan.steps.length === 0) return state;
    state = simulatePlan(state, plan, { registry: imagesOf(desired), ...simulation }).observed;
  }
  throw new Error(
    `it does not converge:\n${planFor(desired, state, planning)
      .steps.map(({ id }) => id)
      .join('\n')}`,
  );
}

/** What is recorded once a stack has been brought to its line. */
export function inventoryOf({ engine, services, networks, volumes }: DesiredStack): readonly InventoryItem[] {
  return [
    ...services.map((item) => ({ engine, kind: 'service' as const, name: item.name, engineName: item.name })),
    ...networks.map((item) => ({
      engine,
      kind: 'network' as const,
      name: item.name,
      engineName: item.engineName,
    })),
    ...volumes.map((item) => ({
      engine,
      kind: 'volume' as const,
      name: item.name,
      engineName: item.engineName,
    })),
  ];
}

export function stableOf({ services }: DesiredStack): readonly StableService[] {
  return services.map((definition) => ({
    service: definition.name,
    hash: definition.hash,
    revision: commit,
    definition,
    digest: null,
  }));
}

/** The world in which a stack runs as it should. */
export function running(desired: DesiredStack, engine: ObservedState = emptyEngine()): ObservedState {
  return converge(desired, engine);
}

/** The same world, with one container changed behind our back. */
export function withContainer(
  observed: ObservedState,
  called: string,
  change: (container: ObservedContainer) => Partial<ObservedContainer>,
): ObservedState {
  if (!observed.containers.some((container) => container.name === called))
    throw new Error(`there is no ${called}`);
  return {
    ...observed,
    containers: observed.containers.map((container) =>
      container.name === called ? { ...container, ...change(container) } : container,
    ),
  };
}

export function withState(
  observed: ObservedState,
  called: string,
  state: Partial<ObservedContainer['state']>,
): ObservedState {
  return withContainer(observed, called, (container) => ({ state: { ...container.state, ...state } }));
}

export function withSpec(
  observed: ObservedState,
  called: string,
  spec: Partial<ObservedContainer['spec']>,
): ObservedState {
  return withContainer(observed, called, (container) => ({ spec: { ...container.spec, ...spec } }));
}

export function without(observed: ObservedState, called: string): ObservedState {
  return { ...observed, containers: observed.containers.filter((container) => container.name !== called) };
}
