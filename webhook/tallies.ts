import type { DeliveryTally } from '../reconciler/model/delivery.ts';
import { isSyncError } from '../reconciler/model/error.ts';

/** Deliveries that are counted instead of recorded one by one. They cost the store one row a second at most. */
export interface Tallies {
  add(tally: Omit<DeliveryTally, 'count'>): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface TallyOptions {
  readonly write: (tally: DeliveryTally) => Promise<void>;
  readonly onBug: (error: unknown) => void;
}

const writeEveryMs = 1_000;
/** Receivers are few and so are reasons; events are words of whoever knows the secret. */
const mostTallies = 200;

export function createTallies({ write, onBug }: TallyOptions): Tallies {
  let waiting = new Map<string, DeliveryTally>();
  let timer: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();

  function add(tally: Omit<DeliveryTally, 'count'>): void {
    const key = `${tally.receiver} ${tally.result} ${tally.code}`;
    const known = waiting.get(key);
    if (known === undefined && waiting.size >= mostTallies) return;
    waiting.set(key, { ...tally, count: (known?.count ?? 0) + 1 });
    timer ??= setTimeout(flush, writeEveryMs);
  }

  function flush(): void {
    timer = null;
    const tallies = [...waiting.values()];
    waiting = new Map();
    writing = writing.then(() => writeAll(tallies)).catch(onBug);
  }

  /** A count that could not be written is lost: it is for people's eyes only. */
  async function writeAll(tallies: readonly DeliveryTally[]): Promise<void> {
    for (const tally of tallies) {
      try {
        await write(tally);
      } catch (error) {
        if (!isSyncError(error)) throw error;
      }
    }
  }

  return {
    add,
    async close() {
      if (timer !== null) clearTimeout(timer);
      flush();
      await writing;
    },
  };
}
