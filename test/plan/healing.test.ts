import { expect, test } from 'vitest';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import {
  converge,
  emptyEngine,
  imagesOf,
  planFor,
  running,
  service,
  stableOf,
  stack,
  withContainer,
  withSpec,
  withState,
  without,
} from './world.ts';

const web = (drift?: Parameters<typeof service>[1]) =>
  stack([service('web', { replicas: 2, ...drift }), service('db')]);
const stable = { stable: stableOf(web()) };

test('only what drifted is touched: a stopped instance is started, and nothing else happens', () => {
  const observed = withState(running(web()), 'shop-web-2', {
    status: 'exited',
    exitCode: 137,
    oomKilled: true,
  });
  expect(formatPlan(planFor(web(), observed, stable))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    it exited (137, out of memory)
          state exited (137, out of memory) -> running  (drift)

      1. start web.2
      2. await web.2  after 1
    "
  `);
});

test.each([
  ['paused', { status: 'paused' }, ['unpause web.1', 'await web.1']],
  ['made and never started', { status: 'created', startedAt: null }, ['start web.1', 'await web.1']],
  ['in a restart loop', { status: 'restarting', exitCode: 1 }, ['await web.1']],
  [
    'dead',
    { status: 'dead' },
    ['create web.1', 'start web.1', 'await web.1', 'remove web.1', 'rename web.1'],
  ],
] as const)('an instance that is %s is brought back', (_, state, steps) => {
  const observed = withState(running(web()), 'shop-web-1', state);
  expect(planFor(web(), observed, stable).steps.map(({ id }) => id)).toEqual(steps);
});

test('an instance that somebody removed is made again, as drift', () => {
  expect(formatPlan(planFor(web(), without(running(web()), 'shop-web-1'), stable))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 1 to add, 0 to delete · no downtime · policy ok

      + web  create      it is gone

      1. create web.1
      2. start web.1   after 1
      3. await web.1   after 2
    "
  `);
});

test('an unhealthy instance is no difference: its health is told, not repaired', () => {
  const observed = withState(running(web()), 'shop-web-1', { health: 'unhealthy' });
  expect(planFor(web(), observed, stable).steps).toEqual([]);
});

test('a limit that somebody changed by hand is set back in place, with drift as the cause', () => {
  const limited = stack([service('web', { container: { mem_limit: 256 * 1024 ** 2 } })]);
  const observed = withSpec(running(limited), 'shop-web-1', {
    mem_limit: 1024 ** 3,
    memswap_limit: 2 * 1024 ** 3,
  });
  expect(formatPlan(planFor(limited, observed))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    mem_limit drifted to 1g, and 1 more
          mem_limit 1g -> 256m  (drift)
          memswap_limit 2g -> 512m  (drift)

      1. update web.1
    "
  `);
});

test('a container that somebody made by hand in our name is replaced', () => {
  const observed = withSpec(running(web()), 'shop-web-1', { environment: { MINE: '1' } });
  const plan = planFor(web(), observed, stable);
  expect(plan.changes).toMatchObject([
    {
      kind: 'modify',
      path: 'environment.MINE',
      cause: { kind: 'drift' },
      class: 'rolling',
      from: '1',
      to: undefined,
    },
  ]);
});

test('drift is shown and left alone where the service says warn', () => {
  const desired = web({ drift: { mode: 'warn' } });
  const settled = stableOf(desired);
  const observed = withState(running(desired), 'shop-web-1', { status: 'exited', exitCode: 0 });
  expect(formatPlan(planFor(desired, without(observed, 'shop-web-2'), { stable: settled })))
    .toMatchInlineSnapshot(`
      "shop at 0123456: 0 to change, 0 to add, 0 to delete · no downtime · policy ok

        . web  left alone  it exited (0), and 1 more
            state exited (0) -> running  (drift)
      "
    `);
});

test('drift is not even looked at where the service says off', () => {
  const desired = web({ drift: { mode: 'off' } });
  const observed = without(withState(running(desired), 'shop-web-1', { status: 'exited' }), 'shop-web-2');
  const plan = planFor(desired, observed, { stable: stableOf(desired) });
  expect([plan.steps, plan.changes]).toEqual([[], []]);
  expect(plan.decisions.map(({ verdict }) => verdict)).toEqual(['unchanged', 'unchanged', 'unchanged']);
});

test('a commit is applied although the service says warn', () => {
  const before = web({ drift: { mode: 'warn' } });
  const after = web({ drift: { mode: 'warn' }, container: { image: 'acme/web:2' } });
  const plan = planFor(after, running(before), { stable: stableOf(before) });
  expect(
    plan.decisions.find(({ resource }) => resource.kind === 'service' && resource.service === 'web')?.verdict,
  ).toBe('rolling');
});

test('what is ignored is neither compared nor applied to a running container', () => {
  const of = (mem_limit: number, ignore: readonly string[]) =>
    stack([
      service('web', { drift: { ignore }, container: { mem_limit, labels: { 'com.example.team': 'a' } } }),
    ]);
  const ignoring = of(256 * 1024 ** 2, ['mem_limit', 'memswap_limit', 'labels.com.example']);
  const observed = withSpec(running(ignoring), 'shop-web-1', {
    mem_limit: 1024 ** 3,
    memswap_limit: 2 * 1024 ** 3,
    labels: { 'com.example.team': 'b' },
  });
  expect(planFor(ignoring, observed).changes).toEqual([]);
  expect(planFor(of(256 * 1024 ** 2, []), observed).changes).toHaveLength(3);
});

test('a newcomer that an interrupted sync left healthy takes over without being made again', () => {
  const before = web();
  const after = web({ container: { image: 'acme/web:2' } });
  const plan = planFor(after, running(before), stable);
  const dieAfter = plan.steps.findIndex(({ id }) => id === 'stop web.1');
  const { observed } = simulatePlan(running(before), plan, { registry: imagesOf(after), dieAfter });
  expect(formatPlan(planFor(after, observed, stable))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  rolling     an interrupted sync left it without its name
          name shop-web-1.5886c971 -> shop-web-1  (unfinished)
          image acme/web:1 -> acme/web:2  (commit)

       1. await web.1
       2. stop web.1    after 1
       3. remove web.1  after 2
       4. rename web.1  after 3
       5. create web.2  after 4
       6. start web.2   after 5
       7. await web.2   after 6
       8. stop web.2    after 7
       9. remove web.2  after 8
      10. rename web.2  after 9
    "
  `);
});

test('a newcomer of a version that nobody wants any more goes, and what serves is left alone', () => {
  const before = web();
  const failed = web({ container: { image: 'acme/web:2' } });
  const plan = planFor(failed, running(before), stable);
  const fate = () => 'unhealthy' as const;
  const { observed } = simulatePlan(running(before), plan, { registry: imagesOf(failed), fate });
  const back = planFor(before, observed, stable);
  expect(formatPlan(back)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  rolling     an interrupted sync left two of it

      1. await web.1
      2. stop web.1    after 1
      3. remove web.1  after 2
    "
  `);
  expect(simulatePlan(observed, back).observed.containers).toEqual(running(before).containers);
});

test('after a failed recreation the way back is to start the old container again', () => {
  const of = (version: string) =>
    stack([service('db', { rollout: { strategy: 'recreate' }, container: { environment: { V: version } } })]);
  const plan = planFor(of('2'), running(of('1')));
  const { observed } = simulatePlan(running(of('1')), plan, { fate: () => 'unhealthy' });
  expect(planFor(of('1'), observed).steps.map(({ id }) => id)).toEqual([
    'stop db.1',
    'start db.1',
    'await db.1',
    'remove db.1',
  ]);
});

test('of two containers that claim one place, the one that serves stays', () => {
  const observed = running(stack([service('web')]));
  const [first] = observed.containers;
  const twin = {
    ...first!,
    id: 'e'.repeat(64),
    name: `shop-web-1.${'0'.repeat(8)}`,
    createdAt: first!.createdAt + 1,
  };
  const doubled = { ...observed, containers: [first!, twin] };
  const plan = planFor(stack([service('web')]), doubled);
  expect(plan.steps.map(({ id }) => id)).toEqual(['await web.1', 'stop web.1', 'remove web.1']);
  expect(simulatePlan(doubled, plan).observed.containers).toEqual([first]);
});

test('a container whose config files may be missing is made again rather than started', () => {
  const configs = { '/etc/app.conf': { digest: `sha256:${'a'.repeat(64)}`, mode: 0o444, uid: 0, gid: 0 } };
  const desired = stack([service('web', { container: { configs } })]);
  const plan = planFor(desired, emptyEngine());
  const dieAfter = plan.steps.findIndex(({ id }) => id === 'start web.1');
  const { observed } = simulatePlan(emptyEngine(), plan, { registry: imagesOf(desired), dieAfter });
  expect(planFor(desired, observed).steps.map(({ id }) => id)).toEqual([
    'remove shop-web-1',
    'create web.1',
    'start web.1',
    'await web.1',
  ]);
  converge(desired, observed);
});

test('the label of a container that was changed in place stays, and is no difference by itself', () => {
  const before = stack([service('web', { container: { mem_limit: 256 * 1024 ** 2 } })]);
  const after = stack([service('web', { container: { mem_limit: 512 * 1024 ** 2 } })]);
  const observed = converge(after, running(before));
  expect(observed.containers[0]?.specHash).toBe(before.services[0]?.hash);
  const stopped = withState(observed, 'shop-web-1', { status: 'exited', exitCode: 0 });
  const causeOf = (options: Parameters<typeof planFor>[2]) =>
    planFor(after, stopped, options).changes[0]?.cause.kind;
  expect(causeOf({ stable: stableOf(after) })).toBe('drift');
  expect(causeOf({ stable: stableOf(before) })).toBe('unfinished');
  const raised = withSpec(observed, 'shop-web-1', { mem_limit: 1024 ** 3, memswap_limit: 2 * 1024 ** 3 });
  const raisedCause = (recorded: typeof after) =>
    planFor(after, raised, { stable: stableOf(recorded) }).changes[0]?.cause.kind;
  expect([raisedCause(after), raisedCause(before)]).toEqual(['drift', 'commit']);
});

test('a hash of another version is no difference by itself', () => {
  const desired = stack([service('web', { container: { environment: { A: '1' } } })]);
  const older = withContainer(running(desired), 'shop-web-1', ({ specHash }) => ({
    specHash: specHash === null ? null : (specHash.replace('v1:', 'v0:') as typeof specHash),
  }));
  expect(planFor(desired, older).steps).toEqual([]);
});
