import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import type { Hold } from '../../reconciler/model/status.ts';
import { applyHolds } from '../../reconciler/plan/hold.ts';
import { decide } from '../../reconciler/plan/policy.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import {
  commit,
  converge,
  emptyEngine,
  image,
  imagesOf,
  inventoryOf,
  mountOf,
  planFor,
  port,
  running,
  service,
  shop,
  stableOf,
  stack,
  volume,
  withState,
  without,
} from './world.ts';

const five = stack(['a', 'b', 'c', 'd', 'e'].map((called) => service(called)));

function keeping(...names: readonly string[]) {
  return stack(five.services.filter((one) => names.includes(one.name)));
}

test('a service that left the manifests is removed', () => {
  const plan = planFor(keeping('a', 'b', 'c', 'd'), running(five), { inventory: inventoryOf(five) });
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 1 to delete · no downtime · policy ok

      - e  delete      it left the manifests

      1. stop e.1
      2. remove e.1  after 1
    "
  `);
});

test('a plan that removes everything stops for approval', () => {
  const plan = planFor(stack([], { networks: [] }), running(five), { inventory: inventoryOf(five) });
  expect(decide(plan.findings, [])).toBe('approve');
  expect(decide(plan.findings, ['MD101'])).toBe('allow');
  expect(formatPlan(plan)).toContain('Every service of shop would be removed: a, b, c, d, e.');
});

test.each([
  [['a', 'b'], 'allow'],
  [['a'], 'approve'],
] as const)(
  'of five services, keeping %s is decided as %s: more than three and 30 percent at once stop',
  (kept, decision) => {
    const plan = planFor(keeping(...kept), running(five), { inventory: inventoryOf(five) });
    expect(decide(plan.findings, [])).toBe(decision);
  },
);

const takeover = { from: name('old'), to: name('new') };

test('what only the former source of a stack had goes when that is accepted, and not before', () => {
  const desired = stack(five.services.slice(0, 4), { networks: [] });
  const plan = planFor(desired, running(five), { inventory: inventoryOf(five), takeover });
  expect(decide(plan.findings, [])).toBe('approve');
  expect(decide(plan.findings, ['TO101'])).toBe('allow');
  expect(plan.findings.find(({ code }) => code === 'TO101')?.message).toBe(
    'Source new takes stack shop over from source old, and would remove what only old had: e.',
  );
});

test('a stack that another source has entirely is taken over without asking, changed or not', () => {
  const changed = stack([...five.services.slice(1), service('a', { container: { image: 'acme/a:2' } })]);
  for (const desired of [five, changed]) {
    const plan = planFor(desired, running(five), { inventory: inventoryOf(five), takeover });
    expect(decide(plan.findings, [])).toBe('allow');
  }
});

test('more than three services of many are removed without asking, as long as they are few in a hundred', () => {
  const many = stack(Array.from({ length: 20 }, (_, index) => service(`s${index}`)));
  const fewer = stack(many.services.slice(5));
  const plan = planFor(fewer, running(many), { inventory: inventoryOf(many) });
  expect(decide(plan.findings, [])).toBe('allow');
});

test.each([
  ['the commit was not read completely', { complete: false }, {}],
  ['prune is off', {}, { prune: false }],
  ['it is not in the inventory', { inventory: [] }, {}],
] as const)('nothing is removed when %s', (why, options, sync) => {
  const desired = { ...keeping('a'), sync: { ...five.sync, ...sync } };
  const plan = planFor(desired, running(five), { inventory: inventoryOf(five), ...options });
  expect(plan.steps).toEqual([]);
  expect(
    plan.decisions.find(({ resource }) => resource.kind === 'service' && resource.service === 'b'),
  ).toMatchObject({
    verdict: 'ignored',
    because: `it left the manifests and stays, because ${why}`,
  });
});

test('what is in the inventory and does not bear our label is never removed', () => {
  const observed = running(five);
  const stranger = {
    id: '1'.repeat(64),
    name: 'shop-b-1',
    hostPorts: [],
    networks: [],
    forged: true,
    claim: null,
  };
  const strange = { ...without(observed, 'shop-b-1'), strangers: [stranger] };
  const plan = planFor(keeping('a', 'c', 'd', 'e'), strange, { inventory: inventoryOf(five) });
  expect(plan.steps).toEqual([]);
});

test('a container name that a stranger has blocks the service instead of failing in the middle', () => {
  const stranger = {
    id: '1'.repeat(64),
    name: 'shop-a-1',
    hostPorts: [],
    networks: [],
    forged: false,
    claim: null,
  };
  const plan = planFor(keeping('a', 'b'), { ...emptyEngine(imagesOf(five)), strangers: [stranger] });
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 2 to add, 0 to delete, 1 blocked · no downtime · policy ok

      ! a                blocked     the name shop-a-1 is taken by a container that is not this service's
      + b                create      it is not there yet
      + network default  create      it is missing

      warn    NM101 a cannot be brought to its line: the name shop-a-1 is taken by a container that is not
                    this service's.
                    Remove or rename that container: \`docker rename shop-a-1 …\`. Plimsoll never touches what
                    it does not own.

      1. create network default
      2. create b.1              after 1
      3. start b.1               after 2
      4. await b.1               after 3
    "
  `);
  expect(decide(plan.findings, [])).toBe('allow');
});

const web = (published: string, host_ip = '') =>
  stack([service('web', { container: { ports: [{ ...port(published), host_ip }] } })]);

test.each([
  ['every address', '', ':8080/tcp', true],
  ['the same address', '127.0.0.1', '127.0.0.1:8080/tcp', true],
  ['one of every address', '127.0.0.1', '0.0.0.0:8080/tcp', true],
  ['IPv6', '', ':::8080/tcp', true],
  ['another address', '127.0.0.1', '127.0.0.2:8080/tcp', false],
  ['another protocol', '', ':8080/udp', false],
  ['another port', '', ':8081/tcp', false],
])('a stranger on %s of the wanted host port', (...row) => {
  const [, address, held, isBlocked] = row;
  const stranger = {
    id: '1'.repeat(64),
    name: 'nginx',
    hostPorts: [held],
    networks: [],
    forged: false,
    claim: null,
  };
  const plan = planFor(web('8080', address), { ...emptyEngine(), strangers: [stranger] });
  expect(plan.findings.map(({ code }) => code)).toEqual(isBlocked ? ['PT101'] : []);
  expect(plan.steps.some(({ id }) => id === 'create web.1')).toBe(!isBlocked);
});

test('a host port that another stack of ours holds blocks the newcomer', () => {
  const [holder] = running(web('8080')).containers;
  const blog = { ...holder!, name: 'blog-web-1', ownership: { stack: name('blog'), resource: name('web') } };
  const world = { ...running(stack([])), containers: [blog] };
  expect(planFor(web('8080'), world).findings).toMatchObject([
    {
      code: 'PT101',
      message:
        'web cannot be brought to its line: host port 8080 is held by container blog-web-1 of stack blog.',
    },
  ]);
  expect(planFor(web('8080'), withState(world, 'blog-web-1', { status: 'exited' })).findings).toEqual([]);
});

test('a stopped service whose host port was taken meanwhile is not started into a failure', () => {
  const stranger = {
    id: '1'.repeat(64),
    name: 'nginx',
    hostPorts: [':8080/tcp'],
    networks: [],
    forged: false,
    claim: null,
  };
  const observed = withState(running(web('8080')), 'shop-web-1', { status: 'exited', exitCode: 0 });
  const plan = planFor(web('8080'), { ...observed, strangers: [stranger] });
  expect([plan.steps, plan.findings.map(({ code }) => code)]).toEqual([[], ['PT101']]);
});

const v1 = stack([service('web', { container: { image: 'acme/web:1' } }), service('db')]);
const v2 = stack([service('web', { container: { image: 'acme/web:2' } }), service('db')]);

function rejected(why = 'container shop-web-1 does not become healthy'): Hold {
  const { name: called, hash } = v2.services[0]!;
  return {
    kind: 'rejected',
    stack: shop,
    service: called,
    hash,
    digest: null,
    revision: commit,
    why,
    since: 1_760_000_000_000,
  };
}

test('a service whose hash was rejected stays at its last stable version, and it is said since when and why', () => {
  const options = { holds: [rejected()], stable: stableOf(v1) };
  expect(formatPlan(planFor(v2, running(v1), options))).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete, 1 held · no downtime · policy ok

      ! web  held        held since 2025-10-09 08:53 UTC: container shop-web-1 does not become healthy
    "
  `);
});

test('a failed rollout returns to the last stable version', () => {
  const plan = planFor(v2, running(v1), { stable: stableOf(v1) });
  const fate = () => 'unhealthy' as const;
  const { observed } = simulatePlan(running(v1), plan, { registry: imagesOf(v2), fate });
  const back = planFor(v2, observed, { holds: [rejected()], stable: stableOf(v1) });
  expect(simulatePlan(observed, back).observed.containers).toEqual(running(v1).containers);
});

test('a hold lifts by itself when Git asks for another hash', () => {
  const v3 = stack([service('web', { container: { image: 'acme/web:3' } }), service('db')]);
  const plan = planFor(v3, running(v1), { holds: [rejected()], stable: stableOf(v1) });
  expect(plan.decisions.find(({ verdict }) => verdict === 'rolling')?.resource).toMatchObject({
    service: 'web',
  });
});

test('a rejected service without a stable version is left as it is, and is not taken for one that left', () => {
  const options = { holds: [rejected()], inventory: inventoryOf(v2) };
  const plan = planFor(v2, running(v1), options);
  expect(plan.steps).toEqual([]);
  expect(plan.decisions.map(({ verdict }) => verdict)).toEqual(['unchanged', 'held', 'unchanged']);
});

test('the stable version is held by its digest, since its tag may be what moved', () => {
  const { repoDigests } = image('acme/web:1');
  const [version, ...others] = stableOf(v1);
  const stable = [...others, { ...version!, digest: repoDigests[0]! }];
  const { desired } = applyHolds({
    desired: v2,
    observed: emptyEngine(),
    holds: [rejected()],
    stable,
    now: 0,
  });
  expect(desired.services[0]).toMatchObject({ pullPolicy: 'missing', container: { image: repoDigests[0] } });
  expect(planFor(v2, running(v1), { holds: [rejected()], stable }).steps).toEqual([]);
});

test('a freeze holds the whole stack until its time is over', () => {
  const now = 1_760_000_000_000;
  const freeze: Hold = { kind: 'freeze', stack: shop, why: 'sale', since: now - 1, until: now + 1 };
  const frozen = planFor(v2, running(v1), { holds: [freeze], now });
  expect(frozen.steps).toEqual([]);
  expect(frozen.changes).not.toEqual([]);
  expect(frozen.decisions.map(({ verdict }) => verdict)).toEqual(['unchanged', 'held', 'unchanged']);
  expect(planFor(v2, running(v1), { holds: [freeze], now: now + 1 }).steps).not.toEqual([]);
  const elsewhere: Hold = { ...freeze, stack: name('blog') };
  expect(planFor(v2, running(v1), { holds: [elsewhere], now }).steps).not.toEqual([]);
});

test('an image that must not be pulled and is not there blocks, and one that is there does not', () => {
  const desired = stack([service('web', { pullPolicy: 'never' })]);
  expect(planFor(desired, emptyEngine()).findings.map(({ code }) => code)).toEqual(['IM102']);
  expect(planFor(desired, emptyEngine(imagesOf(desired))).findings).toEqual([]);
  converge(desired, emptyEngine(imagesOf(desired)));
});

test('a part of a volume is never mounted by an engine that would show all of it', () => {
  const mounts = { '/data': mountOf('data', { subpath: 'tenant-a' }) };
  const desired = stack([service('web', { container: { mounts } })], { volumes: [volume('data')] });
  const planOn = (apiVersion: string) => {
    const empty = emptyEngine();
    return planFor(desired, { ...empty, engine: { ...empty.engine, apiVersion } });
  };
  expect(planOn('1.44').findings.map(({ code }) => code)).toEqual(['EN102']);
  expect(planOn('1.44').steps.some(({ id }) => id === 'create web.1')).toBe(false);
  expect(planOn('1.45').findings).toEqual([]);
});
