import { expect, test } from 'vitest';
import type { DesiredNetwork, DesiredStack, DesiredVolume } from '../../reconciler/model/desired.ts';
import { name } from '../../reconciler/model/ids.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import { isSameAddress } from '../../reconciler/plan/addresses.ts';
import {
  converge,
  inventoryOf,
  mountOf,
  network,
  planFor,
  running,
  service,
  stableOf,
  stack,
  volume,
} from './world.ts';

test('a changed network is made anew under its containers, which keep running', () => {
  const of = (internal: boolean) =>
    stack([service('web', { replicas: 2 }), service('db')], { networks: [network('default', { internal })] });
  const observed = running(of(false));
  const plan = planFor(of(true), observed);
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 3 to change, 0 to add, 0 to delete · downtime for db, web · policy ok

      ~ db               in place    network default is made anew
      ~ web              in place    network default is made anew
      ~ network default  recreate    internal changed false -> true
          internal false -> true  (commit)

      warn    DT101 db is away for a moment: network default is made anew.
                    Sync when it does no harm.
      warn    DT101 web is away for a moment: network default is made anew.
                    Sync when it does no harm.
      warn    NW102 Network shop_default is made anew (internal changed false -> true); its containers keep
                    running and are cut off for a moment.
                    Sync when it does no harm.

      1. disconnect db.1 from shop_default
      2. disconnect web.1 from shop_default
      3. disconnect web.2 from shop_default
      4. remove network default              after 1-3
      5. create network default              after 4
      6. connect db.1 to shop_default        after 5
      7. connect web.1 to shop_default       after 5
      8. connect web.2 to shop_default       after 5
    "
  `);
  const after = simulatePlan(observed, plan).observed;
  expect(after.containers).toEqual(observed.containers);
  expect(planFor(of(true), after).steps).toEqual([]);
});

test('a changed network with containers of another stack on it is left alone and told', () => {
  const of = (internal: boolean) => stack([service('web')], { networks: [network('default', { internal })] });
  const observed = running(of(false));
  const [web] = observed.containers;
  const other = {
    ...web!,
    id: 'd'.repeat(64),
    name: 'blog-web-1',
    ownership: { stack: name('blog'), resource: name('web') },
  };
  const plan = planFor(of(true), { ...observed, containers: [other, web!] });
  expect(plan.steps).toEqual([]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['NW103']);
});

const guest = {
  id: '1'.repeat(64),
  name: 'debugger',
  hostPorts: [],
  networks: ['shop_default'],
  forged: false,
  claim: null,
};

test('a changed network with a stranger on it is left alone, and the stranger is named before anything is done', () => {
  const of = (internal: boolean) => stack([service('web')], { networks: [network('default', { internal })] });
  const plan = planFor(of(true), { ...running(of(false)), strangers: [guest] });
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete, 1 blocked · no downtime · policy ok

      ! network default  blocked     internal changed false -> true; debugger is still on it
          internal false -> true  (commit)

      warn    NW103 Network shop_default cannot be made anew (internal changed false -> true): debugger is on
                    it, which is not this stack's.
                    Take it off with \`docker network disconnect shop_default debugger\`, or give the changed
                    network another name.
    "
  `);
});

test('a network that left the manifests stays while a stranger is on it, who is named', () => {
  const before = stack([], { networks: [network('default')] });
  const after = stack([], { networks: [] });
  const observed = { ...running(before), strangers: [guest] };
  const plan = planFor(after, observed, { inventory: inventoryOf(before) });
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete, 1 blocked · no downtime · policy ok

      ! network default  blocked     it left the manifests, and debugger is still on it

      warn    NW103 Network shop_default left the manifests and cannot be removed: debugger is on it, which is
                    not this stack's.
                    Take it off with \`docker network disconnect shop_default debugger\`.
    "
  `);
});

interface TakenBack {
  readonly what: string;
  readonly said: Partial<DesiredNetwork>;
  readonly left: Partial<DesiredNetwork>;
  readonly path: string;
}

const takenBack: readonly TakenBack[] = [
  { what: 'an option', said: { options: { mtu: '1400' } }, left: {}, path: 'options.mtu' },
  {
    what: 'a subnet',
    said: { ipam: { driver: null, pools: [pool('10.9.0.0/16')] } },
    left: { ipam: null },
    path: 'ipam.pools.10.9.0.0/16',
  },
  {
    what: 'a gateway',
    said: { ipam: { driver: null, pools: [pool('10.9.0.0/16', '10.9.0.7')] } },
    left: { ipam: { driver: null, pools: [pool('10.9.0.0/16')] } },
    path: 'ipam.pools.10.9.0.0/16.gateway',
  },
];

test.each(takenBack)('$what of a network that left the manifest is a difference', ({ said, left, path }) => {
  const of = (options: Partial<DesiredNetwork>) => stack([], { networks: [network('default', options)] });
  const observed = running(of(said));
  expect(planFor(of(left), observed).changes).toMatchObject([{ kind: 'modify', path, class: 'recreate' }]);
  expect(planFor(of(left), converge(of(left), observed)).steps).toEqual([]);
});

test('what a network that an earlier release made was asked for is not on record, and proves nothing', () => {
  const of = (options: Partial<DesiredNetwork>) => stack([], { networks: [network('default', options)] });
  const observed = running(of({ options: { mtu: '1400' } }));
  const unrecorded = {
    ...observed,
    networks: observed.networks.map((one) => Object.assign({}, one, { said: null })),
  };
  expect(planFor(of({}), unrecorded).changes).toEqual([]);
});

test('a driver option of a volume that left the manifest is told, and its data is kept', () => {
  const of = (options: Partial<DesiredVolume>) =>
    stack([], { networks: [], volumes: [volume('data', options)] });
  const plan = planFor(of({}), running(of({ options: { o: 'size=8m' } })));
  expect(plan.changes).toMatchObject([{ path: 'options.o', class: 'dataLoss' }]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['VL101']);
  expect(plan.steps).toEqual([]);
});

test.each([
  ['a driver that nobody chose', {}, { driver: 'bridge' }],
  ['options of the engine', {}, { options: { 'com.docker.network.enable_ipv4': 'true' } }],
  [
    'an address pool that the engine added',
    { ipam: { driver: null, pools: [pool('10.1.0.0/16')] } },
    { ipam: { driver: 'default', pools: [pool('10.1.0.0/16', '10.1.0.1'), pool('fd00::/64', 'fd00::1')] } },
  ],
  [
    'another spelling of an address',
    { ipam: { driver: null, pools: [pool('FD00:0:0:0::/64', 'fd00:0::1')] } },
    { ipam: { driver: 'default', pools: [pool('fd00::/64', 'fd00::1')] } },
  ],
] as const)('%s makes no changed network', (_, wanted, present) => {
  const desired = stack([], { networks: [network('default', wanted)] });
  const observed = running(desired);
  const engine = { ...observed, networks: observed.networks.map((one) => Object.assign({}, one, present)) };
  expect(planFor(desired, engine).changes).toEqual([]);
});

function pool(subnet: string, gateway: string | null = null) {
  return { subnet, gateway, ipRange: null, auxAddresses: {} };
}

test.each([
  ['driver', { driver: 'macvlan' }, 'driver'],
  ['option', { options: { mtu: '1400' } }, 'options.mtu'],
  ['label', { labels: { a: 'b' } }, 'labels.a'],
  ['internal', { internal: true }, 'internal'],
  ['attachable', { attachable: true }, 'attachable'],
  ['IPv6', { enableIpv6: true }, 'enable_ipv6'],
  ['subnet', { ipam: { driver: null, pools: [pool('10.9.0.0/16')] } }, 'ipam.pools.10.9.0.0/16'],
  ['IPAM driver', { ipam: { driver: 'own', pools: [] } }, 'ipam.driver'],
  [
    'gateway',
    { ipam: { driver: null, pools: [pool('172.18.0.0/16', '172.18.0.9')] } },
    'ipam.pools.172.18.0.0/16.gateway',
  ],
] as const)('another %s makes a changed network', (_, wanted, path) => {
  const of = (options: Parameters<typeof network>[1]) =>
    stack([], { networks: [network('default', options)] });
  expect(planFor(of(wanted), running(of({}))).changes).toMatchObject([
    { kind: 'modify', path, class: 'recreate' },
  ]);
});

test('a network that left the manifests goes after its containers', () => {
  const before = stack([service('web'), service('db')], { networks: [network('default'), network('back')] });
  const joined = { aliases: ['web'], ipv4_address: null, ipv6_address: null, link_local_ips: [] };
  const busy: DesiredStack = {
    ...before,
    services: [
      service('web', {
        container: { network_mode: 'networks', networks: { shop_default: joined, shop_back: joined } },
      }),
      service('db', { container: { network_mode: 'networks', networks: { shop_back: joined } } }),
    ],
  };
  const after = stack([service('web')]);
  const plan = planFor(after, running(busy), { inventory: inventoryOf(busy) });
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 2 to delete · no downtime · policy ok

      - db            delete      it left the manifests
      ~ web           in place    networks.shop_back was taken away
          networks.shop_back {"aliases":["web"]} -> (none)  (commit)
      - network back  delete      it left the manifests

      1. disconnect web.1 from shop_back
      2. stop db.1
      3. remove db.1                      after 2
      4. remove network shop_back         after 1, 3
    "
  `);
  expect(planFor(after, simulatePlan(running(busy), plan).observed).steps).toEqual([]);
});

/** The same thing, of somebody else. */
function disowned<Thing extends { readonly ownership: unknown }>(
  thing: Thing,
): Thing & { readonly ownership: null } {
  return { ...thing, ownership: null };
}

test('a network that left the manifests stays while containers of others are on it', () => {
  const before = stack([], { networks: [network('default'), network('back')] });
  const observed = running(before);
  const joined = stack([service('web')]);
  const [web] = running(joined).containers;
  const attachment = { aliases: [], ipv4_address: null, ipv6_address: null, link_local_ips: [] };
  const other = {
    ...web!,
    name: 'blog-web-1',
    ownership: { stack: name('blog'), resource: name('web') },
    spec: { ...web!.spec, networks: { shop_back: attachment } },
  };
  const plan = planFor(stack([]), { ...observed, containers: [other] }, { inventory: inventoryOf(before) });
  expect(plan.steps).toEqual([]);
  expect(plan.decisions.find(({ verdict }) => verdict === 'blocked')?.because).toBe(
    'it left the manifests, and blog-web-1 is still on it',
  );
});

test('a network or volume of that name that is not ours is not adopted', () => {
  const desired = stack([service('web', { container: { mounts: { '/data': mountOf('data') } } })], {
    volumes: [volume('data')],
  });
  const foreign = running(stack([], { volumes: [volume('data')] }));
  const unowned = {
    ...foreign,
    networks: foreign.networks.map(disowned),
    volumes: foreign.volumes.map(disowned),
  };
  const plan = planFor(desired, unowned);
  expect(plan.steps).toEqual([]);
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete, 3 blocked · no downtime · policy ok

      ! web              blocked     network shop_default is there and not this stack's
      ! network default  blocked     shop_default is there and not this stack's
      ! volume data      blocked     shop_data is there and not this stack's

      warn    NM102 web cannot be brought to its line: network shop_default is there and not this stack's.
                    Declare it with "external: true" to use it as it is, or give the network another name.
    "
  `);
});

test('what is external must exist and is never changed', () => {
  const options = {
    networks: [network('default', { external: true, internal: true })],
    volumes: [volume('data', { external: true })],
  };
  const desired = stack([service('web', { container: { mounts: { '/data': mountOf('data') } } })], options);
  expect(planFor(desired, running(stack([], { networks: [] }))).findings.map(({ code }) => code)).toEqual([
    'NW101',
  ]);
  const foreign = running(stack([], { volumes: [volume('data')] }));
  const plan = planFor(desired, {
    ...foreign,
    networks: foreign.networks.map(disowned),
  });
  expect(plan.steps.map(({ id }) => id)).toEqual([
    'pull acme/web:1',
    'create web.1',
    'start web.1',
    'await web.1',
  ]);
});

test('a changed volume is never touched, and stops for approval with a remedy', () => {
  const of = (o: string) =>
    stack([service('db', { container: { mounts: { '/data': mountOf('data') } } })], {
      volumes: [volume('data', { options: { type: 'nfs', o } })],
    });
  const plan = planFor(of('addr=10.0.0.2'), running(of('addr=10.0.0.1')));
  expect(plan.steps).toEqual([]);
  expect(plan.changes).toMatchObject([{ class: 'dataLoss', path: 'options.o' }]);
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 0 to delete, 1 blocked · no downtime · needs approval of VL101

      ! volume data  blocked     options.o changed addr=10.0.0.1 -> addr=10.0.0.2; its data would be lost
          options.o addr=10.0.0.1 -> addr=10.0.0.2  (commit)

      approve VL101 Volume shop_data is not as it is wanted (options.o changed addr=10.0.0.1 ->
                    addr=10.0.0.2). Docker cannot change a volume, and removing it would lose the data.
                    Give the volume a new name; or back it up, remove it with \`docker volume rm shop_data\` and
                    sync. Accepting VL101 goes on with the volume as it is.
    "
  `);
});

test('labels of a volume cannot be changed, which is told and stops nothing', () => {
  const of = (label: string) => stack([], { volumes: [volume('data', { labels: { team: label } })] });
  const plan = planFor(of('b'), running(of('a')));
  expect([plan.steps, plan.changes, plan.findings.map(({ code, level }) => [code, level])]).toEqual([
    [],
    [],
    [['VL102', 'info']],
  ]);
});

const withVolume = stack(
  [service('db', { container: { mounts: { '/data': mountOf('data') } } }), service('web')],
  {
    volumes: [volume('data')],
  },
);

test('a volume that left the manifests is kept', () => {
  const plan = planFor(stack([service('web')]), running(withVolume), { inventory: inventoryOf(withVolume) });
  expect(plan.steps.map(({ id }) => id)).toEqual(['stop db.1', 'remove db.1']);
  expect(plan.findings.map(({ code }) => code)).toEqual(['OR101']);
  expect(plan.changes.filter(({ resource }) => resource.kind === 'volume')).toEqual([]);
});

test('a volume is removed only where the manifest says so and the finding was accepted', () => {
  const after = stack([service('web')], { sync: { pruneVolumes: true } });
  const inventory = inventoryOf(withVolume);
  const waiting = planFor(after, running(withVolume), { inventory, stable: stableOf(withVolume) });
  expect(waiting.steps.map(({ id }) => id)).toEqual(['stop db.1', 'remove db.1']);
  expect(formatPlan(waiting)).toMatchInlineSnapshot(`
    "shop at 0123456: 0 to change, 0 to add, 1 to delete, 1 blocked · no downtime · needs approval of DL101

      - db           delete      it left the manifests
      ! volume data  blocked     it left the manifests, and its removal waits for approval

      approve DL101 Volume shop_data left the manifests and would be removed with everything in it.
                    Back it up, then accept DL101; or set prune_volumes to false to keep it.

      1. stop db.1
      2. remove db.1  after 1
    "
  `);
  const accepted = planFor(after, running(withVolume), { inventory, approvals: ['DL101'] });
  expect(accepted.steps.map(({ id }) => id)).toEqual(['stop db.1', 'remove db.1', 'remove volume shop_data']);
  expect(accepted.steps.at(-1)?.after).toEqual(['remove db.1']);
});

test('an anonymous volume stays when its container goes, unless that was accepted', () => {
  const mounts = {
    '/data': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' },
  } as const;
  const of = (replicas: number) => stack([service('db', { replicas, container: { mounts } })]);
  const operationsOf = (approvals: readonly string[]) =>
    planFor(of(0), running(of(1)), { approvals }).steps.map(({ operation }) => operation);
  expect(planFor(of(0), running(of(1))).findings.map(({ code, level }) => [code, level])).toEqual([
    ['DL102', 'warn'],
  ]);
  expect(operationsOf([])).toMatchObject([{ kind: 'stopContainer' }, { anonymousVolumes: false }]);
  expect(operationsOf(['DL102'])).toMatchObject([{ kind: 'stopContainer' }, { anonymousVolumes: true }]);
});

test.each([
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/16', false],
  ['FD00::/64', 'fd00::/64', true],
  ['fd00:0:0:0:0:0:0:1', 'fd00::1', true],
  ['2001:0db8::1', '2001:db8:0:0::1', true],
  ['fd00::1', 'fd00::2', false],
  ['::', '0:0:0:0:0:0:0:0', true],
])('the addresses %s and %s are the same: %s', (left, right, same) => {
  expect(isSameAddress(left, right)).toBe(same);
});

test('a network that moves to another subnet takes an old container along without its old address', () => {
  const of = (subnet: string, ipv4_address: string, version: string) => {
    const attachment = { aliases: ['web'], ipv4_address, ipv6_address: null, link_local_ips: [] };
    const ipam = { driver: null, pools: [pool(subnet)] };
    return stack(
      [
        service('web', {
          container: {
            network_mode: 'networks',
            networks: { shop_default: attachment },
            environment: { V: version },
          },
        }),
      ],
      { networks: [network('default', { ipam })] },
    );
  };
  const { steps } = planFor(of('10.2.0.0/16', '10.2.0.9', '2'), running(of('10.1.0.0/16', '10.1.0.9', '1')));
  expect(steps.find(({ id }) => id === 'connect web.1 to shop_default')?.operation).toMatchObject({
    attachment: { aliases: ['web'], ipv4_address: null },
  });
});
