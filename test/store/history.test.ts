import { expect, test } from 'vitest';
import type { SyncOutcome } from '../../reconciler/model/event.ts';
import { name, type Name } from '../../reconciler/model/ids.ts';
import type { HistoryQuery, Store } from '../../reconciler/model/ports.ts';
import { describeOnServers } from './open.ts';
import { freshStack, sampleBegin, sampleFinish, samplePlan } from './samples.ts';

interface Attempt {
  readonly stack: Name;
  readonly services: readonly string[];
  readonly outcome: SyncOutcome;
}

async function attempt(store: Store, { stack, services, outcome }: Attempt): Promise<string> {
  const id = await store.beginSync(sampleBegin(stack));
  await store.recordPlan(id, samplePlan(stack, services));
  await store.finishSync(id, sampleFinish({ outcome }));
  return id;
}

/** All ids of a query, page by page. */
async function readAll(store: Store, query: HistoryQuery): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.history(cursor === null ? query : { ...query, cursor });
    expect(page.syncs.length).toBeLessThanOrEqual(query.limit);
    ids.push(...page.syncs.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

const outcomes = ['succeeded', 'failed', 'unchanged'] as const;

describeOnServers(({ store, sql }) => {
  test('pages give every matching attempt once, newest first, for each combination of filters', async () => {
    await sql`truncate plimsoll.syncs cascade`;
    const stacks = [freshStack(), freshStack()];
    const attempts: (Attempt & { readonly id: string })[] = [];
    for (let count = 0; count < 60; count++) {
      const made = {
        stack: stacks[count % 2]!,
        services: [['web'], ['web', 'db'], ['cache']][count % 3]!,
        outcome: outcomes[Math.floor(count / 2) % 3]!,
      };
      attempts.unshift({ ...made, id: await attempt(store, made) });
    }
    for (const stack of [undefined, ...stacks])
      for (const service of [undefined, name('web'), name('db'), name('bystander')])
        for (const outcome of [undefined, ...outcomes]) {
          const expected = attempts.filter(
            (made) =>
              (stack === undefined || made.stack === stack) &&
              (service === undefined || made.services.includes(service)) &&
              (outcome === undefined || made.outcome === outcome),
          );
          const query = {
            limit: 7,
            ...(stack === undefined ? {} : { stack }),
            ...(service === undefined ? {} : { service }),
            ...(outcome === undefined ? {} : { outcome }),
          };
          expect(await readAll(store, query)).toEqual(expected.map(({ id }) => id));
        }
  });

  test('attempts that are added while somebody turns pages neither repeat nor hide older ones', async () => {
    const stack = freshStack();
    const made: string[] = [];
    for (let count = 0; count < 5; count++)
      made.unshift(await attempt(store, { stack, services: ['web'], outcome: 'failed' }));
    const first = await store.history({ stack, limit: 2 });
    await attempt(store, { stack, services: ['web'], outcome: 'failed' });
    const second = await store.history({ stack, limit: 2, cursor: first.next! });
    await attempt(store, { stack, services: ['web'], outcome: 'failed' });
    const third = await store.history({ stack, limit: 2, cursor: second.next! });
    expect([first, second, third].flatMap(({ syncs }) => syncs.map(({ id }) => id))).toEqual(made);
    expect(third.next).toBeNull();
  });

  test('a page holds plans and steps', async () => {
    const stack = freshStack();
    const id = await store.beginSync(sampleBegin(stack));
    await store.recordPlan(id, samplePlan(stack, ['web', 'db']));
    const { syncs } = await store.history({ stack, limit: 1 });
    expect(syncs).toEqual([await store.sync(id)]);
    expect(syncs[0]?.plan).toEqual(samplePlan(stack, ['web', 'db']));
    expect(syncs[0]?.steps.map(({ step }) => step)).toEqual(['restart web.1', 'restart db.1']);
  });

  test('a full last page says that nothing follows', async () => {
    const stack = freshStack();
    for (let count = 0; count < 3; count++)
      await attempt(store, { stack, services: [], outcome: 'unchanged' });
    expect((await store.history({ stack, limit: 3 })).next).toBeNull();
    expect((await store.history({ stack, limit: 2 })).next).not.toBeNull();
  });

  test('a service that the plan left unchanged is not in the history of that service', async () => {
    const stack = freshStack();
    await attempt(store, { stack, services: ['web'], outcome: 'succeeded' });
    expect(await store.history({ stack, service: name('bystander'), limit: 5 })).toEqual({
      syncs: [],
      next: null,
    });
  });

  test('a running attempt is in the history, and has no outcome to be found by', async () => {
    const stack = freshStack();
    const id = await store.beginSync(sampleBegin(stack));
    expect((await store.history({ stack, limit: 5 })).syncs).toMatchObject([{ id, outcome: null }]);
    expect((await store.history({ stack, outcome: 'succeeded', limit: 5 })).syncs).toEqual([]);
  });

  test('a cursor that no page returned is refused', async () => {
    for (const cursor of ['', 'x', '1; drop table plimsoll.syncs', '9'.repeat(30)]) {
      await expect(store.history({ limit: 5, cursor })).rejects.toMatchObject({
        code: 'ConfigInvalid',
        message: 'The cursor is not one that a page of history returned; begin again without a cursor.',
      });
    }
  });

  test('a page is never empty for want of a sensible limit, nor endless', async () => {
    const stack = freshStack();
    const made: string[] = [];
    for (let count = 0; count < 2; count++)
      made.unshift(await attempt(store, { stack, services: [], outcome: 'failed' }));
    expect((await store.history({ stack, limit: 0 })).syncs.map(({ id }) => id)).toEqual(made.slice(0, 1));
    expect((await store.history({ stack, limit: 1e9 })).syncs.map(({ id }) => id)).toEqual(made);
  });

  test('every page is one index range, for each combination of filters', async () => {
    const stack = name('shop');
    const services = ['syncs', 'sync_services'] as const;
    for (const table of services) {
      for (const filter of [
        'true',
        `stack = '${stack}'`,
        `outcome = 'failed'`,
        `stack = '${stack}' and outcome = 'failed'`,
      ]) {
        const id = table === 'syncs' ? 'id' : 'sync_id';
        const where = table === 'syncs' ? filter : `service = 'web' and ${filter}`;
        const plan = await sql.begin(async (transaction) => {
          await transaction.unsafe(
            'set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off',
          );
          return transaction.unsafe<{ queryPlan: string }[]>(
            `explain select ${id} from plimsoll.${table} where ${where} and ${id} < 500 order by ${id} desc limit 50`,
          );
        });
        const text = plan.map((row) => row['QUERY PLAN' as 'queryPlan']).join('\n');
        expect(text, where).toMatch(/Index Only Scan Backward/);
        expect(text, where).not.toMatch(/Sort|Filter/);
      }
    }
  });
});
