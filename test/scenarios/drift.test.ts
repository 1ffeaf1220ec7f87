import type { Container } from 'dockerode';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services, stack, type Spec } from '../support/manifest.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const images = inject('images');
const web: Spec = { image: images.web1, mem_limit: '64m', restart: 'on-failure:3' };
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
  fleet.commit({
    'stacks/drifting/stack.yaml': stack({ networks: { default: {}, side: {} } }),
    ...services('drifting', {
      victim: { ...web, networks: ['default', 'side'] },
      bystander: { ...web, depends_on: ['victim'] },
    }),
  });
  expect(await fleet.sync()).toEqual({ drifting: 'succeeded' });
});

afterAll(() => fleet.close());

interface Mischief {
  readonly what: string;
  readonly act: (container: Container) => Promise<unknown>;
  /** The process survives, so that the container must, too. */
  readonly keepsProcess: boolean;
}

const mischief: readonly Mischief[] = [
  { what: 'paused', act: (victim) => victim.pause(), keepsProcess: true },
  { what: 'stopped', act: (victim) => victim.stop(), keepsProcess: false },
  { what: 'killed', act: (victim) => victim.kill(), keepsProcess: false },
  { what: 'removed by force', act: (victim) => victim.remove({ force: true }), keepsProcess: false },
  {
    what: 'given more memory',
    act: (victim) => victim.update({ Memory: 128 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024 }),
    keepsProcess: true,
  },
  {
    what: 'given another restart policy',
    act: (victim) => victim.update({ RestartPolicy: { Name: 'always' } }),
    keepsProcess: true,
  },
  {
    what: 'taken off a network',
    act: (victim) => fleet.docker.getNetwork('drifting_side').disconnect({ Container: victim.id }),
    keepsProcess: true,
  },
];

test.each(mischief)(
  'a container that was $what from outside is healed, and no other is touched',
  async ({ act, keepsProcess }) => {
    const [victim, bystander] = [
      await fleet.inspect('drifting-victim-1'),
      await fleet.inspect('drifting-bystander-1'),
    ];
    await act(fleet.docker.getContainer(victim.Id));
    expect((await fleet.plan('drifting')).steps.length).toBeGreaterThan(0);

    expect(await fleet.heal()).toEqual({ drifting: 'succeeded' });
    const healed = await fleet.inspect('drifting-victim-1');
    expect(healed.State).toMatchObject({ Running: true, Paused: false });
    expect(healed.HostConfig).toMatchObject({
      Memory: victim.HostConfig.Memory,
      MemorySwap: victim.HostConfig.MemorySwap,
      RestartPolicy: victim.HostConfig.RestartPolicy,
    });
    expect(Object.keys(healed.NetworkSettings.Networks).sort()).toEqual([
      'drifting_default',
      'drifting_side',
    ]);
    expect(healed.NetworkSettings.Networks['drifting_side']?.Aliases).toContain('victim');
    if (keepsProcess) expect([healed.Id, healed.State.Pid]).toEqual([victim.Id, victim.State.Pid]);

    const untouched = await fleet.inspect('drifting-bystander-1');
    expect([untouched.Id, untouched.State.Pid]).toEqual([bystander.Id, bystander.State.Pid]);
    expect((await fleet.plan('drifting')).steps).toEqual([]);
  },
);

test('a container that was renamed is not ours any more: another takes its place, and it is left alone', async () => {
  fleet.commit(services('renamed', { web }));
  await fleet.sync();
  const lost = fleet.docker.getContainer((await fleet.inspect('renamed-web-1')).Id);
  await lost.rename({ name: 'was-renamed' });
  try {
    expect(await fleet.heal()).toEqual({ renamed: 'succeeded' });
    expect((await fleet.inspect('renamed-web-1')).Id).not.toBe(lost.id);
    expect(await lost.inspect()).toMatchObject({ Name: '/was-renamed', State: { Running: true } });
    expect((await fleet.plan('renamed')).steps).toEqual([]);
  } finally {
    await lost.remove({ force: true });
  }
});

test('a look that finds nothing asks for no sync', async () => {
  expect(await fleet.heal()).toEqual({});
});

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
