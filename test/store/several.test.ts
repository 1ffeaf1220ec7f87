import { describe, expect, test } from 'vitest';
import { revision, type Name } from '../../reconciler/model/ids.ts';
import type { News } from '../../reconciler/model/news.ts';
import type { HeadRecord, Lease, Store } from '../../reconciler/model/ports.ts';
import { until } from '../support/until.ts';
import { asAdministrator, describeOnServers } from './open.ts';
import { freshStack } from './samples.ts';

const first = revision('1'.repeat(40));
const second = revision('2'.repeat(40));
const third = revision('3'.repeat(40));

interface Registered {
  readonly source: Name;
  readonly stack: Name;
}

async function registered(store: Store): Promise<Registered> {
  const [source, stack] = [freshStack('source'), freshStack('several')];
  await store.registerStacks(source, [stack]);
  return { source, stack };
}

function headOf({ source, stack }: Registered, rest: Partial<HeadRecord>): HeadRecord {
  return { source, revision: first, after: 0, stacks: [stack], trigger: 'poll', at: 10, ...rest };
}

async function mustLease(store: Store, stack: Name, at: number): Promise<Lease> {
  const lease = await store.lease({ owner: 'worker', ttlMs: 100, at, stack });
  if (lease === null) throw new Error(`${stack} was not to be had at ${at}`);
  return lease;
}

describeOnServers(({ store, sql, address }, server) => {
  describe('a head', () => {
    test('is recorded together with the request for what it concerns', async () => {
      const place = await registered(store);
      expect((await store.heads()).get(place.source)).toBeUndefined();
      expect(await store.recordHead(headOf(place, {}))).toBe(true);
      expect((await store.heads()).get(place.source)).toEqual({ revision: first, number: 1 });
      expect(await mustLease(store, place.stack, 10)).toMatchObject({ generation: 1, trigger: 'poll' });
    });

    test('is not replaced by whoever looked before another was recorded, and asks for nothing then', async () => {
      const place = await registered(store);
      await store.recordHead(headOf(place, { stacks: [] }));
      expect(await store.recordHead(headOf(place, { revision: second, after: 1, stacks: [] }))).toBe(true);
      expect(await store.recordHead(headOf(place, { revision: third, after: 1 }))).toBe(false);
      expect(await store.recordHead(headOf(place, { revision: third, after: 0 }))).toBe(false);
      expect((await store.heads()).get(place.source)).toEqual({ revision: second, number: 2 });
      expect(await store.dueStacks(1000)).not.toContain(place.stack);
    });

    test('is recorded by exactly one of many who find it at once', async () => {
      const place = await registered(store);
      const revisions = Array.from({ length: 20 }, (_, index) =>
        revision(index.toString(16).padStart(40, '0')),
      );
      const recorded = await Promise.all(
        revisions.map((found) => store.recordHead(headOf(place, { revision: found }))),
      );
      expect(recorded.filter(Boolean)).toHaveLength(1);
      expect((await store.heads()).get(place.source)?.revision).toBe(revisions[recorded.indexOf(true)]);
    });

    test('tells a running sync of the stack that it is superseded, and no later one', async () => {
      const place = await registered(store);
      await store.requestSync(place.stack, 'manual', 0);
      const lease = await mustLease(store, place.stack, 0);
      await store.recordHead(headOf(place, {}));
      const told = await store.renewLease(lease, 100, 20);
      expect(told.stop).toBe('superseded');
      await store.releaseLease(told, null);
      expect((await mustLease(store, place.stack, 30)).stop).toBeNull();
    });
  });

  test('a head that is found again asks, and stops nobody', async () => {
    const place = await registered(store);
    await store.recordHead(headOf(place, {}));
    const lease = await mustLease(store, place.stack, 10);
    expect(await store.recordHead(headOf(place, { after: 1, trigger: 'start' }))).toBe(true);
    expect((await store.renewLease(lease, 100, 20)).stop).toBeNull();
    await store.releaseLease(lease, null);
    expect(await mustLease(store, place.stack, 30)).toMatchObject({ generation: 2, trigger: 'start' });
  });

  describe('a stop', () => {
    test('reaches the holder at its next renewal', async () => {
      const { stack } = await registered(store);
      await store.requestSync(stack, 'poll', 0);
      const lease = await mustLease(store, stack, 0);
      expect(await store.requestStop(stack, 'cancelled', 50)).toBe(true);
      expect((await store.renewLease(lease, 100, 60)).stop).toBe('cancelled');
    });

    test('is told to nobody where nobody works, or whoever did is presumed dead', async () => {
      const { stack } = await registered(store);
      expect(await store.requestStop(stack, 'cancelled', 0)).toBe(false);
      await store.requestSync(stack, 'poll', 0);
      await mustLease(store, stack, 0);
      expect(await store.requestStop(stack, 'cancelled', 100)).toBe(false);
      expect((await mustLease(store, stack, 100)).stop).toBeNull();
    });
  });

  describe('approvals', () => {
    test('of all that asked go with the next lease, and only with that', async () => {
      const { stack } = await registered(store);
      await store.requestSync(stack, { trigger: 'manual', approvals: ['DL101'] }, 0);
      await store.requestSync(stack, 'poll', 0);
      await store.requestSync(stack, { trigger: 'manual', approvals: ['RM201'] }, 0);
      const lease = await mustLease(store, stack, 0);
      expect(lease.approvals).toEqual(['DL101', 'RM201']);
      expect((await store.renewLease(lease, 100, 10)).approvals).toEqual(['DL101', 'RM201']);
      await store.requestSync(stack, 'poll', 20);
      await store.releaseLease(lease, null);
      expect((await mustLease(store, stack, 20)).approvals).toEqual([]);
    });

    test('of a worker that was killed are inherited', async () => {
      const { stack } = await registered(store);
      await store.requestSync(stack, { trigger: 'manual', approvals: ['DL101'] }, 0);
      await mustLease(store, stack, 0);
      expect((await mustLease(store, stack, 100)).approvals).toEqual(['DL101']);
    });
  });

  test('the state of a lease says whether it is held, and counts', async () => {
    const { stack } = await registered(store);
    expect((await store.leaseStates([stack], 0)).get(stack)).toEqual({ number: 0, isHeld: false });
    await store.requestSync(stack, 'poll', 0);
    const lease = await mustLease(store, stack, 0);
    expect((await store.leaseStates([stack], 99)).get(stack)).toEqual({ number: 1, isHeld: true });
    expect((await store.leaseStates([stack], 100)).get(stack)).toEqual({ number: 1, isHeld: false });
    await store.releaseLease(lease, null);
    expect((await store.leaseStates([stack], 0)).get(stack)).toEqual({ number: 1, isHeld: false });
  });

  test('statuses are given of all stacks, or of those that are asked for', async () => {
    expect(await store.statuses([])).toEqual([]);
    expect(await store.statuses([freshStack('unknown')])).toEqual([]);
  });

  describe('news', () => {
    async function listened(work: (heard: readonly News[]) => Promise<void>): Promise<void> {
      const heard: News[] = [];
      const controller = new AbortController();
      const watching = store.watch((news) => void heard.push(news), controller.signal);
      try {
        await until('it listens', () => heard.length > 0);
        await work(heard);
      } finally {
        controller.abort();
        await watching;
      }
    }

    test('tell of requests, stops and syncs, whoever wrote them', async () => {
      const { stack } = await registered(store);
      await listened(async (heard) => {
        expect(heard).toEqual([{ kind: 'missed' }]);
        await store.requestSync(stack, 'poll', 0);
        await mustLease(store, stack, 0);
        await store.requestStop(stack, 'cancelled', 0);
        const begin = { stack, trigger: 'poll', from: null, to: null, at: 0 } as const;
        await store.beginSync(begin);
        await until('all is heard', () => heard.length === 4);
        expect(heard.slice(1)).toEqual([
          { kind: 'due' },
          { kind: 'stop', stack, reason: 'cancelled' },
          { kind: 'sync', stack },
        ]);
      });
    });

    test('a commit that concerns many stacks is one piece of news', async () => {
      const source = freshStack('source');
      const stacks = Array.from({ length: 50 }, () => freshStack('many'));
      await store.registerStacks(source, stacks);
      await listened(async (heard) => {
        await store.recordHead({ source, revision: first, after: 0, stacks, trigger: 'poll', at: 0 });
        await store.requestSync(stacks[0]!, 'poll', 0);
        await until('both are heard', () => heard.length >= 3);
        expect(heard).toEqual([{ kind: 'missed' }, { kind: 'due' }, { kind: 'due' }]);
      });
    });

    test('go on after the connection was lost, and say that something may have been missed', async () => {
      const { stack } = await registered(store);
      await listened(async (heard) => {
        const name = 'database' in address ? address.database : '';
        await asAdministrator(
          server,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and query like 'listen %'`,
        );
        await until('it listens again', () => heard.filter(({ kind }) => kind === 'missed').length === 2);
        await store.requestSync(stack, 'poll', 0);
        await until('it is heard', () => heard.at(-1)?.kind === 'due');
      });
    });

    test('end when nobody wants them any more', async () => {
      await store.watch(() => undefined, AbortSignal.abort());
      await listened(async () => {});
      await until('no connection listens', async () => {
        const [row] = await sql<{ count: number }[]>`
          select count(*)::integer as count from pg_stat_activity
           where query like 'listen %' and datname = current_database()`;
        return row?.count === 0;
      });
    });
  });
});
