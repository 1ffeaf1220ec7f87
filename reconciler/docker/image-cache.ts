import { isSyncError } from '../model/error.ts';
import type { ObservedImage } from '../model/observed.ts';
import type { Connection } from './connection.ts';
import { breaksTrust } from './event-line.ts';
import type { EventFeed } from './events.ts';
import { readImage } from './image.ts';
import { mapLimited } from './pool.ts';
import { inspectImage } from './resource-calls.ts';

/** Images by reference or id, asked once and kept until an event says that some image moved. */
export interface ImageCache {
  /** Null where the engine has no such image. */
  read(
    references: readonly string[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, ObservedImage | null>>>;
  clear(): void;
}

const inspectsAtOnce = 8;

export function createImageCache(connection: Connection, feed: EventFeed): ImageCache {
  let known = new Map<string, ObservedImage | null>();
  const clear = (): void => {
    known = new Map();
  };
  feed.listen((event) => {
    if (event.kind === 'image' || breaksTrust(event)) clear();
  });
  return {
    async read(references, signal) {
      // An event that comes while we ask replaces the map, so that nothing from before it is kept.
      const kept = feed.isLive() ? known : new Map<string, ObservedImage | null>();
      const wanted = [...new Set(references)].sort();
      const missing = wanted.filter((reference) => !kept.has(reference));
      const found = await mapLimited(missing, inspectsAtOnce, (reference) => inspect(reference, signal));
      missing.forEach((reference, index) => kept.set(reference, found[index] ?? null));
      return Object.fromEntries(wanted.map((reference) => [reference, kept.get(reference) ?? null]));
    },
    clear,
  };

  async function inspect(reference: string, signal: AbortSignal): Promise<ObservedImage | null> {
    try {
      return readImage(await inspectImage(connection, reference, signal));
    } catch (error) {
      if (isSyncError(error, 'ImageNotFound')) return null;
      throw error;
    }
  }
}
