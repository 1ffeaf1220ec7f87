import type { ConsumeOptions, Queue } from '../model/ports.ts';

export interface InlineQueueOptions {
  /** Told of work that threw. The loop goes on; the key runs again only when it is enqueued again. */
  readonly onFailure?: (key: string, error: unknown) => void;
}

type Work = (key: string, signal: AbortSignal) => Promise<void>;

/**
 * A work queue inside one process, in the manner of client-go's: a key waits at most once, nobody works on it twice
 * at a time, and when it is enqueued during its work it runs once more afterwards. First in, first out.
 */
export function createInlineQueue({ onFailure = () => {} }: InlineQueueOptions = {}): Queue {
  const waiting = new Set<string>();
  const active = new Set<string>();
  const again = new Set<string>();
  const consumers = new Map<() => void, Promise<void>>();
  let isClosed = false;

  function enqueue(key: string): Promise<void> {
    (active.has(key) ? again : waiting).add(key);
    wakeConsumers();
    return Promise.resolve();
  }

  function wakeConsumers(): void {
    for (const wake of consumers.keys()) wake();
  }

  async function consume(work: Work, { concurrency, signal }: ConsumeOptions): Promise<void> {
    let running = 0;
    let end: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const wake = (): void => {
      if (isClosed || signal.aborted) {
        if (running === 0) end();
        return;
      }
      while (running < concurrency && waiting.size > 0) {
        running += 1;
        void runFirst(work, signal).then(() => {
          running -= 1;
          wakeConsumers();
        });
      }
    };
    consumers.set(wake, ended);
    signal.addEventListener('abort', wake);
    wake();
    await ended;
    signal.removeEventListener('abort', wake);
    consumers.delete(wake);
  }

  async function runFirst(work: Work, signal: AbortSignal): Promise<void> {
    const [key = ''] = waiting;
    waiting.delete(key);
    active.add(key);
    try {
      await work(key, signal);
    } catch (error) {
      onFailure(key, error);
    } finally {
      active.delete(key);
      if (again.delete(key)) waiting.add(key);
    }
  }

  async function close(): Promise<void> {
    isClosed = true;
    wakeConsumers();
    await Promise.all(consumers.values());
  }

  return { enqueue, consume, close };
}
