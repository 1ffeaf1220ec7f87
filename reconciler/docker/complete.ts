import type { ContainerSpec, NetworkMode } from '../model/container.ts';
import type { EngineInfo, ObservedContainer, ObservedImage } from '../model/observed.ts';
import { nameOf } from './list-item.ts';
import type { Lists } from './lists.ts';
import type { Picture } from './pictures.ts';

export interface Surroundings {
  readonly inspected: readonly ObservedContainer[];
  readonly listed: Lists['containers'];
  readonly engine: EngineInfo;
}

type Images = Readonly<Record<string, ObservedImage | null>>;

/** Adds what no container knows by itself: whose network it shares, and which platform its image is for. */
export function completeContainers({ inspected, listed, engine }: Surroundings): Picture['complete'] {
  const byId = new Map(inspected.map((container) => [container.id, container]));
  const ids = new Set(inspected.map(({ imageId }) => imageId));
  const around = { listed, engine, byId };
  let last: { readonly images: Images; readonly containers: readonly ObservedContainer[] } | null = null;
  return (images) => {
    const known = last;
    if (known !== null && [...ids].every((id) => known.images[id] === images[id])) return known.containers;
    const containers = inspected.map((container) => complete(container, images, around));
    last = { images, containers };
    return containers;
  };
}

interface Neighbours extends Omit<Surroundings, 'inspected'> {
  readonly byId: ReadonlyMap<string, ObservedContainer>;
}

function complete(container: ObservedContainer, images: Images, around: Neighbours): ObservedContainer {
  const { spec, imageId } = container;
  const platform = foreignPlatform(images[imageId] ?? null, around.engine);
  const isAlone = ![spec.network_mode, spec.pid, spec.ipc].some((mode) => mode.startsWith('container:'));
  if (platform === null && isAlone) return container;
  const named: Pick<ContainerSpec, 'network_mode' | 'pid' | 'ipc'> = {
    network_mode: nameReference(spec.network_mode, container, around),
    pid: nameReference(spec.pid, container, around),
    ipc: nameReference(spec.ipc, container, around),
  };
  return { ...container, spec: { ...spec, ...named, platform } };
}

/** Null where the image is for the engine's own platform. */
function foreignPlatform(image: ObservedImage | null, { os, architecture }: EngineInfo): string | null {
  const platform = image?.config.platform ?? '';
  const own = `${os}/${architecture}`;
  return platform === '' || platform === own || platform.startsWith(`${own}/`) ? null : platform;
}

/** `container:<id>` as `service:<name>` where that is a service of the same stack, else by the container's name. */
function nameReference<Mode extends string>(
  mode: Mode,
  { ownership }: ObservedContainer,
  { listed, byId }: Neighbours,
): Mode | NetworkMode {
  if (!mode.startsWith('container:')) return mode;
  const id = mode.slice('container:'.length);
  const other = byId.get(id);
  if (other !== undefined && other.ownership.stack === ownership.stack) {
    return `service:${other.ownership.resource}`;
  }
  const item = listed.get(id);
  return item === undefined ? mode : `container:${nameOf(item)}`;
}
