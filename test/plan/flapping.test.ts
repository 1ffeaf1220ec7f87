import { expect, test } from 'vitest';
import type { Change } from '../../reconciler/model/change.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import { healAt } from '../../reconciler/plan/flapping.ts';

const now = 1_760_000_000_000;

function drifted(path: string, service = 'web'): Change {
  return {
    kind: 'modify',
    resource: { kind: 'instance', service: name(service), instance: 1 },
    class: 'inPlace',
    cause: { kind: 'drift' },
    path,
    from: 'exited (0)',
    to: 'running',
  };
}

function heals(count: number, change = drifted('state'), everyMs = 8_000) {
  const plan: Plan = {
    format: 1,
    stack: name('shop'),
    engine: name('default'),
    revision: null,
    changes: [change],
    findings: [],
    decisions: [],
    steps: [],
  };
  return Array.from({ length: count }, (_, index) => ({
    plan,
    outcome: 'succeeded' as const,
    finishedAt: now - index * everyMs,
  }));
}

test('what drifts for the first few times is healed at once', () => {
  for (const count of [0, 1, 4]) {
    expect(healAt({ changes: [drifted('state')], history: heals(count), now })).toBe(now);
  }
});

test('the same drift healed over and over waits longer each time, up to five minutes', () => {
  const delays = [5, 6, 7, 8, 9, 10, 12].map(
    (count) => healAt({ changes: [drifted('state')], history: heals(count), now }) - now,
  );
  expect(delays).toEqual([2_000, 6_000, 18_000, 54_000, 162_000, 300_000, 300_000]);
});

test('heals of another service, of another field, or long ago delay nothing', () => {
  const changes = [drifted('state')];
  expect(healAt({ changes, history: heals(9, drifted('state', 'db')), now })).toBe(now);
  expect(healAt({ changes, history: heals(9, drifted('mem_limit')), now })).toBe(now);
  expect(healAt({ changes, history: heals(9, drifted('state'), 11 * 60_000), now })).toBe(now);
});
