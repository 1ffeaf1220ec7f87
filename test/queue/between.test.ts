import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SyncError } from '../../reconciler/model/error.ts';
import type { Queue } from '../../reconciler/model/ports.ts';
import { openQueues } from '../../reconciler/queue/queues.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { createWorkbench } from './workbench.ts';

let redis: TestRedis;
let told: string[];

beforeEach(async () => {
  redis = await startRedis(temporaryDirectory());
  told = [];
});

afterEach(() => redis.close());

/** As many processes as are wanted, all on one queue. */
function processes(): () => Promise<Queue> {
  const installation = randomBytes(4).toString('hex');
  return async () => {
    const queues = await openQueues({
      url: redis.url,
      installation,
      onFailure: () => undefined,
      onTrouble: ({ code }: SyncError) => void told.push(code),
      onRecovery: () => void told.push('recovered'),
    });
    return { ...queues.create('syncs'), close: () => queues.close() };
  };
}

describe('between processes', () => {
  test('a key that one enqueues is worked on by another', async () => {
    const open = processes();
    await using here = await createWorkbench(open);
    await using there = await createWorkbench(open);
    there.consume(1);
    await here.queue.enqueue('shop');
    await there.started('shop');
    expect(here.log).toEqual([]);
  });

  test('a key is never worked on by two at a time, and an enqueue meanwhile is not lost', async () => {
    const open = processes();
    await using here = await createWorkbench(open);
    await using there = await createWorkbench(open);
    here.consume(2);
    await here.queue.enqueue('shop');
    const first = await here.started('shop');
    there.consume(2);
    for (const key of ['shop', 'a', 'shop', 'b']) await there.queue.enqueue(key);
    await Promise.race([here.started('a'), there.started('a')]);
    await Promise.race([here.started('b'), there.started('b')]);
    const begun = (): number => [...here.log, ...there.log].filter((line) => line === 'begin shop').length;
    expect(begun()).toBe(1);
    first.finish();
    await until('it has begun once more', () => begun() === 2);
  });

  test('what one took and could not begin goes to the other when it leaves', async () => {
    const open = processes();
    await using here = await createWorkbench(open);
    await using there = await createWorkbench(open);
    const leaving = here.consume(1);
    await here.queue.enqueue('shop');
    const shop = await here.started('shop');
    for (const key of ['shop', 'blog', 'wiki']) await here.queue.enqueue(key);
    leaving.abort();
    shop.finish();
    await leaving.ended;
    there.consume(3);
    for (const key of ['shop', 'blog', 'wiki']) await there.started(key);
  });

  test('two installations on one server do not hear each other', async () => {
    await using here = await createWorkbench(processes());
    await using there = await createWorkbench(processes());
    there.consume(1);
    await here.queue.enqueue('shop');
    await there.queue.enqueue('last');
    (await there.started('last')).finish();
    here.consume(1);
    await here.started('shop');
    expect(there.log).toEqual(['begin last', 'end last']);
  });

  test('every key of ours begins with the name of the program and of the installation', async () => {
    await using bench = await createWorkbench(processes());
    bench.consume(1);
    await bench.queue.enqueue('shop');
    await bench.started('shop');
    const keys = await redis.client.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !/^\{plimsoll:[0-9a-f]{8}\}:syncs:/.test(key))).toEqual([]);
  });

  test('what was worked on leaves nothing behind', async () => {
    await using bench = await createWorkbench(processes());
    bench.consume(1);
    for (const key of ['shop', 'blog']) await bench.queue.enqueue(key);
    for (const key of ['shop', 'blog']) (await bench.started(key)).finish();
    const remaining = async (): Promise<readonly string[]> =>
      (await redis.client.keys('*')).filter((key) => /:(\d+|[0-9a-f-]{36}|de:.*|dn:.*)$/.test(key));
    await until('it was recorded as done', async () => (await remaining()).length === 0);
  });
});

describe('when Redis goes away', () => {
  test('keys are worked on by the process that enqueues them, told once, and between processes again later', async () => {
    const open = processes();
    await using here = await createWorkbench(open);
    await using there = await createWorkbench(open);
    // One that was sent as the connection broke may be sent again: a key too many is a look too many, no more.
    here.consume(5);
    await redis.kill();
    for (const key of ['shop', 'shop', 'blog', 'wiki']) await here.queue.enqueue(key);
    for (const key of ['shop', 'blog', 'wiki']) (await here.started(key)).finish();
    expect(told.filter((line) => line !== 'recovered')).toEqual(['QueueUnreachable', 'QueueUnreachable']);
    await redis.start();
    await until('both have heard', () => told.filter((line) => line === 'recovered').length === 2);
    await there.queue.enqueue('again');
    await here.started('again');
  });

  test('work goes on while it is away, is not begun twice, and can be asked for again', async () => {
    await using bench = await createWorkbench(processes());
    bench.consume(2);
    await bench.queue.enqueue('shop');
    const shop = await bench.started('shop');
    await redis.kill();
    await bench.queue.enqueue('shop');
    await bench.queue.enqueue('blog');
    await bench.started('blog');
    expect(bench.log).toEqual(['begin shop', 'begin blog']);
    await redis.start();
    shop.finish();
    await bench.started('shop');
  });

  test('one that is not there at the start keeps nobody from working, and is joined when it comes', async () => {
    await redis.kill();
    const open = processes();
    await using here = await createWorkbench(open);
    await using there = await createWorkbench(open);
    here.consume(1);
    await here.queue.enqueue('shop');
    (await here.started('shop')).finish();
    await redis.start();
    await until('both have heard', () => told.filter((line) => line === 'recovered').length === 2);
    await there.queue.enqueue('blog');
    await here.started('blog');
  });

  test('one that hangs is given up for that key, and joined when it goes on', async () => {
    await using bench = await createWorkbench(processes());
    bench.consume(3);
    await bench.queue.enqueue('first');
    (await bench.started('first')).finish();
    redis.freeze();
    await bench.queue.enqueue('shop');
    (await bench.started('shop')).finish();
    expect(told).toEqual(['QueueUnreachable']);
    redis.thaw();
    await bench.queue.enqueue('blog');
    await bench.started('blog');
  });

  test('emptied in the middle of the work, it takes nothing with it but the hint', async () => {
    await using bench = await createWorkbench(processes());
    bench.consume(1);
    await bench.queue.enqueue('shop');
    const shop = await bench.started('shop');
    await redis.client.flushall();
    shop.finish();
    await bench.queue.enqueue('shop');
    (await bench.started('shop')).finish();
    expect(told).toEqual([]);
  });

  test('a queue can be left in order while its server is gone', async () => {
    const bench = await createWorkbench(processes());
    bench.consume(1);
    await bench.queue.enqueue('shop');
    await bench.started('shop');
    await redis.kill();
    await bench[Symbol.asyncDispose]();
    expect(bench.log).toEqual(['begin shop', 'end shop']);
  });
});
