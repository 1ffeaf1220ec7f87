import type { EventFeed } from './events.ts';

/**
 * Counts what looks had to put right in the memory of earlier looks. An event that is late is no correction: what a
 * look finds changed counts only when no event explains it within a moment.
 */
export interface Corrections {
  /** Containers that a look found changed although no event had told of them. */
  found(ids: readonly string[]): void;
  count(): number;
}

const explainedWithinMs = 2_000;

export function createCorrections(feed: EventFeed): Corrections {
  const suspectedAt = new Map<string, number>();
  let corrected = 0;
  feed.listen((event) => {
    if (event.kind === 'container') suspectedAt.delete(event.id);
  });
  const settle = (): void => {
    for (const [id, at] of suspectedAt) {
      if (Date.now() - at < explainedWithinMs) continue;
      suspectedAt.delete(id);
      corrected += 1;
    }
  };
  return {
    found(ids) {
      settle();
      for (const id of ids) if (!suspectedAt.has(id)) suspectedAt.set(id, Date.now());
    },
    count() {
      settle();
      return corrected;
    },
  };
}
