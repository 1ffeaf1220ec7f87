import type { Container } from 'dockerode';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { DriftInterval } from '../../reconciler/model/drift.ts';
import { name } from '../../reconciler/model/ids.ts';
import { createDeployment, createPlace, deployAt, type Deployment } from '../support/deployment.ts';
import { services, type Spec } from '../support/manifest.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const images = inject('images');
const web: Spec = { image: images.web1, mem_limit: '64m', restart: 'on-failure:3' };
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
});

afterAll(() => fleet.close());

test('a look that finds nothing asks for no sync and writes nothing', async () => {
  await fleet.heal();
  const { store } = fleet.world;
  const writes = Object.keys(store).filter((key) => /^(record|request|begin|finish|lift|register)/.test(key));
  const spies = writes.map((key) => vi.spyOn(store, key as 'recordDrift'));
  expect(writes).toContain('recordDrift');
  expect(await fleet.heal()).toEqual({});
  for (const spy of spies) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

test('a container that somebody stopped stays so where on_stop says respect, across a restart of ours', async () => {
  fleet.commit(services('obeying', { web: { ...web, drift: { on_stop: 'respect' } } }));
  await fleet.sync();
  const victim = fleet.docker.getContainer('obeying-web-1');
  await victim.stop();
  expect(await fleet.heal()).toEqual({});
  const shown = await fleet.plan('obeying');
  expect(shown.steps).toEqual([]);
  expect(shown.decisions[0]).toMatchObject({
    verdict: 'ignored',
    because: 'somebody stopped it, which on_stop respects',
  });
  expect(fleet.world.drift.open()).toMatchObject([{ stack: 'obeying', field: 'state', kind: 'stopped' }]);
  expect(fleet.world.statuses.get(name('obeying'))?.syncStatus).toBe('outOfSync');

  await victim.start();
  expect(await fleet.heal()).toEqual({});
  const [interval] = await fleet.world.store.drift({ stack: name('obeying'), limit: 1 });
  expect(interval).toMatchObject({ kind: 'stopped', end: 'reverted' });

  await victim.kill();
  expect(await fleet.heal()).toEqual({ obeying: 'succeeded' });
});

test('a field may have a mode of its own', async () => {
  fleet.commit(
    services('choosy', {
      web: { ...web, cpu_shares: 512, drift: { mode: 'warn', fields: { mem_limit: 'heal' } } },
    }),
  );
  await fleet.sync();
  const [was, victim] = [await fleet.inspect('choosy-web-1'), fleet.docker.getContainer('choosy-web-1')];
  await victim.update({ Memory: 128 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024, CpuShares: 256 });
  expect(await fleet.heal()).toEqual({ choosy: 'succeeded' });
  const { HostConfig } = await fleet.inspect('choosy-web-1');
  expect([HostConfig.Memory, HostConfig.CpuShares]).toEqual([was.HostConfig.Memory, 256]);
  expect(fleet.world.drift.open().filter(({ stack }) => stack === 'choosy')).toMatchObject([
    { field: 'cpu_shares', found: 256, wanted: 512 },
  ]);
});

test('what is paused shows its drift, and is healed when the pause is over', async () => {
  fleet.commit(services('frozen', { web }));
  await fleet.sync();
  const since = fleet.world.clock.now();
  const stack = name('frozen');
  await fleet.world.store.recordHold({ kind: 'freeze', stack, why: 'a test', since, until: since + 600_000 });
  await fleet.docker.getContainer('frozen-web-1').kill();
  expect(await fleet.heal()).toEqual({});
  const open = fleet.world.drift.open().filter((interval) => interval.stack === stack);
  expect(open).toMatchObject([{ field: 'state', kind: 'killed' }]);
  const { decisions, steps } = await fleet.plan('frozen');
  expect([decisions[0]?.verdict, steps]).toEqual(['held', []]);
  await fleet.world.store.liftHold(stack, { kind: 'freeze' }, fleet.world.clock.now());
  expect(await fleet.heal()).toEqual({ frozen: 'succeeded' });
});

test('who fights somebody else waits longer each time, also after a restart, and never for a person', async () => {
  const place = createPlace();
  const former = await deployAt(place);
  former.commit(services('fought', { web, other: web }));
  await former.sync();
  const { store, clock } = former.world;
  for (let minutes = 5; minutes >= 0; minutes -= 1) {
    const closedAt = clock.now() - minutes * 60_000;
    const times = { openedAt: closedAt - 1_000, seenAt: closedAt - 900, closedAt };
    await store.recordDrift([{ ...fight, ...times }]);
  }
  await former.disconnect();

  const later = await deployAt(place);
  try {
    await later.look();
    for (const of of ['web', 'other']) await later.docker.getContainer(`fought-${of}-1`).kill();
    expect(await later.heal()).toEqual({ fought: 'succeeded' });
    const state = async (of: string) => (await later.inspect(`fought-${of}-1`)).State.Running;
    expect([await state('web'), await state('other')]).toEqual([false, true]);
    const { decisions } = await later.plan('fought');
    expect(decisions.find(({ verdict }) => verdict === 'held')?.because).toContain(
      'healed 6 times in 5 min; something else is changing it; again from',
    );
    expect(await later.ask('fought')).toEqual({ fought: 'succeeded' });
    expect(await state('web')).toBe(true);
  } finally {
    await later.close();
  }
});

const fight: DriftInterval = {
  stack: name('fought'),
  resource: { kind: 'instance', service: name('web'), instance: 1 },
  field: 'state',
  kind: 'killed',
  because: 'killed with SIGKILL through the Docker API (exit 137)',
  found: 'exited (137)',
  wanted: 'running',
  revision: null,
  openedAt: 0,
  seenAt: 0,
  closedAt: 0,
  end: 'healed',
};

test('drift is only shown where the manifest says warn, and not even looked at where it says off', async () => {
  const specs = { shown: { ...web, drift: { mode: 'warn' } }, unseen: { ...web, drift: { mode: 'off' } } };
  fleet.commit(services('tolerant', specs));
  await fleet.sync();
  for (const name of ['tolerant-shown-1', 'tolerant-unseen-1']) {
    await fleet.docker
      .getContainer(name)
      .update({ Memory: 128 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024 });
  }
  expect(await fleet.heal()).toEqual({});
  const plan = await fleet.plan('tolerant');
  expect(plan.steps).toEqual([]);
  const changed = plan.changes.map(({ resource }) => ('service' in resource ? resource.service : ''));
  expect(new Set(changed)).toEqual(new Set(['shown']));
  for (const name of ['tolerant-shown-1', 'tolerant-unseen-1']) {
    expect((await fleet.inspect(name)).HostConfig.Memory).toBe(128 * 1024 * 1024);
  }
});

test('a stranger that has the name keeps it: the service is blocked, and the stranger is not touched', async () => {
  const stranger = await startStranger({ name: 'blocked-web-1' });
  try {
    fleet.commit(services('blocked', { web, other: web }));
    expect(await fleet.sync()).toMatchObject({ blocked: 'partial' });
    expect((await fleet.history('blocked'))[0]?.summary).toContain('blocked-web-1');
    expect((await fleet.inspect('blocked-other-1')).State.Running).toBe(true);
    const plan = await fleet.plan('blocked');
    const decision = plan.decisions.find(
      ({ resource }) => resource.kind === 'service' && resource.service === 'web',
    );
    expect(decision?.verdict).toBe('blocked');
    expect(decision?.because).toContain('blocked-web-1');
    expect(await stranger.inspect()).toMatchObject({ Name: '/blocked-web-1', State: { Running: true } });
  } finally {
    await stranger.remove({ force: true });
  }
  await fleet.settle('blocked');
  expect((await fleet.inspect('blocked-web-1')).Id).not.toBe(stranger.id);
});

realTest(
  'a stranger that holds the host port keeps it: the service is blocked, and the stranger is not touched',
  async () => {
    const stranger = await startStranger({ publishes: true });
    const bindings = (await stranger.inspect()).NetworkSettings.Ports['80/tcp'];
    const port = Number(bindings?.[0]?.HostPort);
    try {
      fleet.commit(services('crowded', { web: { ...web, ports: [`${port}:80`] } }));
      expect(await fleet.sync()).toMatchObject({ crowded: 'partial' });
      const { decisions } = await fleet.plan('crowded');
      expect(decisions.find(({ verdict }) => verdict === 'blocked')?.because).toContain(String(port));
      expect((await stranger.inspect()).State.Running).toBe(true);
      expect(await fleet.containers('crowded')).toEqual([]);
    } finally {
      await stranger.remove({ force: true });
    }
    await fleet.settle('crowded');
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('web 1\n');
  },
);

async function startStranger(options: { name?: string; publishes?: boolean }): Promise<Container> {
  const stranger = await fleet.docker.createContainer({
    Image: images.web1,
    ...(options.name !== undefined && { name: options.name }),
    ...(options.publishes === true && {
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } },
    }),
  });
  await stranger.start();
  return stranger;
}
