import type { ContainerSpec } from '../model/container.ts';
import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { ContainerState, ObservedContainer, ObservedState, ObservedVolume } from '../model/observed.ts';
import type { CreateContainer, Target } from '../model/plan.ts';
import { expectedSpec } from './expected.ts';
import { findTarget, refuseTakenName, type MadeContainers } from './simulate-names.ts';

export interface CreateContext {
  readonly stack: Name;
  readonly made: MadeContainers;
}

/** The world with one container more, made and not started. */
export function simulateCreate(
  state: ObservedState,
  operation: CreateContainer,
  { stack, made }: CreateContext,
): ObservedState {
  const { name, intent, service, instance, hash, revision } = operation;
  refuseTakenName(state, name);
  const image = state.images[intent.image] ?? null;
  if (image === null)
    throw new SyncError('ImageNotFound', `Image ${intent.image} is not on the engine; pull it first.`);
  const spec = withReferences(
    expectedSpec(intent, image.config, state.engine.defaults),
    operation,
    (target) => findTarget(state, target, made),
  );
  refuseMissing(spec, state);
  const id = containerId(state.at);
  const anonymousVolumes = anonymousVolumesOf(spec, operation, id);
  const container: ObservedContainer = {
    id,
    name,
    ownership: { stack, resource: service },
    instance,
    specHash: hash,
    revision,
    imageId: image.id,
    createdAt: state.at,
    state: unstarted,
    spec,
    liveConfigs: Object.fromEntries(operation.liveConfigs.map((path) => [path, 'told'])),
    anonymousVolumes,
  };
  return {
    ...state,
    containers: [...state.containers, container],
    volumes: withAnonymous(state.volumes, Object.values(anonymousVolumes)),
    imagesById: { ...state.imagesById, [image.id]: image },
  };
}

/** Differs from its first digits on; the whole time at the end keeps 7d0 and 7d00 apart. */
function containerId(at: number): string {
  const digits = at.toString(16);
  return digits.padEnd(48, '0') + digits.padStart(16, '0');
}

const unstarted: ContainerState = {
  status: 'created',
  health: 'none',
  exitCode: null,
  oomKilled: false,
  error: '',
  restartCount: 0,
  startedAt: null,
  finishedAt: null,
};

/** The engine keeps the ids of those whose namespaces are shared. */
function withReferences(
  spec: ContainerSpec,
  { references }: CreateContainer,
  find: (target: Target) => ObservedContainer,
): ContainerSpec {
  const resolved = <Mode extends string>(mode: Mode): Mode | `container:${string}` => {
    if (!mode.startsWith('service:')) return mode;
    const target = references[mode.slice('service:'.length)];
    if (target === undefined)
      throw new SyncError('EngineRejected', `${mode} names no container; this is a mistake of ours.`);
    return `container:${find(target).id}`;
  };
  return {
    ...spec,
    network_mode: resolved(spec.network_mode),
    pid: resolved(spec.pid),
    ipc: resolved(spec.ipc),
  };
}

function refuseMissing(spec: ContainerSpec, { networks, volumes }: ObservedState): void {
  const network = Object.keys(spec.networks).find(
    (name) => !networks.some((present) => present.name === name),
  );
  if (network !== undefined)
    throw new SyncError('EngineRejected', `Network ${network} does not exist; create it first.`);
  for (const mount of Object.values(spec.mounts)) {
    if (mount.type !== 'volume' || mount.source === '' || volumes.some(({ name }) => name === mount.source))
      continue;
    throw new SyncError('EngineRejected', `Volume ${mount.source} does not exist; create it first.`);
  }
}

/** Carried over by name, or drawn by the engine. */
function anonymousVolumesOf(
  spec: ContainerSpec,
  { anonymousVolumes }: CreateContainer,
  id: string,
): Readonly<Record<string, string>> {
  const targets = Object.entries(spec.mounts).filter(
    ([, mount]) => mount.type === 'volume' && mount.source === '',
  );
  const drawn = targets.map(
    ([target], index) => [target, `${id.slice(0, 60)}${String(index).padStart(4, '0')}`] as const,
  );
  return { ...Object.fromEntries(drawn), ...anonymousVolumes };
}

function withAnonymous(
  volumes: readonly ObservedVolume[],
  names: readonly string[],
): readonly ObservedVolume[] {
  const fresh = names.filter((name) => !volumes.some((volume) => volume.name === name));
  return [
    ...volumes,
    ...fresh.map((name) => ({
      name,
      ownership: null,
      driver: 'local',
      options: {},
      labels: {},
      saidOptions: null,
    })),
  ];
}
