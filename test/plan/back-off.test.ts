import { expect, test } from 'vitest';
import type { DriftInterval, DriftKind } from '../../reconciler/model/drift.ts';
import { name } from '../../reconciler/model/ids.ts';
import { backOffs, describeBackOff } from '../../reconciler/plan/back-off.ts';
import { planFor, running, service, stableOf, stack, withState } from './world.ts';

const now = 1_760_000_000_000;

interface Healing {
  readonly service?: string;
  readonly kind?: DriftKind;
  readonly field?: string;
  readonly everyMs?: number;
}

/** The latest of them ended just now. */
function heals(
  count: number,
  { service: of = 'web', kind = 'killed', field = 'state', everyMs = 8_000 }: Healing = {},
): readonly DriftInterval[] {
  return Array.from({ length: count }, (_, index): DriftInterval => {
    const closedAt = now - index * everyMs;
    return {
      stack: name('shop'),
      resource: { kind: 'instance', service: name(of), instance: 1 },
      field,
      kind,
      because: 'something happened',
      found: 'exited (137)',
      wanted: 'running',
      revision: null,
      openedAt: closedAt - 500,
      seenAt: closedAt - 400,
      closedAt,
      end: 'healed',
    };
  });
}

function waits(of: readonly DriftInterval[], at = now): Readonly<Record<string, number>> {
  const waiting = [...backOffs({ heals: of, now: at }).values()];
  return Object.fromEntries(waiting.map(({ service: of, until }) => [of, until - at]));
}

test('what was never healed waits for nothing, and a heal is waited for two seconds', () => {
  expect(waits([])).toEqual({});
  expect(waits(heals(1))).toEqual({ web: 2_000 });
  expect(waits(heals(1), now + 2_000)).toEqual({});
});

test('each further heal waits three times as long, up to five minutes', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 12].map((count) => waits(heals(count))['web']);
  expect(delays).toEqual([2_000, 6_000, 18_000, 54_000, 162_000, 300_000, 300_000, 300_000]);
});

test('ten quiet minutes begin anew', () => {
  expect(waits(heals(9, { everyMs: 11 * 60_000 }))).toEqual({ web: 2_000 });
  expect(waits(heals(9), now + 11 * 60_000)).toEqual({});
});

test('several fields that one sync healed are one heal', () => {
  expect(waits([...heals(1), ...heals(1, { field: 'mem_limit' })])).toEqual({ web: 2_000 });
});

test('one service waits, and no other with it', () => {
  expect(waits([...heals(3), ...heals(1, { service: 'db' })])).toEqual({ web: 18_000, db: 2_000 });
});

test('a fight with somebody is told from a program that does not live by itself', () => {
  const told = (kind: DriftKind, count = 6): string => {
    const [backOff] = backOffs({ heals: heals(count, { kind }), now }).values();
    return backOff === undefined ? '' : describeBackOff(backOff);
  };
  expect(told('updated')).toBe(
    'healed 6 times in 40 s; something else is changing it; again from 08:58:20 UTC on',
  );
  expect(told('ended')).toContain('healed 6 times in 40 s; its process does not stay alive by itself');
  expect(told('found')).toContain('healed 6 times in 40 s; again from');
  expect(told('killed', 1)).toContain('healed a moment ago; again from');
});

test('drift that waits is shown and not acted upon, and acted upon once a person asks', () => {
  const desired = stack([service('web')]);
  const observed = withState(running(desired), 'shop-web-1', { status: 'exited', exitCode: 137 });
  const past = { stable: stableOf(desired), now };
  const waiting = planFor(desired, observed, {
    ...past,
    drift: { open: [], heals: heals(1), reached: new Set() },
  });
  expect(waiting.steps).toEqual([]);
  expect(waiting.changes).toMatchObject([{ path: 'state', cause: { kind: 'drift' } }]);
  expect(waiting.decisions[0]).toMatchObject({ verdict: 'held' });
  expect(waiting.decisions[0]?.because).toContain('healed a moment ago');
  expect(planFor(desired, observed, past).steps.length).toBeGreaterThan(0);
});
