import { expect, test } from 'vitest';
import type { SyncErrorCode } from '../../reconciler/model/error.ts';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { ObservedState } from '../../reconciler/model/observed.ts';
import type { RecentOutcome } from '../../reconciler/model/ports.ts';
import { serviceHealth, stackHealth, worstOf } from '../../reconciler/plan/health.ts';
import { firstFailure, foldSteps, outcomeOf } from '../../reconciler/plan/outcome.ts';
import { retryAt } from '../../reconciler/plan/retry.ts';
import { rejectionsOf } from '../../reconciler/plan/rollback.ts';
import { simulatePlan, type SimulationOptions } from '../../reconciler/plan/simulate.ts';
import { stackStatus, unknownStatus } from '../../reconciler/plan/status.ts';
import {
  commit,
  emptyEngine,
  image,
  imagesOf,
  planFor,
  running,
  service,
  shop,
  stableOf,
  stack,
  withState,
  without,
} from './world.ts';

const v1 = stack([service('web', { container: { image: 'acme/web:1' } }), service('db')]);
const v2 = stack([
  service('web', { container: { image: 'acme/web:2' } }),
  service('db', { container: { environment: { V: '2' } } }),
]);

function attempt(options: SimulationOptions = {}) {
  const plan = planFor(v2, running(v1));
  const { observed, events } = simulatePlan(running(v1), plan, { registry: imagesOf(v2), ...options });
  return { plan, observed, steps: foldSteps(plan, events) };
}

test('events fold into one record a step, in the order of the plan', () => {
  const { plan, steps } = attempt({
    fate: ({ name: called }) => (called.startsWith('shop-web') ? 'unhealthy' : 'well'),
  });
  expect(steps.map(({ step }) => step)).toEqual(plan.steps.map(({ id }) => id));
  const byStep = new Map(steps.map((record) => [record.step, record]));
  expect(byStep.get('await web.1')).toMatchObject({
    status: 'failed',
    error: { code: 'ContainerUnhealthy' },
  });
  expect(byStep.get('stop web.1')).toMatchObject({
    status: 'skipped',
    reason: '`await web.1` did not succeed',
  });
  expect(byStep.get('rename db.1')).toMatchObject({ status: 'succeeded' });
  expect(firstFailure(steps)?.code).toBe('ContainerUnhealthy');
});

test('a step of which nothing was heard is pending, and one that began is running', () => {
  const { plan } = attempt();
  const [first] = plan.steps;
  const steps = foldSteps(plan, [{ kind: 'stepStarted', at: 5, step: first!.id }]);
  expect(steps.slice(0, 2).map(({ status, startedAt }) => [status, startedAt])).toEqual([
    ['running', 5],
    ['pending', null],
  ]);
});

test('an attempt succeeds, fails, or succeeds in part', () => {
  const outcome = (options: SimulationOptions) => {
    const { plan, steps } = attempt(options);
    return outcomeOf(plan, steps);
  };
  expect(outcome({})).toBe('succeeded');
  expect(
    outcome({ fate: ({ name: called }) => (called.startsWith('shop-web') ? 'unhealthy' : 'well') }),
  ).toBe('partial');
  expect(outcome({ fate: () => 'unhealthy' })).toBe('failed');
});

const now = 1_760_000_000_000;

function failed(errorCode: SyncErrorCode, agoMs: number, to = commit): RecentOutcome {
  return { outcome: 'failed', to, errorCode, finishedAt: now - agoMs };
}

function delayAfter(failures: number): number {
  const history = Array.from({ length: failures }, (_, index) => failed('EngineTimedOut', index));
  return (retryAt({ stack: shop, recent: history, revision: commit, now }) ?? Number.NaN) - now;
}

test('retries back off to five minutes, spread a little and always the same way', () => {
  expect(retryAt({ stack: shop, recent: [], revision: commit, now })).toBe(now);
  const delays = [1, 2, 3, 4, 5, 6, 12].map(delayAfter);
  for (const [index, base] of [2, 6, 18, 54, 162, 300, 300].entries()) {
    expect(delays[index]).toBeGreaterThanOrEqual(base * 1000);
    expect(delays[index]).toBeLessThan(base * 1200 + 1);
  }
  expect(delayAfter(3)).toBe(delayAfter(3));
});

test.each<[code: SyncErrorCode, seconds: number | null]>([
  ['RegistryUnreachable', 2],
  ['EngineConflict', 2],
  ['ImageNotFound', 300],
  ['PortTaken', 300],
  ['EngineTooOld', null],
])('after %s the first delay in seconds is %s, as the recovery of the failure says', (code, seconds) => {
  const at = retryAt({ stack: shop, recent: [failed(code, 0)], revision: commit, now });
  if (seconds === null || at === null) return expect(at).toBe(seconds);
  expect(at - now).toBeGreaterThanOrEqual(seconds * 1_000);
  return expect(at - now).toBeLessThanOrEqual(seconds * 1_200);
});

test('failures of an older revision never delay a newer one, and a success ends the row', () => {
  const older = revision('f'.repeat(40));
  const before = [failed('EngineTooOld', 0, older), failed('EngineTimedOut', 1, older)];
  expect(retryAt({ stack: shop, recent: before, revision: commit, now })).toBe(now);
  const succeeded = { outcome: 'succeeded', to: commit, errorCode: null, finishedAt: now } as const;
  const healed = [succeeded, failed('EngineTooOld', 1)];
  expect(retryAt({ stack: shop, recent: healed, revision: commit, now })).toBe(now);
});

test('a failed rollout rejects the hash that failed, with the reason', () => {
  const { plan, steps } = attempt({
    fate: ({ name: called }) => (called.startsWith('shop-web') ? 'unhealthy' : 'well'),
  });
  const input = { desired: v2, observed: running(v1), plan, steps, holds: [], revision: commit, now };
  const rejections = rejectionsOf({ ...input, stable: stableOf(v1) });
  expect(rejections).toMatchObject([
    { kind: 'rejected', stack: 'shop', service: 'web', hash: v2.services[0]!.hash },
  ]);
  expect(rejectionsOf({ ...input, stable: stableOf(v1), holds: rejections })).toEqual([]);
  expect(rejectionsOf({ ...input, stable: [] })).toEqual([]);
  expect(rejectionsOf({ ...input, stable: stableOf(v2) })).toEqual([]);
});

test('where only the tag moved, the image that it means now is rejected and not the version', () => {
  const moved = image('acme/web:2', { command: ['other'] });
  const following = stack([service('web', { pullPolicy: 'always', container: { image: 'acme/web:2' } })]);
  const before = running(following);
  const digest = moved.repoDigests[0]!.split('@')[1]!;
  const observed: ObservedState = {
    ...before,
    registryDigests: { 'acme/web:2': { kind: 'digest', digest } },
  };
  const plan = planFor(following, observed);
  const fate = () => 'unhealthy' as const;
  const { events, observed: after } = simulatePlan(observed, plan, {
    registry: { 'acme/web:2': moved },
    fate,
  });
  const [known] = image('acme/web:2').repoDigests;
  const stable = stableOf(following).map((version) => Object.assign({}, version, { digest: known }));
  const input = { desired: following, observed, plan, steps: foldSteps(plan, events), revision: commit, now };
  const holds = rejectionsOf({ ...input, stable, holds: [] });
  expect(holds).toMatchObject([{ service: 'web', hash: following.services[0]!.hash, digest }]);
  expect(rejectionsOf({ ...input, stable, holds })).toEqual([]);
  expect(rejectionsOf({ ...input, stable: stableOf(following), holds: [] })).toEqual([]);

  const back = planFor(following, after, { holds, stable });
  expect(simulatePlan(after, back).observed.containers).toEqual(before.containers);
  const further = { 'acme/web:2': { kind: 'digest', digest: `sha256:${'7'.repeat(64)}` } } as const;
  const next = planFor(following, { ...observed, registryDigests: further }, { holds, stable });
  expect(next.decisions.find(({ resource }) => resource.kind === 'service')?.verdict).toBe('rolling');
});

test('what the engine, the registry or an operator did speaks against no version', () => {
  const { plan, steps } = attempt({ failAt: 3 });
  expect(steps.some(({ status }) => status === 'failed')).toBe(true);
  const input = {
    desired: v2,
    observed: running(v1),
    plan,
    steps,
    holds: [],
    stable: stableOf(v1),
    revision: commit,
    now,
  };
  expect(rejectionsOf(input)).toEqual([]);
});

test('a whole is as well as its worst part', () => {
  expect(worstOf([])).toBe('healthy');
  expect(worstOf(['healthy', 'progressing'])).toBe('progressing');
  expect(worstOf(['suspended', 'missing', 'degraded'])).toBe('missing');
  const observed = running(v1);
  const web = v1.services[0]!;
  const healthOf = (world: ObservedState) => serviceHealth(shop, web, world).health;
  expect(stackHealth(v1, observed)).toBe('healthy');
  expect(healthOf(withState(observed, 'shop-web-1', { health: 'unhealthy' }))).toBe('degraded');
  expect(healthOf(withState(observed, 'shop-web-1', { status: 'paused' }))).toBe('suspended');
  expect(healthOf(withState(observed, 'shop-web-1', { health: 'starting' }))).toBe('progressing');
  expect(healthOf(without(observed, 'shop-web-1'))).toBe('missing');
});

function statusOf(
  desired: DesiredStack,
  observed: ObservedState,
  previous: Parameters<typeof stackStatus>[0]['previous'],
) {
  const plan = planFor(desired, observed, { stable: stableOf(v1) });
  return stackStatus({
    source: name('main'),
    revision: commit,
    desired,
    observed,
    plan,
    previous,
    attempt: null,
    now: observed.at,
  });
}

function conditionsOf({ conditions }: ReturnType<typeof stackStatus>) {
  return conditions.map(({ type, status, reason }) => [type, status, reason]);
}

test('a stack at its line is synced and ready, and its conditions keep the time at which they came about', () => {
  const observed = running(v1);
  const first = statusOf(v1, observed, null);
  expect([first.syncStatus, first.health]).toEqual(['synced', 'healthy']);
  expect(conditionsOf(first)).toEqual([
    ['Ready', true, 'Healthy'],
    ['Reconciling', false, 'Idle'],
    ['Stalled', false, 'Moving'],
  ]);
  const later = statusOf(v1, { ...observed, at: observed.at + 60_000 }, first);
  expect(later.conditions).toEqual(first.conditions);
  const down = statusOf(
    v1,
    withState({ ...observed, at: observed.at + 90_000 }, 'shop-web-1', { status: 'exited' }),
    later,
  );
  expect(down.conditions[0]).toMatchObject({ status: false, since: observed.at + 90_000 });
});

test('what is missing, blocked or unread is said with its reason', () => {
  const empty = statusOf(v1, emptyEngine(), null);
  expect([empty.syncStatus, empty.health, empty.services.map(({ because }) => because)]).toEqual([
    'outOfSync',
    'missing',
    ['it is gone', 'it is gone'],
  ]);
  const stranger = {
    id: '1'.repeat(64),
    name: 'shop-web-1',
    hostPorts: [],
    networks: [],
    forged: false,
    claim: null,
  };
  const blocked = statusOf(v1, { ...emptyEngine(), strangers: [stranger] }, null);
  expect(conditionsOf(blocked)[2]).toEqual(['Stalled', true, 'Blocked']);
  const unread = unknownStatus({
    stack: shop,
    source: name('main'),
    engine: name('default'),
    revision: null,
    previous: statusOf(v1, running(v1), null),
    attempt: { outcome: 'unknown', summary: 'The engine does not answer.', code: 'EngineTimedOut' },
    now,
  });
  expect([unread.syncStatus, unread.health, unread.revision, unread.services.length]).toEqual([
    'unknown',
    'unknown',
    commit,
    2,
  ]);
  expect(conditionsOf(unread)[2]).toEqual(['Stalled', true, 'EngineUnreachable']);
});
