import type { ContainerSpec, NetworkMode } from '../model/container.ts';
import type { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type {
  EngineInfo,
  ObservedContainer,
  ObservedImage,
  ObservedState,
  Stranger,
  UnreadContainer,
} from '../model/observed.ts';
import type { ObserveRequest } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import type { Connection } from './connection.ts';
import { listContainers } from './container-calls.ts';
import type { EventFeed } from './events.ts';
import type { FactSource } from './facts.ts';
import type { ImageCache } from './image-cache.ts';
import { nameOf, type Informer } from './informer.ts';
import { claimsInstallation, readClaim, readClaimedStack, readContainerLabels } from './labels.ts';
import { sorted } from './network-fields.ts';
import type { Owners } from './owners.ts';
import type { RegistryReader } from './registry.ts';
import { listNetworks, listVolumes } from './resource-calls.ts';
import { readNetworkAnswer, readVolumeAnswer } from './resources.ts';
import type { ContainerListItem } from './wire.ts';

export interface Observer {
  readonly connection: Connection;
  readonly installation: Name;
  readonly facts: FactSource;
  readonly feed: EventFeed;
  readonly informer: Informer;
  readonly owners: Owners;
  readonly images: ImageCache;
  readonly registry: RegistryReader;
}

/**
 * One look at the engine: three lists, side by side, and then only what the informer and the image cache do not know.
 */
export async function observeEngine(
  observer: Observer,
  request: ObserveRequest,
  signal: AbortSignal,
): Promise<ObservedState> {
  const { connection, installation } = observer;
  const at = Date.now();
  const facts = await observer.facts.read(signal);
  const [listed, networks, volumes] = await Promise.all([
    listContainers(connection, signal),
    listNetworks(connection, signal),
    listVolumes(connection, {}, signal),
  ]);
  const ours = listed.filter((item) => isOurs(item, installation));
  const { found, unread } = await observer.informer.details(ours, {
    reader: { installation, facts },
    signal,
  });
  const inspected = [...found.values()].map(({ container }) => container).sort(byName);
  const imageIds = inspected.map(({ imageId }) => imageId);
  const images = await observer.images.read([...request.images, ...imageIds], signal);
  const registryDigests = await observer.registry.readDigests(request.freshImages, { images, signal });
  const resources = {
    networks: networks.map((answer) => readNetworkAnswer(answer, installation)).sort(byName),
    volumes: volumes.map((answer) => readVolumeAnswer(answer, installation)).sort(byName),
  };
  observer.owners.note(resources);
  // After everything else, so that the end of what we have seen the middle of is told too.
  if (!observer.feed.isLive()) await observer.feed.catchUp(signal);
  return {
    at,
    engine: facts.info,
    containers: inspected.map((container) =>
      complete(container, { listed, inspected, images, engine: facts.info }),
    ),
    strangers: listed
      .filter(({ Id }) => !found.has(Id))
      .map((item) => readStranger(item, installation))
      .sort(byName),
    unread: ours.flatMap((item) => readUnread(item, unread.get(item.Id), installation)).sort(byName),
    ...resources,
    images: pick(images, request.images),
    imagesById: pick(images, imageIds),
    registryDigests,
    events: observer.feed.told(),
  };
}

function isOurs(item: ContainerListItem, installation: Name): boolean {
  return readContainerLabels(item.Labels ?? {}, { installation, name: nameOf(item) }) !== null;
}

function readUnread(
  item: ContainerListItem,
  error: SyncError | undefined,
  installation: Name,
): readonly UnreadContainer[] {
  const stack = readClaimedStack(item.Labels ?? {}, installation);
  if (error === undefined || stack === null) return [];
  const { code, message } = error;
  return [{ id: item.Id, name: nameOf(item), stack, error: { code, message } }];
}

function readStranger(item: ContainerListItem, installation: Name): Stranger {
  const ports = (item.Ports ?? []).flatMap(({ IP, PublicPort, Type }) =>
    PublicPort ? [`${IP ?? ''}:${PublicPort}/${Type}`] : [],
  );
  return {
    id: item.Id,
    name: nameOf(item),
    hostPorts: sorted(ports),
    networks: sorted(Object.keys(item.NetworkSettings?.Networks ?? {})),
    forged: claimsInstallation(item.Labels ?? {}, installation),
    claim: readClaim(item.Labels ?? {}, installation),
  };
}

interface Surroundings {
  readonly listed: readonly ContainerListItem[];
  readonly inspected: readonly ObservedContainer[];
  readonly images: Readonly<Record<string, ObservedImage | null>>;
  readonly engine: EngineInfo;
}

/** Adds what no container knows by itself: whose network it shares, and which platform its image is for. */
function complete(container: ObservedContainer, around: Surroundings): ObservedContainer {
  const { spec, imageId } = container;
  const platform = foreignPlatform(around.images[imageId] ?? null, around.engine);
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
  { listed, inspected }: Surroundings,
): Mode | NetworkMode {
  if (!mode.startsWith('container:')) return mode;
  const id = mode.slice('container:'.length);
  const other = inspected.find((container) => container.id === id);
  if (other !== undefined && other.ownership.stack === ownership.stack) {
    return `service:${other.ownership.resource}`;
  }
  const item = listed.find(({ Id }) => Id === id);
  return item === undefined ? mode : `container:${nameOf(item)}`;
}

function pick(
  images: Readonly<Record<string, ObservedImage | null>>,
  references: readonly string[],
): Readonly<Record<string, ObservedImage | null>> {
  return Object.fromEntries(sorted(references).map((reference) => [reference, images[reference] ?? null]));
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return compareText(left.name, right.name);
}
