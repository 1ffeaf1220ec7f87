import { expect, test } from 'vitest';
import { createInlineQueue } from '../../reconciler/queue/inline.ts';
import { describeQueue } from './contract.ts';
import { createWorkbench } from './workbench.ts';

describeQueue('the queue inside one process', () => Promise.resolve(createInlineQueue()));

test('work that throws is told to whoever wants to know', async () => {
  const failures: unknown[] = [];
  const queue = createInlineQueue({ onFailure: (key, error) => failures.push([key, error]) });
  await using bench = await createWorkbench(() => Promise.resolve(queue));
  bench.consume(1);
  await queue.enqueue('shop');
  const error = new Error('the engine went away');
  (await bench.started('shop')).fail(error);
  await queue.enqueue('blog');
  await bench.started('blog');
  expect(failures).toEqual([['shop', error]]);
});

test('work that throws before it returns a promise counts as failed work', async () => {
  const failures: string[] = [];
  const queue = createInlineQueue({ onFailure: (key) => failures.push(key) });
  const controller = new AbortController();
  const work = (key: string): Promise<void> => {
    if (key === 'last') controller.abort();
    throw new Error('at once');
  };
  await queue.enqueue('shop');
  await queue.enqueue('last');
  await queue.consume(work, { concurrency: 1, signal: controller.signal });
  expect(failures).toEqual(['shop', 'last']);
});

test('ten thousand keys through four workers are each worked on once, in order', async () => {
  const queue = createInlineQueue();
  const keys = Array.from({ length: 10_000 }, (_, index) => `stack-${index}`);
  for (const key of keys) await queue.enqueue(key);
  const controller = new AbortController();
  const worked: string[] = [];
  await queue.consume(
    (key) => {
      worked.push(key);
      if (worked.length === keys.length) controller.abort();
      return Promise.resolve();
    },
    { concurrency: 4, signal: controller.signal },
  );
  expect(worked).toEqual(keys);
});
