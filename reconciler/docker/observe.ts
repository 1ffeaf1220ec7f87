import type { ObservedImage, ObservedState } from '../model/observed.ts';
import type { ObserveRequest } from '../model/ports.ts';
import type { EventFeed } from './events.ts';
import type { FactSource } from './facts.ts';
import type { ImageCache } from './image-cache.ts';
import { sorted } from './network-fields.ts';
import type { Pictures } from './pictures.ts';
import type { RegistryReader } from './registry.ts';

export interface Observer {
  readonly facts: FactSource;
  readonly feed: EventFeed;
  readonly pictures: Pictures;
  readonly images: ImageCache;
  readonly registry: RegistryReader;
}

/**
 * One look at the engine: the picture of what is there, which costs three calls at most where nothing is new, and the
 * images that bear on it.
 */
export async function observeEngine(
  observer: Observer,
  request: ObserveRequest,
  signal: AbortSignal,
): Promise<ObservedState> {
  const at = Date.now();
  const { feed, pictures } = observer;
  const facts = await observer.facts.read(signal);
  const picture = await pictures.read({ facts, mayRecall: request.mayRecall ?? false, signal });
  const { strangers, unread, networks, volumes, imageIds } = picture;
  const images = await observer.images.read([...request.images, ...imageIds], signal);
  const registryDigests = await observer.registry.readDigests(request.freshImages, { images, signal });
  // After everything else, so that the end of what we have seen the middle of is told too.
  if (!feed.isLive()) await feed.catchUp(signal);
  return {
    at,
    engine: facts.info,
    containers: picture.complete(images),
    strangers,
    unread,
    networks,
    volumes,
    images: pick(images, request.images),
    imagesById: pick(images, imageIds),
    registryDigests,
    events: feed.told(),
  };
}

function pick(
  images: Readonly<Record<string, ObservedImage | null>>,
  references: readonly string[],
): Readonly<Record<string, ObservedImage | null>> {
  return Object.fromEntries(sorted(references).map((reference) => [reference, images[reference] ?? null]));
}
