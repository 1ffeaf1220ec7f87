import type { Name } from '../model/ids.ts';

/** Places for the work of each engine, so that what hangs on one takes no place of another's. */
export interface Lanes {
  /** Runs the work when its engine has a place left. Otherwise the key is called again when it has, and this returns. */
  enter(engine: Name, key: string, work: () => Promise<void>): Promise<void>;
}

export interface LanesOptions {
  /** How much work of one engine may be under way at once. */
  readonly places: number;
  /** There is a place for what was turned away. */
  readonly onFree: (key: string) => void;
}

export function createLanes({ places, onFree }: LanesOptions): Lanes {
  const busy = new Map<Name, number>();
  const waiting = new Map<Name, Set<string>>();

  const leave = (engine: Name): void => {
    busy.set(engine, (busy.get(engine) ?? 1) - 1);
    const queue = waiting.get(engine);
    for (const key of queue ?? []) {
      queue?.delete(key);
      return onFree(key);
    }
  };

  return {
    async enter(engine, key, work) {
      const taken = busy.get(engine) ?? 0;
      if (taken >= places) {
        const queue = waiting.get(engine) ?? new Set();
        waiting.set(engine, queue.add(key));
        return;
      }
      busy.set(engine, taken + 1);
      try {
        await work();
      } finally {
        leave(engine);
      }
    },
  };
}
