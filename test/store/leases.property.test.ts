import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSyncError } from '../../reconciler/model/error.ts';
import type { Trigger } from '../../reconciler/model/event.ts';
import { name, type Name } from '../../reconciler/model/ids.ts';
import type { Lease, Store } from '../../reconciler/model/ports.ts';
import { describeOnServers } from './open.ts';

const stacks = [name('shop'), name('blog')];
const workers = ['ann', 'bob', 'cyn'];
const ttlMs = 50;

/** From the weakest to the strongest. */
const triggers = [
  'sweep',
  'retry',
  'event',
  'dependency',
  'start',
  'poll',
  'webhook',
  'rollback',
  'manual',
] as const satisfies readonly Trigger[];

type Act =
  | { readonly kind: 'request'; readonly stack: Name; readonly trigger: Trigger }
  | { readonly kind: 'lease'; readonly worker: string; readonly stack: Name | null }
  | { readonly kind: 'renew'; readonly worker: string; readonly nth: number }
  | {
      readonly kind: 'release';
      readonly worker: string;
      readonly nth: number;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: 'pass'; readonly ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      stack: fc.constantFrom(...stacks),
      trigger: fc.constantFrom(...triggers),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('lease' as const),
      worker: fc.constantFrom(...workers),
      stack: fc.constantFrom(null, ...stacks),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('renew' as const),
      worker: fc.constantFrom(...workers),
      nth: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      worker: fc.constantFrom(...workers),
      nth: fc.nat(2),
      retryAfterMs: fc.constantFrom(null, null, 0, 20, 200),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 10, ttlMs, 150) }),
  },
);

interface Request {
  readonly trigger: Trigger;
  readonly dueAt: number;
}

/**
 * What is promised, told in requests instead of generations: a request is open until a lease takes it in hand, and
 * done when that very lease is released; when the lease runs out and another is given, that one inherits it.
 */
class Promised {
  #open: Request[] = [];
  #inHand: Request[] = [];
  #holder: { readonly number: number; expiresAt: number } | null = null;
  #requested = 0;
  #leases = 0;

  request(request: Request): number {
    this.#open.push(request);
    this.#requested += 1;
    return this.#requested;
  }

  isFreeAt(at: number): boolean {
    if (this.#holder !== null) return this.#holder.expiresAt <= at;
    return this.#open.some(({ dueAt }) => dueAt <= at);
  }

  take(at: number): Omit<Lease, 'stack' | 'owner'> {
    this.#inHand.push(...this.#open.splice(0));
    this.#leases += 1;
    this.#holder = { number: this.#leases, expiresAt: at + ttlMs };
    const strongest = Math.max(...this.#inHand.map(({ trigger }) => triggers.indexOf(trigger)));
    return {
      generation: this.#requested,
      trigger: triggers[strongest] ?? 'sweep',
      approvals: [],
      stop: null,
      number: this.#leases,
      expiresAt: at + ttlMs,
    };
  }

  isHeldBy(number: number): boolean {
    return this.#holder?.number === number;
  }

  renew(at: number): void {
    if (this.#holder !== null) this.#holder.expiresAt = at + ttlMs;
  }

  release(retryAt: number | null): void {
    this.#inHand = [];
    this.#holder = null;
    if (retryAt !== null && this.#open.length === 0) this.request({ trigger: 'retry', dueAt: retryAt });
  }

  isDone(): boolean {
    return this.#open.length === 0 && this.#inHand.length === 0 && this.#holder === null;
  }
}

/** Plays the acts against the store and against the promise, and compares every answer. */
async function play(store: Store, acts: readonly Act[]): Promise<void> {
  const promised = new Map(stacks.map((stack) => [stack, new Promised()]));
  const of = (stack: Name): Promised => promised.get(stack)!;
  /** The leases that each worker ever saw, the latest first: one who was presumed dead may come back with an old one. */
  const known = new Map<string, readonly Lease[]>();
  let at = 1_000;

  const take = async (worker: string, stack: Name | null): Promise<boolean> => {
    const lease = await store.lease({ owner: worker, ttlMs, at, ...(stack === null ? {} : { stack }) });
    const free = stacks.filter(
      (candidate) => (stack ?? candidate) === candidate && of(candidate).isFreeAt(at),
    );
    if (lease === null) {
      expect(free).toEqual([]);
      return false;
    }
    expect(free).toContain(lease.stack);
    expect(lease).toEqual({ stack: lease.stack, owner: worker, ...of(lease.stack).take(at) });
    known.set(worker, [lease, ...(known.get(worker) ?? [])]);
    return true;
  };
  const release = async (lease: Lease | undefined, retryAt: number | null): Promise<void> => {
    if (lease === undefined) return;
    const isHolder = of(lease.stack).isHeldBy(lease.number);
    expect(await isGranted(store.releaseLease(lease, retryAt))).toBe(isHolder);
    if (isHolder) of(lease.stack).release(retryAt);
  };
  const renew = async (lease: Lease | undefined): Promise<void> => {
    if (lease === undefined) return;
    const isHolder = of(lease.stack).isHeldBy(lease.number);
    expect(await isGranted(store.renewLease(lease, ttlMs, at))).toBe(isHolder);
    if (isHolder) of(lease.stack).renew(at);
  };

  for (const step of acts) {
    if (step.kind === 'pass') at += step.ms;
    else if (step.kind === 'lease') await take(step.worker, step.stack);
    else if (step.kind === 'renew') await renew(known.get(step.worker)?.[step.nth]);
    else if (step.kind === 'release') {
      await release(
        known.get(step.worker)?.[step.nth],
        step.retryAfterMs === null ? null : at + step.retryAfterMs,
      );
    } else {
      const generation = await store.requestSync(step.stack, step.trigger, at);
      expect(generation).toBe(of(step.stack).request({ trigger: step.trigger, dueAt: at }));
    }
    expect([...(await store.dueStacks(at))].sort()).toEqual(
      stacks.filter((stack) => of(stack).isFreeAt(at)).sort(),
    );
  }

  // Whatever happened, one worker who comes later finishes everything that was ever asked for.
  at += 10_000;
  while (await take('last', null)) await release(known.get('last')?.[0], null);
  for (const stack of stacks) expect(of(stack).isDone()).toBe(true);
  expect(await store.nextDueAt()).toBeNull();
}

async function isGranted(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (isSyncError(error, 'LeaseLost')) return false;
    throw error;
  }
}

describeOnServers(({ store, sql }) => {
  test(
    'whatever requesters, workers and crashes do, no request is lost and no stack has two holders',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 20, size: 'max' }), async (acts) => {
          await sql`truncate plimsoll.stacks`;
          await store.registerStacks(name('main'), stacks);
          await play(store, acts);
        }),
        { numRuns: 500 },
      );
    },
  );
});
