import { expect, test } from 'vitest';
import type { SyncOutcome } from '../../reconciler/model/event.ts';
import type { Name } from '../../reconciler/model/ids.ts';
import type { HistoryBounds, Store } from '../../reconciler/model/ports.ts';
import { describeOnServers } from './open.ts';
import { freshStack, sampleBegin, sampleFinish, samplePlan } from './samples.ts';

interface Attempt {
  readonly id: string;
  readonly stack: Name;
  readonly outcome: SyncOutcome;
  readonly at: number;
}

async function attempt(store: Store, { stack, outcome, at }: Omit<Attempt, 'id'>): Promise<Attempt> {
  const id = await store.beginSync(sampleBegin(stack));
  await store.recordPlan(id, samplePlan(stack, ['web']));
  await store.recordEvent(id, { kind: 'stepStarted', at, step: 'restart web.1' });
  await store.finishSync(id, sampleFinish({ outcome, at }));
  return { id, stack, outcome, at };
}

/** Said anew, attempt by attempt. */
function isKept(
  one: Attempt,
  all: readonly Attempt[],
  { before, keepAtLeast }: Omit<HistoryBounds, 'most'>,
): boolean {
  const newer = all.filter(({ stack, id }) => stack === one.stack && Number(id) > Number(one.id));
  const isLastSuccess = one.outcome === 'succeeded' && newer.every(({ outcome }) => outcome !== 'succeeded');
  return one.at >= before || newer.length < keepAtLeast || isLastSuccess;
}

describeOnServers(({ store, sql }) => {
  test('what is old goes batch by batch, beyond the newest of each stack and its last success', async () => {
    const stacks = [freshStack(), freshStack(), freshStack()];
    const attempts: Attempt[] = [];
    for (let count = 0; count < 60; count += 1) {
      const outcome = count % 7 === 0 && count < 30 ? 'succeeded' : 'failed';
      attempts.push(await attempt(store, { stack: stacks[count % 3]!, outcome, at: 1_000 + count }));
    }
    const running = await store.beginSync(sampleBegin(stacks[0]!));
    for (const [before, keepAtLeast] of [
      [1_000, 1],
      [1_030, 15],
      [1_050, 4],
      [9_999, 2],
    ] as const) {
      const bounds = { before, keepAtLeast, most: 5 };
      const alive = (await Promise.all(attempts.map(({ id }) => store.sync(id)))).map(
        (sync) => sync !== null,
      );
      const there = attempts.filter((_, index) => alive[index]);
      // The one that runs is among the newest of its stack.
      const all = [...attempts, { id: running, stack: stacks[0]!, outcome: 'failed', at: 9_999 } as const];
      const kept = there.filter((one) => isKept(one, all, bounds)).map(({ id }) => id);
      let dropped = 0;
      for (;;) {
        const count = await store.dropHistory(bounds);
        expect(count).toBeLessThanOrEqual(5);
        dropped += count;
        if (count < 5) break;
      }
      expect(dropped).toBe(there.length - kept.length);
      const pages = await Promise.all(stacks.map((stack) => store.history({ stack, limit: 100 })));
      const found = pages.flatMap(({ syncs }) => syncs.map(({ id }) => id));
      expect(found.toSorted()).toEqual([...kept, running].toSorted());
    }
    expect(await store.sync(running)).toMatchObject({ outcome: null });
    const [{ events } = { events: 0 }] = await sql<{ events: number }[]>`
      select count(*)::integer as events from plimsoll.events`;
    const [{ syncs } = { syncs: 0 }] = await sql<{ syncs: number }[]>`
      select count(*)::integer as syncs from plimsoll.syncs where id <> ${running}`;
    expect(events).toBe(syncs);
  });

  test('a hold that was lifted long ago goes with the history, one in force stays', async () => {
    const stack = freshStack();
    const freeze = { kind: 'freeze', stack, why: 'a sale', since: 1, until: 5 } as const;
    await store.recordHold(freeze);
    await store.liftHold(stack, { kind: 'freeze' }, 100);
    await store.recordHold({ ...freeze, why: 'another sale' });
    const count = async (): Promise<number> =>
      (await sql`select from plimsoll.holds where stack = ${stack}`).count;
    await store.dropHistory({ before: 100, keepAtLeast: 1, most: 10 });
    expect(await count()).toBe(2);
    await store.dropHistory({ before: 101, keepAtLeast: 1, most: 10 });
    expect(await count()).toBe(1);
    expect(await store.holds(stack)).toMatchObject([{ why: 'another sale' }]);
  });
});
