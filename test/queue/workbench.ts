import type { Queue } from '../../reconciler/model/ports.ts';

/** One piece of work that has begun and that the test ends. */
interface StartedWork {
  readonly signal: AbortSignal;
  finish(): void;
  fail(error: Error): void;
}

interface Consumer {
  readonly ended: Promise<void>;
  abort(): void;
}

/** A queue and consumers whose work does nothing until the test says so. */
interface Workbench extends AsyncDisposable {
  readonly queue: Queue;
  /** `begin <key>` and `end <key>`, in order. */
  readonly log: readonly string[];
  consume(concurrency: number, signal?: AbortSignal): Consumer;
  /** The next piece of work of that key that begins or has begun; each is given once. */
  started(key: string): Promise<StartedWork>;
  mostAtOnce(): number;
}

export async function createWorkbench(createQueue: () => Promise<Queue>): Promise<Workbench> {
  const queue = await createQueue();
  const log: string[] = [];
  const begun = new Map<string, StartedWork[]>();
  const awaited = new Map<string, ((work: StartedWork) => void)[]>();
  const unfinished = new Set<StartedWork>();
  const consumers: Consumer[] = [];
  let most = 0;

  function work(key: string, signal: AbortSignal): Promise<void> {
    log.push(`begin ${key}`);
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        unfinished.delete(started);
        log.push(`end ${key}`);
      };
      const started: StartedWork = {
        signal,
        finish: () => (leave(), resolve()),
        fail: (error) => (leave(), reject(error)),
      };
      unfinished.add(started);
      most = Math.max(most, unfinished.size);
      const waiter = awaited.get(key)?.shift();
      if (waiter === undefined) begun.set(key, [...(begun.get(key) ?? []), started]);
      else waiter(started);
    });
  }

  return {
    queue,
    log,
    consume(concurrency, signal) {
      const controller = new AbortController();
      const both = signal === undefined ? controller.signal : AbortSignal.any([controller.signal, signal]);
      const consumer = {
        ended: queue.consume(work, { concurrency, signal: both }),
        abort: () => controller.abort(),
      };
      consumers.push(consumer);
      return consumer;
    },
    started(key) {
      const work = begun.get(key)?.shift();
      if (work !== undefined) return Promise.resolve(work);
      return new Promise((resolve) => awaited.set(key, [...(awaited.get(key) ?? []), resolve]));
    },
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      for (const consumer of consumers) consumer.abort();
      for (const started of unfinished) started.finish();
      await Promise.all(consumers.map(({ ended }) => ended));
      await queue.close();
    },
  };
}
