import type { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type {
  ObservedContainer,
  ObservedImage,
  ObservedState,
  Stranger,
  UnreadContainer,
} from '../model/observed.ts';
import { compareText } from '../model/problem.ts';
import { completeContainers } from './complete.ts';
import type { EngineFacts } from './facts.ts';
import type { Informer } from './informer.ts';
import { claimsInstallation, readClaim, readClaimedStack, readContainerLabels } from './labels.ts';
import { nameOf } from './list-item.ts';
import type { ListReader, Lists, ReadOptions } from './lists.ts';
import { sorted } from './network-fields.ts';
import type { Owners } from './owners.ts';
import { readNetworkAnswer, readVolumeAnswer } from './resources.ts';
import { createTurns } from './turns.ts';
import type { ContainerListItem } from './wire.ts';

/** Everything on an engine in canonical form, but for what only the images tell. */
export interface Picture extends Pick<ObservedState, 'strangers' | 'unread' | 'networks' | 'volumes'> {
  /** Of our containers, each once. */
  readonly imageIds: readonly string[];
  /** Our containers by name; the same list while the images are the same. */
  complete(images: Readonly<Record<string, ObservedImage | null>>): readonly ObservedContainer[];
}

export interface Pictures {
  /** The same picture while nothing has changed. One look at a time: what one found out serves the next. */
  read(options: PictureOptions): Promise<Picture>;
}

export interface PictureOptions extends ReadOptions {
  readonly facts: EngineFacts;
}

export interface PictureSource {
  readonly installation: Name;
  readonly lists: ListReader;
  readonly informer: Informer;
  readonly owners: Owners;
}

export function createPictures(source: PictureSource): Pictures {
  const turns = createTurns();
  let last: { readonly lists: Lists; readonly facts: EngineFacts; readonly picture: Picture } | null = null;
  return {
    read: (options) =>
      turns.take(async () => {
        const { facts } = options;
        const lists = await source.lists.read(options);
        if (last?.lists === lists && last.facts === facts) return last.picture;
        const picture = await draw(source, lists, options);
        // What could not be read now may be read the next time.
        last = picture.unread.length > 0 ? null : { lists, facts, picture };
        return picture;
      }),
  };
}

async function draw(
  { installation, informer, owners }: PictureSource,
  lists: Lists,
  { facts, signal }: PictureOptions,
): Promise<Picture> {
  const listed = [...lists.containers.values()];
  const ours = listed.filter((item) => isOurs(item, installation));
  const reader = { installation, facts };
  const { found, unread } = await informer.details(ours, { reader, signal });
  const inspected = [...found.values()].map(({ container }) => container).sort(byName);
  const resources = {
    networks: lists.networks.map((answer) => readNetworkAnswer(answer, installation)).sort(byName),
    volumes: lists.volumes.map((answer) => readVolumeAnswer(answer, installation)).sort(byName),
  };
  owners.note(resources);
  return {
    ...resources,
    strangers: listed
      .filter(({ Id }) => !found.has(Id))
      .map((item) => readStranger(item, installation))
      .sort(byName),
    unread: ours.flatMap((item) => readUnread(item, unread.get(item.Id), installation)).sort(byName),
    imageIds: sorted(inspected.map(({ imageId }) => imageId)),
    complete: completeContainers({ inspected, listed: lists.containers, engine: facts.info }),
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

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return compareText(left.name, right.name);
}
