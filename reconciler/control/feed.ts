import type { Notice, Notifier } from '../model/notice.ts';

/** Passes each notice on to whoever listens at that moment. */
export interface NoticeFeed extends Notifier {
  /** Returns what ends the listening. */
  subscribe(listener: (notice: Notice) => void): () => void;
}

export function createNoticeFeed(): NoticeFeed {
  const listeners = new Set<(notice: Notice) => void>();
  return {
    notify(notice) {
      for (const listener of listeners) listener(notice);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
