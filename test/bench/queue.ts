import { randomBytes } from 'node:crypto';
import type { Queue } from '../../reconciler/model/ports.ts';
import { openQueues } from '../../reconciler/queue/queues.ts';
import { startDatabase } from '../support/database.ts';
import { startRedis } from '../support/redis.ts';
import type { Bench } from './context.ts';
import { figure, time, type Figure } from './figure.ts';

const hints = 200;
const burst = 500;
const workers = 4;

/** From the hint to the first line of work, and how long it takes to send hundreds and to begin on each. */
export async function benchQueue(bench: Bench): Promise<readonly Figure[]> {
  bench.say('queues: in process, on Redis, on Postgres');
  const redis = await startRedis(bench.directory('redis'));
  const database = await startDatabase(bench.directory('postgres'));
  try {
    const ping = await repeat(hints, () => redis.client.ping());
    const select = await repeat(hints, () => database.sql`select 1`);
    const beside = [
      { what: 'a PING of the same Redis', runs: ping, goal: null },
      { what: 'a select 1 of the same Postgres', runs: select, goal: null },
    ];
    const figures: Figure[] = [];
    for (const [where, url] of [
      ['in process', null],
      ['on Redis', redis.url],
      ['on Postgres', database.url],
    ] as const) {
      const { latencies, burstMs } = await measure(url);
      figures.push(
        figure(`hint to work, ${where}`, latencies, { beside }),
        figure(`${burst} hints of one commit, ${where}`, [burstMs]),
      );
    }
    return figures;
  } finally {
    await redis.close();
    await database.close();
  }
}

interface Measured {
  readonly latencies: readonly number[];
  readonly burstMs: number;
}

async function measure(url: string | null): Promise<Measured> {
  const queues = await openQueues({
    url,
    installation: `bench-${randomBytes(4).toString('hex')}`,
    onFailure: (_, error) => raise(error),
    onTrouble: raise,
    onRecovery: () => undefined,
  });
  try {
    const begun = consume(queues.create('bench'));
    await begun.once('first');
    let count = 0;
    const latencies = await repeat(hints, () => begun.once(`hint-${(count += 1)}`));
    const keys = Array.from({ length: burst }, (_, index) => `burst-${index}`);
    const burstMs = await time(() => begun.all(keys));
    begun.end();
    return { latencies, burstMs };
  } finally {
    await queues.close();
  }
}

function consume(queue: Queue) {
  const awaited = new Map<string, () => void>();
  const ending = new AbortController();
  const work = (key: string): Promise<void> => Promise.resolve(awaited.get(key)?.());
  void queue.consume(work, { concurrency: workers, signal: ending.signal });
  const begins = (key: string): Promise<void> => new Promise((resolve) => awaited.set(key, resolve));
  return {
    /** Enqueues the key, and resolves when the work on it begins. */
    async once(key: string): Promise<void> {
      const begun = begins(key);
      await queue.enqueue(key);
      await begun;
    },
    /** As a commit that concerns many stacks does. */
    async all(keys: readonly string[]): Promise<void> {
      const begun = keys.map(begins);
      for (const key of keys) await queue.enqueue(key);
      await Promise.all(begun);
    },
    end: () => ending.abort(),
  };
}

async function repeat(count: number, work: () => PromiseLike<unknown>): Promise<readonly number[]> {
  const runs: number[] = [];
  for (let run = 0; run < count; run += 1) runs.push(await time(async () => work()));
  return runs;
}

function raise(error: unknown): never {
  throw error;
}
