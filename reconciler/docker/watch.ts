import type { Name } from '../model/ids.ts';
import type { EngineEvent, EventFeed } from './events.ts';
import type { Informer } from './informer.ts';
import { readClaimedStack } from './labels.ts';

export interface Watcher {
  readonly feed: EventFeed;
  readonly informer: Informer;
  readonly installation: Name;
}

/**
 * Calls `onHint` for the stack of each container that something happened to, and for every stack that is known when the
 * stream is there again after a gap. Keeps the stream open until the signal aborts.
 */
export async function watchEngine(
  { feed, informer, installation }: Watcher,
  onHint: (stack: Name) => void,
  signal: AbortSignal,
): Promise<void> {
  const stopListening = feed.listen((event) => {
    for (const stack of stacksOf(event, informer, installation)) onHint(stack);
  });
  try {
    await feed.follow(signal);
  } finally {
    stopListening();
  }
}

function stacksOf(event: EngineEvent, informer: Informer, installation: Name): readonly Name[] {
  switch (event.kind) {
    case 'connected':
      return informer.stacks();
    case 'container': {
      const known = informer.lastKnown(event.id)?.container.ownership.stack ?? null;
      const stack = readClaimedStack(event.attributes, installation) ?? known;
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
