import { expect, test } from 'vitest';
import type { Name } from '../../reconciler/model/ids.ts';
import type { Lease, Store } from '../../reconciler/model/ports.ts';
import type { Trigger } from '../../reconciler/model/event.ts';
import { describeOnServers } from './open.ts';
import { freshStack } from './samples.ts';

async function registered(store: Store): Promise<Name> {
  const stack = freshStack('leased');
  await store.registerStacks(freshStack('source'), [stack]);
  return stack;
}

async function mustLease(store: Store, stack: Name, at: number): Promise<Lease> {
  const lease = await store.lease({ owner: 'worker', ttlMs: 100, at, stack });
  if (lease === null) throw new Error(`${stack} was not to be had at ${at}`);
  return lease;
}

describeOnServers(({ store, sql }) => {
  test('a lease says who works for which generation, until when, and why', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'webhook', 10);
    const lease = await store.lease({ owner: 'worker', ttlMs: 100, at: 10, stack });
    expect(lease).toEqual({
      stack,
      owner: 'worker',
      generation: 1,
      trigger: 'webhook',
      approvals: [],
      stop: null,
      expiresAt: 110,
      number: 1,
    });
  });

  test('a stack is leased only when it is due', async () => {
    const stack = await registered(store);
    expect(await store.lease({ owner: 'a', ttlMs: 100, at: 10, stack })).toBeNull();
    await store.requestSync(stack, 'poll', 20);
    expect(await store.lease({ owner: 'a', ttlMs: 100, at: 19, stack })).toBeNull();
    expect(await store.lease({ owner: 'a', ttlMs: 100, at: 20, stack })).not.toBeNull();
  });

  test('a leased stack is given to nobody else until the lease has run out', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    await mustLease(store, stack, 0);
    expect(await store.lease({ owner: 'other', ttlMs: 100, at: 99, stack })).toBeNull();
    expect(await store.dueStacks(99)).not.toContain(stack);
    expect(await store.dueStacks(100)).toContain(stack);
    expect(await store.lease({ owner: 'other', ttlMs: 100, at: 100, stack })).toMatchObject({
      owner: 'other',
      number: 2,
    });
  });

  test('an attempt that a dead worker left open is interrupted as soon as another has the stack', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    await mustLease(store, stack, 0);
    const id = await store.beginSync({ stack, trigger: 'poll', from: null, to: null, at: 1 });
    await mustLease(store, stack, 100);
    expect(await store.sync(id)).toMatchObject({ outcome: 'interrupted', finishedAt: 100 });
  });

  test('leases that were ended are free at once, and their work is inherited', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'webhook', 0);
    const dead = await mustLease(store, stack, 0);
    await store.endLeases(10);
    expect(await mustLease(store, stack, 10)).toMatchObject({ generation: 1, trigger: 'webhook', number: 2 });
    await expect(store.releaseLease(dead, null)).rejects.toMatchObject({ code: 'LeaseLost' });
  });

  test('a release without a retry leaves the stack alone until it is asked for', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    await store.releaseLease(await mustLease(store, stack, 0), null);
    expect(await store.dueStacks(Number.MAX_SAFE_INTEGER)).not.toContain(stack);
    await store.requestSync(stack, 'sweep', 500);
    expect(await mustLease(store, stack, 500)).toMatchObject({ generation: 2, trigger: 'sweep' });
  });

  test('a request during the work makes the stack due again at once, under its own trigger', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'manual', 0);
    const lease = await mustLease(store, stack, 0);
    await store.requestSync(stack, 'sweep', 50);
    await store.releaseLease(lease, null);
    expect(await mustLease(store, stack, 50)).toMatchObject({ generation: 2, trigger: 'sweep' });
  });

  test('a retry is due at its time, as a retry', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    await store.releaseLease(await mustLease(store, stack, 0), 300);
    expect(await store.lease({ owner: 'a', ttlMs: 100, at: 299, stack })).toBeNull();
    expect(await mustLease(store, stack, 300)).toMatchObject({ generation: 2, trigger: 'retry' });
  });

  test('a request does not wait for the retry that is pending', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    await store.releaseLease(await mustLease(store, stack, 0), 10_000);
    await store.requestSync(stack, 'webhook', 20);
    expect(await mustLease(store, stack, 20)).toMatchObject({ trigger: 'webhook' });
  });

  test('a retry does not postpone a request that came during the work', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    const lease = await mustLease(store, stack, 0);
    await store.requestSync(stack, 'webhook', 20);
    await store.releaseLease(lease, 10_000);
    expect(await mustLease(store, stack, 20)).toMatchObject({ generation: 2, trigger: 'webhook' });
  });

  test('requests that wait together count as the strongest of them, in whatever order they came', async () => {
    for (const order of [
      ['manual', 'sweep'],
      ['sweep', 'manual'],
    ] as const satisfies readonly Trigger[][]) {
      const stack = await registered(store);
      for (const trigger of order) await store.requestSync(stack, trigger, 0);
      expect(await mustLease(store, stack, 0)).toMatchObject({ generation: 2, trigger: 'manual' });
    }
  });

  test('what a killed worker was asked for is inherited by the next', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'manual', 0);
    await mustLease(store, stack, 0);
    await store.requestSync(stack, 'sweep', 50);
    expect(await mustLease(store, stack, 100)).toMatchObject({ generation: 2, trigger: 'manual' });
  });

  test('every trigger comes back as it went in', async () => {
    const triggers = {
      start: true,
      poll: true,
      webhook: true,
      event: true,
      sweep: true,
      manual: true,
      retry: true,
      dependency: true,
      rollback: true,
    } as const satisfies Record<Trigger, true>;
    for (const trigger of Object.keys(triggers) as Trigger[]) {
      const stack = await registered(store);
      await store.requestSync(stack, trigger, 0);
      expect(await mustLease(store, stack, 0)).toMatchObject({ trigger });
    }
  });

  test('a renewed lease lasts longer and keeps its number', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    const lease = await mustLease(store, stack, 0);
    expect(await store.renewLease(lease, 100, 90)).toEqual({ ...lease, expiresAt: 190 });
    expect(await store.lease({ owner: 'other', ttlMs: 100, at: 189, stack })).toBeNull();
  });

  test('a lease that ran out and that nobody took can still be renewed and released', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    const lease = await mustLease(store, stack, 0);
    await store.releaseLease(await store.renewLease(lease, 100, 5_000), null);
    expect(await store.dueStacks(9_999)).not.toContain(stack);
  });

  test('who lost the lease can neither renew nor release it, not even under the same name', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    const lost = await mustLease(store, stack, 0);
    const current = await mustLease(store, stack, 100);
    await expect(store.renewLease(lost, 100, 101)).rejects.toMatchObject({ code: 'LeaseLost' });
    await expect(store.releaseLease(lost, null)).rejects.toMatchObject({ code: 'LeaseLost' });
    expect(await store.renewLease(current, 100, 102)).toMatchObject({ number: 2 });
  });

  test('a lease can be released once', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    const lease = await mustLease(store, stack, 0);
    await store.releaseLease(lease, null);
    await expect(store.releaseLease(lease, 5)).rejects.toMatchObject({ code: 'LeaseLost' });
    expect(await store.dueStacks(9_999)).not.toContain(stack);
  });

  test('whoever asks for any stack gets the one that waited longest', async () => {
    await sql`delete from plimsoll.stacks`;
    const [first, second, third] = [
      await registered(store),
      await registered(store),
      await registered(store),
    ];
    await store.requestSync(second, 'poll', 30);
    await store.requestSync(third, 'poll', 20);
    await store.requestSync(first, 'poll', 30);
    expect(await store.dueStacks(30)).toEqual([third, first, second]);
    for (const stack of [third, first, second]) {
      expect(await store.lease({ owner: 'a', ttlMs: 100, at: 30 })).toMatchObject({ stack });
    }
    expect(await store.lease({ owner: 'a', ttlMs: 100, at: 30 })).toBeNull();
  });

  test('a stack that is asked for again and again does not keep others waiting', async () => {
    await sql`delete from plimsoll.stacks`;
    const [busy, patient] = [await registered(store), await registered(store)];
    await store.requestSync(busy, 'event', 0);
    const lease = await mustLease(store, busy, 1);
    await store.requestSync(patient, 'poll', 2);
    await store.requestSync(busy, 'event', 3);
    await store.releaseLease(lease, null);
    expect(await store.dueStacks(3)).toEqual([patient, busy]);
  });

  test('a stack that is asked for again while it waits keeps its place', async () => {
    await sql`delete from plimsoll.stacks`;
    const [first, second] = [await registered(store), await registered(store)];
    await store.requestSync(first, 'event', 10);
    await store.requestSync(second, 'event', 20);
    await store.requestSync(first, 'event', 30);
    expect(await store.dueStacks(30)).toEqual([first, second]);
  });

  test('the next due time is a retry, or the end of somebody’s lease', async () => {
    await sql`delete from plimsoll.stacks`;
    expect(await store.nextDueAt()).toBeNull();
    const [retried, held] = [await registered(store), await registered(store)];
    expect(await store.nextDueAt()).toBeNull();
    await store.requestSync(retried, 'poll', 0);
    await store.releaseLease(await mustLease(store, retried, 0), 700);
    expect(await store.nextDueAt()).toBe(700);
    await store.requestSync(held, 'poll', 400);
    expect(await store.nextDueAt()).toBe(400);
    await mustLease(store, held, 400);
    expect(await store.nextDueAt()).toBe(500);
  });

  test('times beyond 32 bits are kept to the millisecond', async () => {
    const stack = await registered(store);
    const at = Date.UTC(2026, 6, 28, 12, 0, 0, 123);
    await store.requestSync(stack, 'poll', at);
    expect(await mustLease(store, stack, at)).toMatchObject({ expiresAt: at + 100 });
  });

  test('of fifty workers who want one stack at once, one gets it', async () => {
    const stack = await registered(store);
    await store.requestSync(stack, 'poll', 0);
    const leases = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        store.lease({ owner: `worker-${index}`, ttlMs: 100, at: 0, stack }),
      ),
    );
    expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
  });

  test('of fifty workers who want any of twenty stacks at once, each gets another one', async () => {
    await sql`delete from plimsoll.stacks`;
    const stacks = await Promise.all(Array.from({ length: 20 }, () => registered(store)));
    for (const stack of stacks) await store.requestSync(stack, 'poll', 0);
    const leases = await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.lease({ owner: `worker-${index}`, ttlMs: 100, at: 0 })),
    );
    const leased = leases.flatMap((lease) => lease?.stack ?? []);
    expect(leased.toSorted()).toEqual(stacks.toSorted());
  });

  test('no request is lost while workers race with requesters', async () => {
    const stack = await registered(store);
    let at = 0;
    let holders = 0;
    let lastSeen = 0;
    const requester = async (): Promise<void> => {
      for (let count = 0; count < 50; count++) await store.requestSync(stack, 'event', (at += 1));
    };
    const worker = async (owner: string): Promise<void> => {
      for (let count = 0; count < 100; count++) {
        const lease = await store.lease({ owner, ttlMs: 1_000_000, at, stack });
        if (lease === null) continue;
        holders += 1;
        expect(holders).toBe(1);
        lastSeen = lease.generation;
        await store.requestSync(stack, 'event', at);
        holders -= 1;
        await store.releaseLease(lease, null);
      }
    };
    await Promise.all([requester(), requester(), worker('a'), worker('b'), worker('c')]);
    const last = await mustLease(store, stack, at);
    expect(last.generation).toBeGreaterThan(lastSeen);
    await store.releaseLease(last, null);
    expect(await store.lease({ owner: 'a', ttlMs: 100, at: at + 1, stack })).toBeNull();
  });
});
