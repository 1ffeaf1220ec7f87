import { expect, test } from 'vitest';
import type { DriftInterval } from '../../reconciler/model/drift.ts';
import { name, type Name } from '../../reconciler/model/ids.ts';
import { describeOnServers } from './open.ts';
import { freshStack } from './samples.ts';

function interval(stack: Name, change: Partial<DriftInterval> = {}): DriftInterval {
  return {
    stack,
    resource: { kind: 'instance', service: name('web'), instance: 1 },
    field: 'mem_limit',
    kind: 'updated',
    because: 'changed with docker update',
    found: 134_217_728,
    wanted: null,
    revision: null,
    openedAt: 1_000,
    seenAt: 1_050,
    closedAt: null,
    end: null,
    ...change,
  };
}

describeOnServers(({ store }) => {
  test('an interval is open until it is closed, and comes back as it was written', async () => {
    const stack = freshStack();
    const opened = interval(stack);
    await store.recordDrift([opened]);
    expect(await store.drift({ stack, limit: 10 })).toEqual([opened]);
    expect((await store.openDrift()).filter((one) => one.stack === stack)).toEqual([opened]);
    const closed = interval(stack, { closedAt: 3_000, end: 'healed' });
    await store.recordDrift([closed]);
    expect(await store.drift({ stack, limit: 10 })).toEqual([closed]);
    expect((await store.openDrift()).filter((one) => one.stack === stack)).toEqual([]);
  });

  test('what is learnt later is written into the open interval, and its beginning stays', async () => {
    const stack = freshStack();
    await store.recordDrift([interval(stack)]);
    await store.recordDrift([interval(stack, { found: 7, because: 'by hand', openedAt: 1_000 })]);
    expect(await store.drift({ stack, limit: 10 })).toEqual([
      interval(stack, { found: 7, because: 'by hand' }),
    ]);
  });

  test('the same field may drift again, and another field beside it', async () => {
    const stack = freshStack();
    const first = interval(stack, { closedAt: 2_000, end: 'reverted' });
    const second = interval(stack, { openedAt: 5_000, seenAt: 5_000 });
    const other = interval(stack, { field: 'state', openedAt: 6_000, seenAt: 6_000 });
    await store.recordDrift([first]);
    await store.recordDrift([second, other]);
    expect(await store.drift({ stack, limit: 10 })).toEqual([other, second, first]);
    expect(await store.drift({ stack, limit: 1 })).toEqual([other]);
  });

  test('an end that two daemons record is one end', async () => {
    const stack = freshStack();
    await store.recordDrift([interval(stack)]);
    await store.recordDrift([interval(stack, { closedAt: 3_000, end: 'healed' })]);
    await store.recordDrift([interval(stack, { openedAt: 1_003, closedAt: 3_050, end: 'reverted' })]);
    expect(await store.drift({ stack, limit: 10 })).toEqual([
      interval(stack, { closedAt: 3_000, end: 'healed' }),
    ]);
  });

  test('a question for a time gives what was open then or later', async () => {
    const stack = freshStack();
    const over = interval(stack, { closedAt: 2_000, end: 'healed' });
    const open = interval(stack, { openedAt: 2_500, seenAt: 2_500 });
    await store.recordDrift([over]);
    await store.recordDrift([open]);
    expect(await store.drift({ stack, since: 2_000, limit: 10 })).toEqual([open, over]);
    expect(await store.drift({ stack, since: 2_001, limit: 10 })).toEqual([open]);
  });

  test('a question for a service leaves out others, networks and volumes', async () => {
    const stack = freshStack();
    const own = interval(stack);
    const other = interval(stack, { resource: { kind: 'instance', service: name('db'), instance: 1 } });
    const network = interval(stack, { resource: { kind: 'network', name: name('web') }, field: 'driver' });
    await store.recordDrift([own, other, network]);
    expect(await store.drift({ stack, service: name('web'), limit: 10 })).toEqual([own]);
  });

  test('what we healed is remembered apart from what went away by itself', async () => {
    const stack = freshStack();
    const healed = interval(stack, { closedAt: 4_000, end: 'healed' });
    const gone = interval(stack, { field: 'state', closedAt: 4_000, end: 'reverted' });
    await store.recordDrift([healed, gone]);
    const remembered = async (since: number) =>
      (await store.healedDrift(since)).filter((one) => one.stack === stack);
    expect(await remembered(4_000)).toEqual([healed]);
    expect(await remembered(4_001)).toEqual([]);
  });

  test('what ended three months ago is forgotten, and what is open never', async () => {
    const stack = freshStack();
    const days = 86_400_000;
    const old = interval(stack, { closedAt: 2_000, end: 'healed' });
    const open = interval(stack, { field: 'cpus' });
    const now = interval(stack, { field: 'state', openedAt: 91 * days, seenAt: 91 * days });
    await store.recordDrift([old, open]);
    await store.recordDrift([now]);
    expect(await store.drift({ stack, limit: 10 })).toEqual([now, open]);
  });
});
