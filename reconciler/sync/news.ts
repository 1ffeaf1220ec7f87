import type { Name } from '../model/ids.ts';
import type { News } from '../model/news.ts';
import type { Bell } from './bell.ts';
import type { World } from './world.ts';

/** Passes news of the store on to whoever listens at that moment. */
export interface NewsFeed {
  tell(news: News): void;
  /** Returns what ends the listening. */
  subscribe(listener: (news: News) => void): () => void;
}

export function createNewsFeed(): NewsFeed {
  const listeners = new Set<(news: News) => void>();
  return {
    tell(news) {
      for (const listener of listeners) listener(news);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export interface NewsOptions {
  /** Rung when some stack was asked for. */
  readonly due: Bell;
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Does what other processes make necessary here: stops what they want stopped, looks for what they asked for, and
 * reads again what they recorded.
 */
export async function followNews(world: World, { due, onFailure, signal }: NewsOptions): Promise<void> {
  const refreshing = createRefreshing(world, onFailure);
  const unsubscribe = world.news.subscribe((news) => {
    switch (news.kind) {
      case 'missed':
        due.ring();
        return refreshing.refresh(null);
      case 'due':
        return due.ring();
      case 'stop':
        return void world.running.stop(news.stack, news.reason);
      case 'status':
        return refreshing.refresh(news.stack);
      case 'sync':
        return;
      default:
        return news satisfies never;
    }
  });
  try {
    await world.store.watch((news) => world.news.tell(news), signal);
  } finally {
    unsubscribe();
    await refreshing.ended();
  }
}

/** Any number of changes while statuses are read come to one more reading. */
function createRefreshing({ statuses }: World, onFailure: (error: unknown) => void) {
  const wanted = new Set<Name>();
  let wantsAll = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    while (wantsAll || wanted.size > 0) {
      const stacks = wantsAll ? undefined : [...wanted];
      wantsAll = false;
      wanted.clear();
      await statuses.refresh(stacks).catch(onFailure);
    }
  }

  return {
    refresh(stack: Name | null): void {
      if (stack === null) wantsAll = true;
      else wanted.add(stack);
      running ??= run().finally(() => (running = null));
    },
    async ended(): Promise<void> {
      await running;
    },
  };
}
