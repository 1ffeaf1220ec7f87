import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import type { StackStatus } from '../../reconciler/model/status.ts';
import { createReadOnlyStore } from '../../reconciler/read-only-store.ts';
import { describeOnServers } from './open.ts';
import { freshStack } from './samples.ts';

function statusOf(stack: string): StackStatus {
  return {
    stack: name(stack),
    source: name('main'),
    engine: name('default'),
    syncStatus: 'outOfSync',
    health: 'degraded',
    revision: null,
    syncedRevision: null,
    conditions: [{ type: 'Ready', status: false, reason: 'Degraded', message: 'web is not ready', since: 5 }],
    services: [],
    lastOutcome: 'failed',
    lastCheckedAt: 1_700_000_000_000,
    lastSyncedAt: null,
  };
}

describeOnServers(({ store }) => {
  test('a registered stack is not due until somebody asks for it', async () => {
    const stack = freshStack();
    await store.registerStacks(freshStack('source'), [stack]);
    expect(await store.dueStacks(Number.MAX_SAFE_INTEGER)).not.toContain(stack);
    expect(await store.requestSync(stack, 'start', 10)).toBe(1);
    expect(await store.dueStacks(9)).not.toContain(stack);
    expect(await store.dueStacks(10)).toContain(stack);
  });

  test('a request for a stack that nobody registered is ignored', async () => {
    expect(await store.requestSync(freshStack('stranger'), 'event', 1)).toBeNull();
  });

  test('a stack that left its source is absent until it owns nothing any more', async () => {
    const source = freshStack('source');
    const [kept, gone] = [freshStack(), freshStack()];
    const item = { engine: name('default'), kind: 'service', name: name('web'), engineName: 'web' } as const;
    expect(await store.registerStacks(source, [kept, gone])).toMatchObject({ absent: [] });
    await store.recordInventory(gone, [item], 1);
    expect(await store.registerStacks(source, [kept])).toMatchObject({ absent: [gone] });
    expect(await store.registerStacks(source, [kept])).toMatchObject({ absent: [gone] });
    await store.recordInventory(gone, [], 2);
    expect(await store.registerStacks(source, [kept])).toMatchObject({ absent: [] });
  });

  test('a present stack that owns nothing is not taken for one that left', async () => {
    const source = freshStack('source');
    const stack = freshStack();
    await store.registerStacks(source, [stack]);
    await store.recordInventory(stack, [], 1);
    expect(await store.registerStacks(source, [])).toMatchObject({ absent: [stack] });
  });

  test('a stack that comes back is present again, with its generations', async () => {
    const source = freshStack('source');
    const stack = freshStack();
    await store.registerStacks(source, [stack]);
    await store.requestSync(stack, 'start', 1);
    await store.registerStacks(source, []);
    await store.recordInventory(stack, [], 2);
    expect(await store.registerStacks(source, [stack])).toMatchObject({ absent: [] });
    expect(await store.requestSync(stack, 'poll', 3)).toBe(2);
  });

  test('an empty source makes all of its stacks absent and touches no other source', async () => {
    const [one, other] = [freshStack('source'), freshStack('source')];
    const [first, second, foreign] = [freshStack(), freshStack(), freshStack()];
    await store.registerStacks(one, [second, first]);
    await store.registerStacks(other, [foreign]);
    expect(await store.registerStacks(one, [])).toMatchObject({ absent: [first, second].sort() });
    expect(await store.registerStacks(other, [foreign])).toMatchObject({ absent: [] });
  });

  test('two sources cannot have a stack of the same name, and the second registers nothing', async () => {
    const [one, other] = [freshStack('source'), freshStack('source')];
    const [shared, own] = [freshStack(), freshStack()];
    await store.registerStacks(one, [shared]);
    await expect(store.registerStacks(other, [own, shared])).rejects.toMatchObject({
      code: 'NameTaken',
      message: `Stack ${shared} of source ${other} is already deployed from source ${one}; rename it in one of the two, or remove it from ${one} first. Where ${one} is no longer followed, start the daemon with the operator's file that says so: that frees the name.`,
    });
    expect(await store.requestSync(own, 'start', 1)).toBeNull();
    expect(await store.registerStacks(one, [shared])).toMatchObject({ absent: [] });
  });

  test('a stack may move to another source once it left the first', async () => {
    const [one, other] = [freshStack('source'), freshStack('source')];
    const stack = freshStack();
    await store.registerStacks(one, [stack]);
    await store.registerStacks(one, []);
    await store.registerStacks(other, [stack]);
    expect(await store.registerStacks(one, [])).toMatchObject({ absent: [] });
    expect(await store.registerStacks(other, [])).toMatchObject({ absent: [stack] });
  });

  test('the stacks of a source that is no longer followed can be claimed, those of the others cannot', async () => {
    const [former, kept, next] = [freshStack('source'), freshStack('source'), freshStack('source')];
    const [free, taken] = [freshStack(), freshStack()];
    await store.registerStacks(former, [free]);
    await store.registerStacks(kept, [taken]);
    await store.followSources([kept, next]);
    await store.registerStacks(next, [free]);
    await expect(store.registerStacks(next, [free, taken])).rejects.toMatchObject({ code: 'NameTaken' });
  });

  test('a stack that another source claims is taken from the one that settled it last, until the new one has', async () => {
    const [former, next] = [freshStack('source'), freshStack('source')];
    const stack = freshStack();
    expect((await store.registerStacks(former, [stack])).taken).toEqual(new Map());
    await store.followSources([next]);
    expect((await store.registerStacks(next, [stack])).taken).toEqual(new Map([[stack, former]]));
    expect((await store.registerStacks(next, [])).taken).toEqual(new Map([[stack, former]]));
    await store.settleStack(stack, former);
    expect((await store.registerStacks(next, [stack])).taken).toEqual(new Map([[stack, former]]));
    await store.settleStack(stack, next);
    expect((await store.registerStacks(next, [stack])).taken).toEqual(new Map());
  });

  test('a stack that was gone for good is taken from nobody', async () => {
    const [former, next] = [freshStack('source'), freshStack('source')];
    const stack = freshStack();
    await store.registerStacks(former, [stack]);
    await store.registerStacks(former, []);
    await store.recordInventory(stack, [], 1);
    expect((await store.registerStacks(next, [stack])).taken).toEqual(new Map());
  });

  test('a stack is known with its source, and whether that is followed and still has it, until it is history', async () => {
    const [source, other] = [freshStack('source'), freshStack('source')];
    const stack = freshStack('known');
    const find = async () => (await store.knownStacks()).find(({ name }) => name === stack);
    await store.registerStacks(source, [stack]);
    const known = {
      name: stack,
      source,
      settledSource: source,
      isFollowed: true,
      isPresent: true,
      dueAt: null,
    };
    expect(await find()).toEqual(known);
    await store.requestSync(stack, 'retry', 7);
    expect(await find()).toEqual({ ...known, dueAt: 7 });
    const lease = await store.lease({ owner: 'a', ttlMs: 5, at: 7, stack });
    await store.releaseLease(lease!, null);
    await store.followSources([other]);
    expect(await find()).toEqual({ ...known, isFollowed: false });
    await store.followSources([source, other]);
    await store.registerStacks(source, []);
    expect(await find()).toEqual({ ...known, isPresent: false });
    await store.recordInventory(stack, [], 1);
    expect(await find()).toBeUndefined();
  });

  test('a store for looking only answers a registration as the store itself would, and registers nothing', async () => {
    const [holder, former, own] = [freshStack('source'), freshStack('source'), freshStack('source')];
    const [taken, moved, gone, fresh] = [freshStack(), freshStack(), freshStack(), freshStack()];
    await store.registerStacks(former, [moved]);
    await store.followSources([holder, own]);
    await store.registerStacks(holder, [taken]);
    await store.registerStacks(own, [gone]);
    const reading = createReadOnlyStore(store);
    const refusal = await reading.registerStacks(own, [fresh, taken]).catch((error: unknown) => error);
    await expect(store.registerStacks(own, [fresh, taken])).rejects.toEqual(refusal);
    expect(refusal).toMatchObject({ code: 'NameTaken' });
    const recalled = await reading.registerStacks(own, [fresh, moved]);
    expect(await store.knownStacks()).not.toContainEqual(expect.objectContaining({ name: fresh }));
    expect(recalled).toEqual(await store.registerStacks(own, [fresh, moved]));
    expect(recalled).toEqual({ absent: [gone], taken: new Map([[moved, former]]) });
  });

  test('a source that is followed again finds what left it meanwhile', async () => {
    const source = freshStack('source');
    const stack = freshStack();
    await store.registerStacks(source, [stack]);
    await store.followSources([]);
    await store.followSources([source]);
    expect(await store.registerStacks(source, [])).toMatchObject({ absent: [stack] });
  });

  test('two sources that register a thousand stacks at once do not wait for each other in a circle', async () => {
    const sources = [freshStack('source'), freshStack('source')];
    const stacks = Array.from({ length: 1_000 }, () => freshStack('many'));
    const results = await Promise.allSettled([
      store.registerStacks(sources[0]!, stacks),
      store.registerStacks(sources[1]!, stacks.toReversed()),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'NameTaken' },
    });
  });

  test('the latest status of a stack is kept exactly, and one row a stack', async () => {
    const stack = freshStack('status');
    await store.recordStatus(statusOf(stack));
    await store.recordStatus({ ...statusOf(stack), health: 'healthy' });
    const found = (await store.statuses()).filter((status) => status.stack === stack);
    expect(found).toEqual([{ ...statusOf(stack), health: 'healthy' }]);
  });

  test('statuses come sorted by stack, whatever the locale of the server', async () => {
    for (const stack of ['zz_b', 'zz-b', 'zz0', 'zza']) await store.recordStatus(statusOf(stack));
    const stacks = (await store.statuses())
      .map(({ stack }) => stack)
      .filter((stack) => stack.startsWith('zz'));
    expect(stacks).toEqual(['zz-b', 'zz0', 'zz_b', 'zza']);
  });

  test('a stack that is gone for good has no status any more', async () => {
    const source = freshStack('source');
    const stack = freshStack('gone');
    await store.registerStacks(source, [stack]);
    await store.recordStatus(statusOf(stack));
    await store.registerStacks(source, []);
    expect((await store.statuses()).map((status) => status.stack)).toContain(stack);
    await store.recordInventory(stack, [], 3);
    expect((await store.statuses()).map((status) => status.stack)).not.toContain(stack);
  });
});
