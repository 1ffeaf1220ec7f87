import type { ConsumeOptions, Queue } from '../model/ports.ts';
import type { Carrier } from './carrier.ts';
import { createInlineQueue, type InlineQueueOptions } from './inline.ts';

export interface SharedQueueOptions extends InlineQueueOptions {
  readonly carrier: Carrier;
  /** Told of each key that the carrier could not be given; this process then works on it by itself. */
  readonly onCarrierFailure: (error: unknown) => void;
}

type Work = (key: string, signal: AbortSignal) => Promise<void>;

/**
 * A queue between processes. What the carrier hands to this process goes through a queue inside it, so that a key that
 * came while the carrier was away, and the same key from the carrier, are never worked on twice at a time here.
 */
export function createSharedQueue(options: SharedQueueOptions): Queue {
  const { carrier, onCarrierFailure } = options;
  const here = createInlineQueue(options);
  const handedOut = createHandouts();
  const closing = new AbortController();
  const consumers = new Set<Promise<void>>();

  async function enqueue(key: string): Promise<void> {
    try {
      await carrier.add(key);
    } catch (error) {
      onCarrierFailure(error);
      await here.enqueue(key);
    }
  }

  function consume(work: Work, options: ConsumeOptions): Promise<void> {
    const consumed = receive(work, options).finally(() => consumers.delete(consumed));
    consumers.add(consumed);
    return consumed;
  }

  async function receive(work: Work, { concurrency, signal }: ConsumeOptions): Promise<void> {
    if (signal.aborted || closing.signal.aborted) return;
    const ending = AbortSignal.any([signal, closing.signal]);
    const take = async (key: string): Promise<void> => {
      if (ending.aborted) return enqueue(key);
      const done = handedOut.add(key);
      await here.enqueue(key);
      await done;
    };
    const receiver = carrier.receive(take, concurrency);
    const received = new Promise<void>((resolve) => {
      ending.addEventListener('abort', () => resolve(receiver.close()), { once: true });
    });
    await here.consume((key, running) => handedOut.during(key, () => work(key, running)), {
      concurrency,
      signal,
    });
    await handedOut.putBack(enqueue);
    await received;
  }

  async function close(): Promise<void> {
    closing.abort();
    await here.close();
    await Promise.all(consumers);
    await carrier.close();
  }

  return { enqueue, consume, close };
}

/** Keys that the carrier handed to this process, each until its work here has ended. */
function createHandouts() {
  const unbegun = new Map<string, (() => void)[]>();
  const take = (key: string): readonly (() => void)[] => {
    const finishers = unbegun.get(key) ?? [];
    unbegun.delete(key);
    return finishers;
  };
  return {
    /** Resolves when the next work on this key has ended. */
    add(key: string): Promise<void> {
      return new Promise((resolve) => unbegun.set(key, [...(unbegun.get(key) ?? []), resolve]));
    },
    async during(key: string, work: () => Promise<void>): Promise<void> {
      const finishers = take(key);
      try {
        await work();
      } finally {
        for (const finish of finishers) finish();
      }
    },
    /** Nobody here begins them any more: each goes to whoever takes it next. */
    async putBack(enqueue: (key: string) => Promise<void>): Promise<void> {
      for (const key of unbegun.keys()) {
        await enqueue(key);
        for (const finish of take(key)) finish();
      }
    },
  };
}
