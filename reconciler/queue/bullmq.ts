import type { Carrier, Receiver, Take } from './carrier.ts';
import { endsWithin, withinDeadline } from './deadline.ts';
import type { QueueHealth } from './health.ts';

/** How BullMQ reaches one kind of server. */
export interface BullServer {
  openQueue(name: string): BullQueue;
  openWorker(name: string, process: (job: BullJob) => Promise<void>, options: BullWorkerOptions): BullWorker;
  /** Whether a command would be sent at once. */
  isConnected(): boolean;
  readonly health: QueueHealth;
  close(): Promise<void>;
}

interface BullJob {
  readonly name: string;
}

/** What we use of BullMQ's Queue and Worker, whatever carries them. */
interface BullPart {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}

interface BullQueue extends BullPart {
  add(name: string, data: null, options: object): Promise<unknown>;
  close(): Promise<void>;
}

interface BullWorker extends BullPart {
  close(force: boolean): Promise<void>;
  getBackend(): { close(force: boolean): Promise<void> };
}

export interface BullWorkerOptions {
  readonly concurrency: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  readonly runRetryDelay: number;
}

/** What a killed process had taken is handed out again after both together at most: before its lease in the store ends. */
const lockMs = 20_000;
const stalledEveryMs = 10_000;
/** Attempts are counted in the store: the server only has to hand the key out again. */
const mostStalls = 1_000_000;
const retryMs = 1_000;
/** A server that is silent for so long hangs. */
const addDeadlineMs = 2_000;
const closeDeadlineMs = 3_000;

/** One named queue of BullMQ. A key is its job's name and its deduplication id; there is nothing else to carry. */
export function createBullCarrier(name: string, server: BullServer): Carrier {
  const { health } = server;
  let opening: Promise<BullQueue> | null = null;

  async function add(key: string): Promise<void> {
    if (!server.isConnected()) throw new Error('it is not connected');
    await withinDeadline(send(key), addDeadlineMs);
    health.answered();
  }

  async function send(key: string): Promise<void> {
    opening ??= openQueue().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    const queue = await opening;
    const deduplication = { id: key, keepLastIfActive: true };
    await queue.add(key, null, { deduplication, removeOnComplete: true, removeOnFail: true });
  }

  async function openQueue(): Promise<BullQueue> {
    const queue = server.openQueue(name);
    queue.on('error', health.failed);
    return readyOrClosed(queue);
  }

  function receive(take: Take, concurrency: number): Receiver {
    const closing = new AbortController();
    const received = keepWorker(server, { name, take, concurrency, signal: closing.signal });
    return {
      close: () => {
        closing.abort();
        return received;
      },
    };
  }

  async function close(): Promise<void> {
    const opened = opening?.then((queue) => queue.close()) ?? Promise.resolve();
    await endsWithin(opened, closeDeadlineMs);
  }

  return { add, receive, close };
}

interface Receiving {
  readonly name: string;
  readonly take: Take;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** Opens a worker as soon as the server lets us, and closes it when the signal aborts. */
async function keepWorker(server: BullServer, receiving: Receiving): Promise<void> {
  const { signal } = receiving;
  while (!signal.aborted) {
    const worker = openWorker(server, receiving);
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    try {
      await Promise.race([worker.waitUntilReady(), aborted]);
      await aborted;
    } catch (error) {
      server.health.failed(error);
      await Promise.race([aborted, new Promise((resolve) => setTimeout(resolve, retryMs))]);
    }
    await closeWorker(worker, server.isConnected());
  }
}

function openWorker(server: BullServer, { name, take, concurrency }: Receiving): BullWorker {
  const worker = server.openWorker(name, ({ name: key }) => take(key), {
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledEveryMs,
    maxStalledCount: mostStalls,
    runRetryDelay: retryMs,
  });
  worker.on('error', (error) => {
    if (!isForgotten(error)) server.health.failed(error);
  });
  return worker;
}

/** A server that was emptied, or that gave up on us, no longer knows what it handed out. Its end needs no record. */
function isForgotten(error: Error): boolean {
  return 'code' in error && typeof error.code === 'number' && error.code < 0;
}

/** In order where the server answers, so that others are handed what waits behind our work; else at once. */
async function closeWorker(worker: BullWorker, isConnected: boolean): Promise<void> {
  if (await endsWithin(worker.close(!isConnected), closeDeadlineMs)) return;
  await endsWithin(worker.getBackend().close(true), closeDeadlineMs);
}

async function readyOrClosed(queue: BullQueue): Promise<BullQueue> {
  try {
    await queue.waitUntilReady();
    return queue;
  } catch (error) {
    await endsWithin(queue.close(), closeDeadlineMs);
    throw error;
  }
}
