import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSyncError } from '../../reconciler/model/error.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { Lease, Store } from '../../reconciler/model/ports.ts';
import * as row from '../queue/row.ts';
import { describeOnServers } from './open.ts';

const stack = name('shop');
const source = name('main');
const ttlMs = 50;

const act = fc.oneof(
  fc.record({ kind: fc.constant('request' as const) }),
  fc.record({ kind: fc.constant('lease' as const) }),
  fc.record({ kind: fc.constant('renew' as const), nth: fc.nat(1) }),
  fc.record({
    kind: fc.constant('release' as const),
    nth: fc.nat(1),
    retryAfterMs: fc.constantFrom(null, 0, 20),
  }),
  fc.record({ kind: fc.constant('stop' as const) }),
  fc.record({ kind: fc.constant('find' as const), revision: fc.nat(2), staleBy: fc.nat(1) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 20, ttlMs) }),
);

type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

function revisionOf(found: number) {
  return revision(String(found).padStart(40, '0'));
}

/** Does the same to the store and to the model, and compares every answer and what can be read of the row. */
async function play(store: Store, acts: readonly Act[]): Promise<void> {
  let model = row.newRow;
  let at = 1_000;
  /** The latest first: one who was presumed dead may come back with an old one. */
  const leases: Lease[] = [];

  const expectSame = (answer: boolean, next: row.Row | null): void => {
    expect(answer).toBe(next !== null);
    model = next ?? model;
  };

  for (const step of acts) {
    switch (step.kind) {
      case 'pass':
        at += step.ms;
        break;
      case 'request':
        model = row.request(model, at);
        expect(await store.requestSync(stack, 'poll', at)).toBe(model.requested);
        break;
      case 'lease': {
        const lease = await store.lease({ owner: 'ann', ttlMs, at, stack });
        if (lease !== null) leases.unshift(lease);
        expectSame(lease !== null, row.lease(model, at, ttlMs));
        break;
      }
      case 'renew': {
        const lease = leases[step.nth];
        if (lease === undefined) break;
        const renewed = await granted(store.renewLease(lease, ttlMs, at));
        expectSame(renewed !== null, row.renew(model, lease.number, at + ttlMs));
        if (renewed !== null) expect(renewed.stop).toBe(model.holder?.stop);
        break;
      }
      case 'release': {
        const lease = leases[step.nth];
        if (lease === undefined) break;
        const retryAt = step.retryAfterMs === null ? null : at + step.retryAfterMs;
        const released = await granted(store.releaseLease(lease, retryAt).then(() => true));
        expectSame(released !== null, row.release(model, lease.number, retryAt));
        break;
      }
      case 'stop':
        expectSame(await store.requestStop(stack, 'cancelled', at), row.requestStop(model, 'cancelled', at));
        break;
      case 'find': {
        const after = Math.max(0, (model.head?.number ?? 0) - step.staleBy);
        const found = { revision: revisionOf(step.revision), after, at };
        expectSame(
          await store.recordHead({ source, stacks: [stack], trigger: 'poll', ...found }),
          row.recordHead(model, { revision: step.revision, after, at }),
        );
        break;
      }
      default:
        step satisfies never;
    }
    expect((await store.dueStacks(at)).includes(stack)).toBe(row.isDue(model, at));
  }
}

/** Null when somebody else has the lease. */
async function granted<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (isSyncError(error, 'LeaseLost')) return null;
    throw error;
  }
}

describeOnServers(({ store, sql }) => {
  test('does to a row what the model of the interleavings does', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25, size: 'max' }), async (acts) => {
        await sql`truncate plimsoll.stacks, plimsoll.heads`;
        await store.registerStacks(source, [stack]);
        await play(store, acts);
      }),
      { numRuns: 60 },
    );
  });
});
