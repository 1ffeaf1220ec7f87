import type { Name } from '../model/ids.ts';
import type { EngineEvent } from './event-line.ts';
import type { EventFeed } from './events.ts';
import type { Informer } from './informer.ts';
import { readClaimedStack } from './labels.ts';
import type { Owners } from './owners.ts';

export interface Watcher {
  readonly feed: EventFeed;
  readonly informer: Informer;
  readonly owners: Owners;
  readonly installation: Name;
}

/**
 * Calls `onHint` for the stack of each container that something happened to, and for every stack that is known when the
 * stream is there again after a gap. Keeps the stream open until the signal aborts.
 */
export async function watchEngine(
  watcher: Watcher,
  onHint: (stack: Name) => void,
  signal: AbortSignal,
): Promise<void> {
  const { feed } = watcher;
  const stopListening = feed.listen((event) => {
    for (const stack of stacksOf(event, watcher)) onHint(stack);
  });
  try {
    await feed.follow(signal);
  } finally {
    stopListening();
  }
}

function stacksOf(event: EngineEvent, { informer, owners, installation }: Watcher): readonly Name[] {
  switch (event.kind) {
    case 'connected':
    case 'gap':
      return informer.stacks();
    case 'container': {
      const known = informer.lastKnown(event.id)?.container.ownership.stack ?? null;
      const stack = readClaimedStack(event.attributes, installation) ?? known;
      return stack === null ? [] : [stack];
    }
    case 'resource': {
      const stack = owners.ownerOf(event.of, event.name);
      return stack === null ? [] : [stack];
    }
    case 'lost':
    case 'image':
    case 'reload':
      return [];
    default:
      return event satisfies never;
  }
}
