import { expect, test } from 'vitest';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { orderSteps, type DraftStep } from '../../reconciler/plan/order.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import {
  converge,
  emptyEngine,
  imagesOf,
  inventoryOf,
  planFor,
  port,
  running,
  service,
  shop,
  stableOf,
  stack,
  withContainer,
  withState,
  without,
} from './world.ts';

const migration = (version: string) =>
  service('migrate', {
    lifecycle: 'job',
    dependsOn: ['db'],
    container: { image: `acme/migrate:${version}` },
  });
const shopWith = (version: string) =>
  stack([
    service('db'),
    migration(version),
    service('web', { dependsOn: [{ service: 'migrate', condition: 'service_completed_successfully' }] }),
  ]);

test('a job runs after what it depends on, and what depends on it starts when it has succeeded', () => {
  expect(formatPlan(planFor(shopWith('1'), emptyEngine(imagesOf(shopWith('1')))))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 4 to add, 0 to delete · no downtime · policy ok

      + db               create      it is not there yet
      + migrate          create      it is not there yet
      + web              create      it is not there yet
      + network default  create      it is missing

       1. create network default
       2. create db.1             after 1
       3. start db.1              after 2
       4. await db.1              after 3
       5. create migrate.1        after 1
       6. start migrate.1         after 4, 5
       7. await migrate.1         after 6
       8. create web.1            after 1
       9. start web.1             after 7, 8
      10. await web.1             after 9
    "
  `);
});

test('a job that has succeeded is healthy and never run again', () => {
  const observed = running(shopWith('1'));
  expect(observed.containers.find(({ name }) => name === 'shop-migrate-1')?.state.status).toBe('exited');
  expect(planFor(shopWith('1'), observed).steps).toEqual([]);
});

test('a job whose container was cleared away after it succeeded is not run again', () => {
  const observed = without(running(shopWith('1')), 'shop-migrate-1');
  expect(planFor(shopWith('1'), observed, { stable: stableOf(shopWith('1')) }).steps).toEqual([]);
  expect(planFor(shopWith('1'), observed).steps.map(({ id }) => id)).toEqual([
    'create migrate.1',
    'start migrate.1',
    'await migrate.1',
  ]);
});

test('a new version of a job runs once more, the old one never beside it', () => {
  const busy = withState(running(shopWith('1')), 'shop-migrate-1', { status: 'running', exitCode: null });
  expect(planFor(shopWith('2'), busy).steps.map(({ id }) => id)).toEqual([
    'pull acme/migrate:2',
    'create migrate.1',
    'stop migrate.1',
    'start migrate.1',
    'await migrate.1',
    'remove migrate.1',
    'rename migrate.1',
  ]);
});

test('a failed job is not run again as it is, and what waits for it is told why it waits', () => {
  const failed = withState(running(shopWith('1')), 'shop-migrate-1', { status: 'exited', exitCode: 3 });
  expect(formatPlan(planFor(shopWith('1'), without(failed, 'shop-web-1')))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete, 1 blocked · no downtime · policy ok

      ! web  blocked     it depends on migrate, which failed with exit code 3

      warn    DP101 web cannot be brought to its line: it depends on migrate, which failed with exit code 3.
                    Mend migrate, or depend on it with "required: false".
      warn    JB101 Job migrate failed (exit code 3) and is not run again as it is.
                    Read its output with \`docker logs shop-migrate-1\`, mend it and commit; or remove the
                    container to run it once more.
    "
  `);
  expect(planFor(shopWith('2'), failed).steps.length).toBeGreaterThan(0);
});

test('a dependency that is on its way and has no steps of its own gets a wait as a gate', () => {
  const desired = stack([
    service('db', { container: { healthcheck: check } }),
    service('web', { dependsOn: ['db'] }),
  ]);
  const starting = withState(without(running(desired), 'shop-web-1'), 'shop-db-1', { health: 'starting' });
  expect(formatPlan(planFor(desired, starting))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 1 to add, 0 to delete · no downtime · policy ok

      + web  create      it is not there yet

      1. await db.1
      2. create web.1
      3. start web.1   after 1, 2
      4. await web.1   after 3
    "
  `);
});

test('every instance of a dependency is waited for, the planned and the unplanned', () => {
  const of = (replicas: number) =>
    stack([
      service('db', { replicas, container: { healthcheck: check } }),
      service('web', { replicas: replicas - 1, dependsOn: ['db'] }),
    ]);
  const starting = withState(running(of(1)), 'shop-db-1', { health: 'starting' });
  const start = planFor(of(2), starting).steps.find(({ id }) => id === 'start web.1');
  expect(start?.after.toSorted()).toEqual(['await db.1', 'await db.2', 'create web.1']);
});

const check = {
  test: ['CMD', 'true'],
  interval: 0,
  timeout: 0,
  retries: 0,
  start_period: 0,
  start_interval: 0,
};

test('a dependency that only has to be started is not waited for any longer', () => {
  const dependsOn = [{ service: 'db', condition: 'service_started' as const }];
  const desired = stack([service('db'), service('web', { dependsOn })]);
  const start = planFor(desired, emptyEngine(imagesOf(desired))).steps.find(({ id }) => id === 'start web.1');
  expect(start?.after).toEqual(['create web.1', 'start db.1']);
});

test('a dependency that is not required holds nothing up', () => {
  const dependsOn = [{ service: 'cache', required: false }];
  const desired = stack([service('cache', { pullPolicy: 'never' }), service('web', { dependsOn })]);
  const plan = planFor(desired, emptyEngine({ 'acme/web:1': imagesOf(desired)['acme/web:1']! }));
  expect(plan.steps.map(({ id }) => id)).toEqual([
    'create network default',
    'create web.1',
    'start web.1',
    'await web.1',
  ]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['DP102', 'IM102']);
});

test('a dependency that is not required is not waited for', () => {
  const dependsOn = [{ service: 'cache', required: false }];
  const desired = stack([service('cache'), service('web', { dependsOn })]);
  const start = planFor(desired, emptyEngine(imagesOf(desired))).steps.find(({ id }) => id === 'start web.1');
  expect(start?.after).toEqual(['create web.1']);
});

test('what is scaled to nothing stops before what it depends on', () => {
  const of = (replicas: number) =>
    stack([service('a-db', { replicas }), service('web', { replicas, dependsOn: ['a-db'] })]);
  const { steps } = planFor(of(0), running(of(1)));
  expect(steps.find(({ id }) => id === 'stop a-db.1')?.after).toEqual(['remove web.1']);
});

test('a service that cannot come blocks those that require it, and nobody else', () => {
  const desired = stack([
    service('db', { pullPolicy: 'never' }),
    service('web', { dependsOn: ['db'] }),
    service('other'),
  ]);
  expect(formatPlan(planFor(desired, emptyEngine()))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 2 to add, 0 to delete, 2 blocked · no downtime · policy ok

      ! db               blocked     image acme/db:1 is not on the engine and must not be pulled
      + other            create      it is not there yet
      ! web              blocked     it depends on db, which is itself blocked
      + network default  create      it is missing

      warn    DP101 web cannot be brought to its line: it depends on db, which is itself blocked.
                    Mend db, or depend on it with "required: false".
      warn    IM102 db cannot be brought to its line: image acme/db:1 is not on the engine and must not be
                    pulled.
                    Load the image on the engine, or let pull_policy be "missing".

      1. pull acme/other:1
      2. create network default
      3. create other.1          after 1, 2
      4. start other.1           after 3
      5. await other.1           after 4
    "
  `);
});

test('a replaced dependency restarts those that asked for it, also when a crash came in between', () => {
  const of = (version: string) =>
    stack([
      service('db', { container: { image: `acme/db:${version}` } }),
      service('web', { dependsOn: [{ service: 'db', restart: true }] }),
    ]);
  const plan = planFor(of('2'), running(of('1')));
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 2 to change, 0 to add, 0 to delete · downtime for web · policy ok

      ~ db   rolling     image changed acme/db:1 -> acme/db:2
          image acme/db:1 -> acme/db:2  (commit)
      ~ web  in place    db was replaced or restarted
          state running -> restarted  (dependency db)

      warn    DT101 web is away for a moment: db was replaced or restarted.
                    Sync when it does no harm.

      1. pull acme/db:2
      2. create db.1     after 1
      3. start db.1      after 2
      4. await db.1      after 3
      5. stop db.1       after 4
      6. remove db.1     after 5
      7. rename db.1     after 6
      8. restart web.1   after 1, 4
      9. await web.1     after 8
    "
  `);
  const dieAfter = plan.steps.findIndex(({ id }) => id === 'restart web.1');
  const { observed } = simulatePlan(running(of('1')), plan, { registry: imagesOf(of('2')), dieAfter });
  expect(planFor(of('2'), observed).steps.map(({ id }) => id)).toEqual(['restart web.1', 'await web.1']);
  expect(planFor(of('2'), converge(of('2'), observed)).steps).toEqual([]);
});

test('nobody is restarted or replaced for a replacement that is blocked', () => {
  const of = (version: string) =>
    stack([
      service('db', { pullPolicy: 'never', container: { image: `acme/db:${version}` } }),
      service('web', { dependsOn: [{ service: 'db', restart: true }] }),
      service('exporter', { container: { network_mode: 'service:db' } }),
    ]);
  const first = imagesOf(of('1'));
  const observed = converge(of('1'), emptyEngine(first));
  const plan = planFor(of('2'), observed);
  expect(plan.steps).toEqual([]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['IM102']);
});

test('a dependency that is down and that nobody may heal is not waited for', () => {
  for (const mode of ['warn', 'off'] as const) {
    const desired = stack([service('db', { drift: { mode } }), service('web', { dependsOn: ['db'] })]);
    const down = withState(without(running(desired), 'shop-web-1'), 'shop-db-1', { status: 'exited' });
    const plan = planFor(desired, down, { stable: stableOf(desired) });
    expect(plan.steps).toEqual([]);
    expect(plan.decisions.find(({ verdict }) => verdict === 'blocked')?.because).toBe(
      'it depends on db, which does not run and is not healed',
    );
  }
});

const sidecar = (version: string) =>
  stack([
    service('app', { container: { image: `acme/app:${version}` } }),
    service('proxy', { container: { network_mode: 'service:app' } }),
  ]);

test('who shares the network of a replaced container is replaced after it', () => {
  expect(formatPlan(planFor(sidecar('2'), running(sidecar('1'))))).toMatchInlineSnapshot(`
    "shop at 0123456: 2 to change, 0 to add, 0 to delete · downtime for proxy · policy ok

      ~ app    rolling     image changed acme/app:1 -> acme/app:2
          image acme/app:1 -> acme/app:2  (commit)
      ~ proxy  recreate    app, whose network_mode it shares, is replaced
          network_mode container:199c82ccfa00 -> service:app  (dependency app)

      warn    DT101 proxy is away for a moment: app, whose network_mode it shares, is replaced.
                    Sync when it does no harm.

       1. pull acme/app:2
       2. create app.1     after 1
       3. start app.1      after 2
       4. await app.1      after 3
       5. stop app.1       after 4
       6. remove app.1     after 5
       7. rename app.1     after 6
       8. create proxy.1   after 1, 2
       9. stop proxy.1     after 7, 8
      10. start proxy.1    after 7, 9
      11. await proxy.1    after 10
      12. remove proxy.1   after 11
      13. rename proxy.1   after 12
    "
  `);
});

test('who shares a network is restarted when its lender was restarted behind its back', () => {
  const observed = withContainer(running(sidecar('1')), 'shop-app-1', ({ state }) => ({
    state: { ...state, startedAt: (state.startedAt ?? 0) + 60_000 },
  }));
  const plan = planFor(sidecar('1'), observed);
  expect(plan.steps.map(({ id }) => id)).toEqual(['restart proxy.1', 'await proxy.1']);
  expect(plan.decisions.find(({ verdict }) => verdict === 'inPlace')?.because).toBe(
    'app was replaced or restarted',
  );
});

test('who shares the network of a container that is gone is replaced, whether the engine tells its id or its service', () => {
  const observed = running(sidecar('1'));
  const younger = withContainer(observed, 'shop-app-1', ({ createdAt }) => ({
    createdAt: createdAt + 60_000,
  }));
  const named = withContainer(younger, 'shop-proxy-1', ({ spec }) => ({
    spec: { ...spec, network_mode: 'service:app' },
  }));
  const lost = withContainer(observed, 'shop-proxy-1', ({ spec }) => ({
    spec: { ...spec, network_mode: `container:${'9'.repeat(64)}` },
  }));
  for (const world of [named, lost]) {
    expect(planFor(sidecar('1'), world).changes).toMatchObject([
      { path: 'network_mode', class: 'recreate', cause: { kind: 'dependency', service: 'app' } },
    ]);
  }
});

test('a host port goes from one service to another in one plan', () => {
  const before = stack([service('old', { container: { ports: [port('80')] } })]);
  const after = stack([service('new', { container: { ports: [port('80')] } })]);
  const plan = planFor(after, running(before), { inventory: inventoryOf(before) });
  expect(plan.steps.find(({ id }) => id === 'start new.1')?.after).toContain('stop old.1');
});

test('two services that swap their host ports do so without standing in each other’s way', () => {
  const of = (first: string, second: string) =>
    stack([
      service('a', { container: { ports: [port(first)] } }),
      service('b', { dependsOn: ['a'], container: { ports: [port(second)] } }),
    ]);
  const observed = running(of('80', '81'));
  const plan = planFor(of('81', '80'), observed);
  const { events } = simulatePlan(observed, plan);
  expect(events.filter(({ kind }) => kind === 'stepFailed')).toEqual([]);
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 2 to change, 0 to add, 0 to delete · downtime for b · policy ok

      ~ a  rolling     ports changed 80:80 -> 81:80
          ports 80:80 -> 81:80  (commit)
      ~ b  recreate    ports changed 81:80 -> 80:80
          ports 81:80 -> 80:80  (commit)

      warn    DT101 b is away for a moment: host port 81 goes to a, on which it depends.
                    Sync when it does no harm.

       1. create a.1
       2. create b.1
       3. stop b.1    after 2
       4. start a.1   after 1, 3
       5. await a.1   after 4
       6. stop a.1    after 5
       7. remove a.1  after 6
       8. rename a.1  after 7
       9. start b.1   after 3, 5, 6
      10. await b.1   after 9
      11. remove b.1  after 10
      12. rename b.1  after 11
    "
  `);
});

test.each([
  [['80', '81'], ['81', '80'], 1],
  [['80', '81', '82'], ['81', '82', '80'], 1],
  [['80', '81', '82', '83'], ['81', '80', '83', '82'], 2],
])('services that exchange host ports %j for %j: no more of them are away than must', (from, to, away) => {
  const of = (ports: readonly string[]) =>
    stack(ports.map((one, index) => service(`s${index}`, { container: { ports: [port(one)] } })));
  const observed = running(of(from));
  const plan = planFor(of(to), observed);
  const simulated = simulatePlan(observed, plan);
  expect(simulated.events.filter(({ kind }) => kind === 'stepFailed')).toEqual([]);
  expect(planFor(of(to), simulated.observed).steps).toEqual([]);
  expect(plan.findings.filter(({ code }) => code === 'DT101')).toHaveLength(away);
});

test('what is taken away goes before what it depended on', () => {
  const before = stack([service('a-db'), service('web', { dependsOn: ['a-db'] })]);
  const after = stack([service('keep')]);
  const { steps } = planFor(after, running(before), {
    inventory: inventoryOf(before),
    stable: stableOf(before),
  });
  const ids = steps.map(({ id }) => id);
  expect(ids.indexOf('stop a-db.1')).toBeGreaterThan(ids.indexOf('remove web.1'));
  expect(shop).toBe('shop');
});

function draft(id: string, after: readonly string[], preferAfter: readonly string[] = []): DraftStep {
  return {
    id,
    after,
    preferAfter,
    resource: { kind: 'stack' },
    operation: { kind: 'removeVolume', name: id },
    because: '',
  };
}

test('steps are ordered by what they wait for and otherwise stay as they were drafted', () => {
  const ordered = orderSteps([draft('c', ['a']), draft('b', []), draft('a', ['missing'])]);
  expect(ordered.map(({ id, after }) => [id, after])).toEqual([
    ['a', []],
    ['c', ['a']],
    ['b', []],
  ]);
});

test('a wish that would close a circle is dropped, and any other is kept', () => {
  const ordered = orderSteps([draft('a', ['b']), draft('b', [], ['a']), draft('c', [], ['a'])]);
  expect(ordered.map(({ id, after }) => [id, after])).toEqual([
    ['b', []],
    ['a', ['b']],
    ['c', ['a']],
  ]);
});

test('a circle of steps is a bug that names its members', () => {
  expect(() => orderSteps([draft('a', ['b']), draft('b', ['a'])])).toThrow('a <- b <- a');
  expect(() => orderSteps([draft('a', []), draft('a', [])])).toThrow('two steps of one name: a');
});
