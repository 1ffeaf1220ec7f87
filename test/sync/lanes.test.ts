import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { createLanes } from '../../reconciler/sync/lanes.ts';

const [fast, stuck] = [name('fast'), name('stuck')];

/** Work that ends when it is told to. */
function createWork() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (key: string) => (): Promise<void> => {
    begun.push(key);
    return new Promise((resolve) => ends.set(key, resolve));
  };
  return { begun, work, end: (key: string) => ends.get(key)?.() };
}

test('work that hangs on one engine takes no place of another', async () => {
  const { begun, work, end } = createWork();
  const lanes = createLanes({ places: 1, onFree: () => undefined });
  const hanging = lanes.enter(stuck, 'a', work('a'));
  await lanes.enter(stuck, 'b', work('b'));
  const other = lanes.enter(fast, 'c', work('c'));
  expect(begun).toEqual(['a', 'c']);
  end('a');
  end('c');
  await Promise.all([hanging, other]);
});

test('who was turned away is called once there is a place, in the order of coming, however often it came', async () => {
  const { begun, work, end } = createWork();
  const called: string[] = [];
  const lanes = createLanes({ places: 2, onFree: (key) => void called.push(key) });
  const running = ['a', 'b'].map((key) => lanes.enter(fast, key, work(key)));
  for (const key of ['c', 'd', 'c']) await lanes.enter(fast, key, work(key));
  expect([begun, called]).toEqual([['a', 'b'], []]);
  end('a');
  await running[0];
  expect(called).toEqual(['c']);
  end('b');
  await running[1];
  expect(called).toEqual(['c', 'd']);
});

test('work that fails gives its place back', async () => {
  const called: string[] = [];
  const lanes = createLanes({ places: 1, onFree: (key) => void called.push(key) });
  const failing = lanes.enter(fast, 'a', () => Promise.reject(new Error('it failed')));
  await lanes.enter(fast, 'b', () => Promise.resolve());
  await expect(failing).rejects.toThrow('it failed');
  expect(called).toEqual(['b']);
});
