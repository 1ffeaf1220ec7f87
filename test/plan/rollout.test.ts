import { expect, test } from 'vitest';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import {
  emptyEngine,
  image,
  imagesOf,
  mountOf,
  planFor,
  port,
  running,
  service,
  stableOf,
  stack,
  volume,
  withContainer,
  withState,
  type ServiceOptions,
} from './world.ts';

test('an empty engine gets images, networks and volumes first, then each service after what it depends on', () => {
  const desired = stack(
    [
      service('web', { replicas: 2, dependsOn: ['db'] }),
      service('db', {
        container: { image: 'postgres:16', mounts: { '/var/lib/postgresql/data': mountOf('data') } },
      }),
    ],
    { volumes: [volume('data')] },
  );
  expect(formatPlan(planFor(desired, emptyEngine()))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 4 to add, 0 to delete · no downtime · policy ok

      + db               create      it is not there yet
      + web              create      it is not there yet
      + network default  create      it is missing
      + volume data      create      it is missing

       1. pull acme/web:1
       2. pull postgres:16
       3. create network default
       4. create volume data
       5. create db.1             after 2-4
       6. start db.1              after 5
       7. await db.1              after 6
       8. create web.1            after 1, 3
       9. start web.1             after 7, 8
      10. await web.1             after 9
      11. create web.2            after 1, 3
      12. start web.2             after 7, 11
      13. await web.2             after 12
    "
  `);
});

test('an unchanged stack yields an empty plan', () => {
  const desired = stack([service('web', { replicas: 2 }), service('db')]);
  const plan = planFor(desired, running(desired));
  expect(plan.steps).toEqual([]);
  expect(plan.changes).toEqual([]);
  expect(formatPlan(plan, { verbose: true })).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete · no downtime · policy ok

      = db               unchanged   nothing differs
      = web              unchanged   nothing differs
      = network default  unchanged   nothing differs
    "
  `);
});

test('a new image is rolled out one instance after the other, each newcomer before its old one stops', () => {
  const before = stack([service('web', { replicas: 2, container: { image: 'acme/web:1.4.1' } })]);
  const after = stack([service('web', { replicas: 2, container: { image: 'acme/web:1.4.2' } })]);
  expect(formatPlan(planFor(after, running(before)))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  rolling     image changed acme/web:1.4.1 -> acme/web:1.4.2
          image acme/web:1.4.1 -> acme/web:1.4.2  (commit) × 2

       1. pull acme/web:1.4.2
       2. create web.1         after 1
       3. start web.1          after 2
       4. await web.1          after 3
       5. stop web.1           after 4
       6. remove web.1         after 5
       7. rename web.1         after 6
       8. create web.2         after 1, 7
       9. start web.2          after 8
      10. await web.2          after 9
      11. stop web.2           after 10
      12. remove web.2         after 11
      13. rename web.2         after 12
    "
  `);
});

test('a fixed host port makes the old one stop first, with the newcomer made and waiting', () => {
  const before = stack([
    service('web', { container: { ports: [port('8080')], environment: { LOG: 'info' } } }),
  ]);
  const after = stack([
    service('web', { container: { ports: [port('8080')], environment: { LOG: 'debug' } } }),
  ]);
  expect(formatPlan(planFor(after, running(before)))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · downtime for web · policy ok

      ~ web  recreate    environment.LOG changed info -> debug
          environment.LOG info -> debug  (commit)

      warn    DT101 web is away for a moment: host port 8080 cannot be held twice.
                    Sync when it does no harm.

      1. create web.1
      2. stop web.1    after 1
      3. start web.1   after 2
      4. await web.1   after 3
      5. remove web.1  after 4
      6. rename web.1  after 5
    "
  `);
});

const staticAddress = {
  networks: {
    shop_default: { aliases: ['web'], ipv4_address: '10.0.0.9', ipv6_address: null, link_local_ips: [] },
  },
};

function bind(source: string): NonNullable<ServiceOptions['container']> {
  return { mounts: { [source]: { type: 'bind', source, read_only: false, propagation: '' } } };
}

function anonymous(): NonNullable<ServiceOptions['container']> {
  return {
    mounts: { '/data': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' } },
  };
}

test.each<[what: string, container: NonNullable<ServiceOptions['container']>, reason: string | null]>([
  ['a host port that the engine chooses', { ports: [port('')] }, null],
  ['a host port from a range', { ports: [port('8000-8010')] }, null],
  ['a fixed host port', { ports: [port('8080')] }, 'host port 8080 cannot be held twice'],
  ['the network of the host', { network_mode: 'host' }, 'both would listen on the network of the host'],
  ['a static address', staticAddress, 'address 10.0.0.9 cannot be held twice'],
  ['a volume for writing', { mounts: { '/data': mountOf('data') } }, 'both would write to volume shop_data'],
  ['a volume for reading', { mounts: { '/data': mountOf('data', { read_only: true }) } }, null],
  ['a directory of the host for writing', bind('/srv'), 'both would write to /srv'],
  ['the socket of the engine', bind('/var/run/docker.sock'), null],
  ['an anonymous volume', anonymous(), 'both would write to the anonymous volume at /data'],
])('two generations with %s', (_, container, reason) => {
  const of = (version: string) =>
    stack([service('web', { container: { ...container, environment: { V: version } } })], {
      volumes: [volume('data')],
    });
  const decision = planFor(of('2'), running(of('1'))).decisions.find(
    ({ resource }) => resource.kind === 'service',
  );
  expect(decision?.verdict).toBe(reason === null ? 'rolling' : 'recreate');
  expect(decision?.downtime).toEqual({ expected: reason !== null, reason: reason ?? '' });
});

test('a service that moves to another host port has no gap', () => {
  const of = (published: string) => stack([service('web', { container: { ports: [port(published)] } })]);
  expect(planFor(of('8081'), running(of('8080'))).decisions[0]?.verdict).toBe('rolling');
});

test('who asks for rolling gets it with a shared volume, but not with a shared port', () => {
  const rollout = { strategy: 'rolling' } as const;
  const mounts = { '/data': mountOf('data') };
  const volumes = [volume('data')];
  const of = (version: string, ports: readonly ReturnType<typeof port>[]) =>
    stack([service('web', { rollout, container: { mounts, ports, environment: { V: version } } })], {
      volumes,
    });
  const verdictOf = (ports: readonly ReturnType<typeof port>[]) =>
    planFor(of('2', ports), running(of('1', ports))).decisions[0]?.verdict;
  expect(verdictOf([])).toBe('rolling');
  expect(verdictOf([port('8080')])).toBe('recreate');
});

test('an anonymous volume is carried over to the newcomer and not removed with the old one', () => {
  const config = { volumes: ['/data'] };
  const registry = { 'acme/db:1': image('acme/db:1', config), 'acme/db:2': image('acme/db:2', config) };
  const before = stack([service('db', { container: { image: 'acme/db:1' } })]);
  const after = stack([service('db', { container: { image: 'acme/db:2' } })]);
  const first = simulatePlan(emptyEngine(), planFor(before, emptyEngine()), { registry }).observed;
  const volumeName = first.containers[0]?.anonymousVolumes['/data'];
  expect(volumeName).toMatch(/^[0-9a-f]{64}$/);
  const plan = planFor(after, first);
  const create = plan.steps.find(({ id }) => id === 'create db.1')?.operation;
  expect(create).toMatchObject({ kind: 'createContainer', anonymousVolumes: { '/data': volumeName } });
  const second = simulatePlan(first, plan, { registry }).observed;
  expect(second.containers[0]?.anonymousVolumes).toEqual({ '/data': volumeName });
  expect(second.volumes.map(({ name }) => name)).toContain(volumeName);
  expect(planFor(after, second).steps).toEqual([]);
});

test('an anonymous volume is not carried to where the newcomer mounts a named one', () => {
  const before = stack([service('db', { container: anonymous() })], { volumes: [volume('data')] });
  const after = stack([service('db', { container: { mounts: { '/data': mountOf('data') } } })], {
    volumes: [volume('data')],
  });
  const plan = planFor(after, running(before));
  const create = plan.steps.find(({ id }) => id === 'create db.1')?.operation;
  expect(create?.kind === 'createContainer' && create.anonymousVolumes).toEqual({});
  expect(plan.findings.map(({ code }) => code)).toEqual(['DL102']);
});

test('a newcomer gets the real name at once when the old one does not bear it', () => {
  const of = (version: string) => stack([service('web', { container: { environment: { V: version } } })]);
  const observed = withContainer(running(of('1')), 'shop-web-1', () => ({
    name: `shop-web-1.${'a'.repeat(8)}`,
  }));
  const plan = planFor(of('2'), observed);
  expect(plan.steps.find(({ id }) => id === 'create web.1')?.operation).toMatchObject({ name: 'shop-web-1' });
  expect(plan.steps.map(({ id }) => id)).not.toContain('rename web.1');
});

test('several instances that must be recreated are so in turn, without a gap', () => {
  const of = (version: string) =>
    stack([
      service('web', {
        replicas: 2,
        rollout: { strategy: 'recreate' },
        container: { environment: { V: version } },
      }),
    ]);
  const plan = planFor(of('2'), running(of('1')));
  expect(plan.decisions[0]).toMatchObject({ verdict: 'recreate', downtime: { expected: false } });
  expect(plan.steps.find(({ id }) => id === 'stop web.2')?.after).toEqual(['create web.2']);
  expect(plan.steps.find(({ id }) => id === 'create web.2')?.after).toEqual(['rename web.1']);
});

test('more replicas are added at once, fewer are taken away from the top', () => {
  const of = (replicas: number) => stack([service('web', { replicas })]);
  expect(formatPlan(planFor(of(4), running(of(2)), { stable: stableOf(of(2)) }))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    scaled from 2 to 4

      1. create web.3
      2. start web.3   after 1
      3. await web.3   after 2
      4. create web.4
      5. start web.4   after 4
      6. await web.4   after 5
    "
  `);
  expect(formatPlan(planFor(of(1), running(of(3))))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    scaled from 3 to 1

      1. stop web.3
      2. remove web.3  after 1
      3. stop web.2
      4. remove web.2  after 3
    "
  `);
});

test('instances that are down come back before one that serves is replaced', () => {
  const before = stack([service('web', { replicas: 2 })]);
  const half = withState(running(before), 'shop-web-1', { status: 'exited', exitCode: 1 });
  const after = stack([service('web', { replicas: 2, container: { environment: { V: '2' } } })]);
  expect(formatPlan(planFor(after, half))).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  rolling     environment.V was added
          environment.V (none) -> 2  (commit) × 2

       1. create web.1
       2. start web.1   after 1
       3. await web.1   after 2
       4. remove web.1  after 3
       5. rename web.1  after 4
       6. create web.2  after 5
       7. start web.2   after 6
       8. await web.2   after 7
       9. stop web.2    after 8
      10. remove web.2  after 9
      11. rename web.2  after 10
    "
  `);
});

test('a changed limit is updated in place', () => {
  const of = (mem_limit: number) => stack([service('web', { container: { mem_limit, cpus: 0.5 } })]);
  const plan = planFor(of(512 * 1024 ** 2), running(of(256 * 1024 ** 2)));
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    mem_limit changed 256m -> 512m, and 1 more
          mem_limit 256m -> 512m  (commit)
          memswap_limit 512m -> 1g  (commit)

      1. update web.1
    "
  `);
  expect(plan.steps[0]?.operation).toMatchObject({
    kind: 'updateContainer',
    to: { mem_limit: 512 * 1024 ** 2, memswap_limit: 1024 ** 3 },
  });
});

test('a swap limit that is ignored is still sent along with the memory limit that it would contradict', () => {
  const drift = { ignore: ['memswap_limit'] };
  const of = (mem_limit: number) => stack([service('web', { drift, container: { mem_limit } })]);
  const observed = running(of(256 * 1024 ** 2));
  const plan = planFor(of(1024 ** 3), observed);
  expect(simulatePlan(observed, plan).events.filter(({ kind }) => kind === 'stepFailed')).toEqual([]);
  expect(plan.steps.map(({ id }) => id)).toEqual(['update web.1']);
});

test('a limit that the engine cannot lift again is a replacement', () => {
  const limited = stack([service('web', { container: { mem_limit: 256 * 1024 ** 2 } })]);
  const free = stack([service('web')]);
  expect(planFor(free, running(limited)).steps.map(({ id }) => id)).toContain('create web.1');
});

test('a changed network attachment is connected without a restart', () => {
  const attachment = { aliases: ['web'], ipv4_address: null, ipv6_address: null, link_local_ips: [] };
  const networks = [
    ...stack([]).networks,
    { ...stack([]).networks[0]!, name: service('back').name, engineName: 'shop_back' },
  ];
  const before = stack([service('web')], { networks });
  const added = { shop_default: { ...attachment, aliases: ['web', 'www'] }, shop_back: attachment };
  const after = stack([service('web', { container: { network_mode: 'networks', networks: added } })], {
    networks,
  });
  const plan = planFor(after, running(before));
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    networks.shop_back was added, and 1 more
          networks.shop_back (none) -> {"aliases":["web"]}  (commit)
          networks.shop_default.aliases ["web"] -> ["web","www"]  (commit)

      1. connect web.1 to shop_back
      2. disconnect web.1 from shop_default  after 1
      3. connect web.1 to shop_default       after 2
    "
  `);
  expect(planFor(after, simulatePlan(running(before), plan).observed).steps).toEqual([]);
});

test('several instances that differ alike are explained once', () => {
  const of = (version: string) =>
    stack([service('web', { replicas: 3, container: { environment: { V: version } } })]);
  const text = formatPlan(planFor(of('2'), running(of('1'))));
  expect(text).toContain('environment.V 1 -> 2  (commit) × 3');
});

test('a stack of unknown images pulls each image once', () => {
  const desired = stack([
    service('a', { container: { image: 'acme/same:1' } }),
    service('b', { container: { image: 'acme/same:1' } }),
  ]);
  const pulls = planFor(desired, emptyEngine()).steps.filter(
    ({ operation }) => operation.kind === 'pullImage',
  );
  expect(pulls.map(({ id }) => id)).toEqual(['pull acme/same:1']);
  expect(planFor(desired, emptyEngine(imagesOf(desired))).steps[0]?.id).toBe('create network default');
});

test('nothing is stopped before every image is there', () => {
  const before = stack([service('a'), service('b')]);
  const after = stack([
    service('a', { container: { environment: { V: '2' } } }),
    service('b', { container: { image: 'acme/b:2' } }),
  ]);
  const observed = running(before);
  const { steps } = planFor(after, observed);
  const { observed: later, events } = simulatePlan(
    observed,
    { ...planFor(after, observed), steps },
    { registry: {} },
  );
  expect(events.filter(({ kind }) => kind === 'stepFailed').map(({ step }) => step)).toEqual([
    'pull acme/b:2',
  ]);
  expect(later.containers).toEqual(observed.containers);
});
