import { describe, expect, test } from 'vitest';
import type { Queue } from '../../reconciler/model/ports.ts';
import { createWorkbench } from './workbench.ts';

/**
 * What every queue promises, whatever carries it. Nothing here depends on time: a test waits for work to begin or
 * end, and shows that something did not happen by what had every chance to happen after it.
 */
export function describeQueue(name: string, createQueue: () => Promise<Queue>): void {
  describe(name, () => {
    test('a key that was enqueued before anybody consumes is worked on', async () => {
      await using bench = await createWorkbench(createQueue);
      await bench.queue.enqueue('shop');
      bench.consume(1);
      await bench.started('shop');
    });

    test('a key waits at most once', async () => {
      await using bench = await createWorkbench(createQueue);
      for (const key of ['shop', 'shop', 'blog', 'shop', 'wiki']) await bench.queue.enqueue(key);
      bench.consume(1);
      for (const key of ['shop', 'blog', 'wiki']) (await bench.started(key)).finish();
      await bench.queue.enqueue('last');
      await bench.started('last');
      expect(bench.log).toEqual([
        'begin shop',
        'end shop',
        'begin blog',
        'end blog',
        'begin wiki',
        'end wiki',
        'begin last',
      ]);
    });

    test('a key is never worked on twice at a time, not even by two consumers', async () => {
      await using bench = await createWorkbench(createQueue);
      bench.consume(2);
      bench.consume(2);
      await bench.queue.enqueue('shop');
      const shop = await bench.started('shop');
      await bench.queue.enqueue('shop');
      for (const key of ['a', 'b', 'c']) await bench.queue.enqueue(key);
      for (const key of ['a', 'b', 'c']) await bench.started(key);
      expect(bench.log.filter((line) => line === 'begin shop')).toHaveLength(1);
      shop.finish();
      await bench.started('shop');
      expect(bench.log.indexOf('end shop')).toBeLessThan(bench.log.lastIndexOf('begin shop'));
    });

    test('any number of enqueues during the work make it run exactly once more', async () => {
      await using bench = await createWorkbench(createQueue);
      bench.consume(1);
      await bench.queue.enqueue('shop');
      const first = await bench.started('shop');
      for (let count = 0; count < 10; count++) await bench.queue.enqueue('shop');
      first.finish();
      (await bench.started('shop')).finish();
      await bench.queue.enqueue('last');
      await bench.started('last');
      expect(bench.log).toEqual(['begin shop', 'end shop', 'begin shop', 'end shop', 'begin last']);
    });

    test('an enqueue during the second run is not lost either', async () => {
      await using bench = await createWorkbench(createQueue);
      bench.consume(1);
      await bench.queue.enqueue('shop');
      for (let round = 0; round < 5; round++) {
        const run = await bench.started('shop');
        await bench.queue.enqueue('shop');
        run.finish();
      }
      await bench.started('shop');
      expect(bench.log.filter((line) => line === 'begin shop')).toHaveLength(6);
    });

    test('no more work runs at once than was agreed', async () => {
      await using bench = await createWorkbench(createQueue);
      bench.consume(3);
      const keys = Array.from({ length: 12 }, (_, index) => `stack-${index}`);
      for (const key of keys) await bench.queue.enqueue(key);
      const first = await Promise.all(keys.slice(0, 3).map((key) => bench.started(key)));
      for (const work of first) work.finish();
      for (const key of keys.slice(3)) (await bench.started(key)).finish();
      expect(bench.mostAtOnce()).toBe(3);
    });

    test('work that throws stops neither the loop nor later work of the same key', async () => {
      await using bench = await createWorkbench(createQueue);
      bench.consume(1);
      await bench.queue.enqueue('shop');
      (await bench.started('shop')).fail(new Error('the engine went away'));
      await bench.queue.enqueue('blog');
      (await bench.started('blog')).finish();
      await bench.queue.enqueue('shop');
      await bench.started('shop');
    });

    test('a key that is enqueued again and again does not keep others waiting', async () => {
      await using bench = await createWorkbench(createQueue);
      bench.consume(1);
      await bench.queue.enqueue('busy');
      const first = await bench.started('busy');
      await bench.queue.enqueue('patient');
      await bench.queue.enqueue('busy');
      first.finish();
      (await bench.started('patient')).finish();
      await bench.started('busy');
      expect(bench.log).toEqual(['begin busy', 'end busy', 'begin patient', 'end patient', 'begin busy']);
    });

    test('an abort ends the waiting at once', async () => {
      await using bench = await createWorkbench(createQueue);
      const consumer = bench.consume(2);
      consumer.abort();
      await consumer.ended;
    });

    test('an abort reaches running work, which is awaited, and nothing new begins', async () => {
      await using bench = await createWorkbench(createQueue);
      const consumer = bench.consume(1);
      await bench.queue.enqueue('shop');
      const shop = await bench.started('shop');
      await bench.queue.enqueue('blog');
      consumer.abort();
      expect(shop.signal.aborted).toBe(true);
      let hasEnded = false;
      const ended = consumer.ended.then(() => (hasEnded = true));
      await bench.queue.enqueue('wiki');
      expect(hasEnded).toBe(false);
      shop.finish();
      await ended;
      expect(bench.log).toEqual(['begin shop', 'end shop']);
    });

    test('a consumer whose signal has aborted before works on nothing', async () => {
      await using bench = await createWorkbench(createQueue);
      await bench.queue.enqueue('shop');
      await bench.consume(1, AbortSignal.abort()).ended;
      expect(bench.log).toEqual([]);
    });

    test('what an aborted consumer left waiting is worked on by the next', async () => {
      await using bench = await createWorkbench(createQueue);
      const first = bench.consume(1);
      await bench.queue.enqueue('shop');
      const shop = await bench.started('shop');
      await bench.queue.enqueue('shop');
      await bench.queue.enqueue('blog');
      first.abort();
      shop.finish();
      await first.ended;
      bench.consume(2);
      await bench.started('shop');
      await bench.started('blog');
    });

    test('closing awaits running work and ends every consumer', async () => {
      await using bench = await createWorkbench(createQueue);
      const consumers = [bench.consume(1), bench.consume(1)];
      await bench.queue.enqueue('shop');
      const shop = await bench.started('shop');
      const closed = bench.queue.close();
      shop.finish();
      await closed;
      await Promise.all(consumers.map(({ ended }) => ended));
      expect(bench.log).toEqual(['begin shop', 'end shop']);
    });
  });
}
