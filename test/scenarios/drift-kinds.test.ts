import type { Container, ContainerInspectInfo } from 'dockerode';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { formatResource } from '../../reconciler/model/change.ts';
import type { DriftInterval } from '../../reconciler/model/drift.ts';
import { name } from '../../reconciler/model/ids.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services, stack, type Spec } from '../support/manifest.ts';
import { copyOf, exec } from '../support/mischief.ts';

const images = inject('images');
const megabyte = 1024 * 1024;
const web: Spec = { image: images.web1, mem_limit: '64m', networks: ['default'] };
/** Goes on until somebody tells it how to end. */
const obedient =
  'trap "exit 0" TERM; rm -f /tmp/end; while [ ! -e /tmp/end ]; do sleep 0.1 & wait; done; exit $(cat /tmp/end)';

interface Mischief {
  readonly spec?: Spec;
  readonly act: (victim: Container, seen: ContainerInspectInfo) => Promise<unknown>;
  readonly fields: Readonly<Record<string, string>>;
  /** What the record says, of the first field. */
  readonly because: RegExp;
  /** The process survives, so that the container must, too. */
  readonly keepsProcess?: boolean;
}

const mischief: Readonly<Record<string, Mischief>> = {
  paused: {
    act: (victim) => victim.pause(),
    fields: { state: 'paused' },
    because: /^paused through the Docker API$/,
    keepsProcess: true,
  },
  stopped: {
    act: (victim) => victim.stop(),
    fields: { state: 'stopped' },
    because: /^stopped through the Docker API \(exit 0\)$/,
  },
  killed: {
    act: (victim) => victim.kill(),
    fields: { state: 'killed' },
    because: /^killed with SIGKILL through the Docker API \(exit 137\)$/,
  },
  slain: {
    act: async (victim, { State }) => {
      process.kill(State.Pid, 'SIGKILL');
      await victim.wait();
    },
    fields: { state: 'killed' },
    because: /^killed with SIGKILL, not through Docker \(exit 137\)$/,
  },
  ended: {
    spec: { entrypoint: ['sh', '-c', obedient] },
    act: async (victim) => {
      await exec(victim, 'echo 3 > /tmp/end');
      await victim.wait();
    },
    fields: { state: 'ended' },
    because: /^its process ended by itself \(exit 3\)$/,
  },
  removed: {
    act: (victim) => victim.remove({ force: true }),
    fields: { presence: 'removed' },
    because: /^removed through the Docker API$/,
  },
  limited: {
    spec: {
      mem_limit: '64m',
      mem_reservation: '32m',
      cpu_shares: 512,
      pids_limit: 100,
      cpus: 0.5,
      cpuset: '0',
    },
    act: (victim) =>
      victim.update({
        Memory: 128 * megabyte,
        MemorySwap: 256 * megabyte,
        MemoryReservation: 48 * megabyte,
        CpuShares: 256,
        PidsLimit: 50,
        NanoCpus: 250_000_000,
        CpusetCpus: '0-1',
      }),
    fields: {
      mem_limit: 'updated',
      memswap_limit: 'updated',
      mem_reservation: 'updated',
      cpu_shares: 'updated',
      pids_limit: 'updated',
      cpus: 'updated',
      cpuset: 'updated',
    },
    because: /^changed with docker update$/,
    keepsProcess: true,
  },
  policed: {
    spec: { restart: 'on-failure:3' },
    act: (victim) => victim.update({ RestartPolicy: { Name: 'always' } }),
    fields: { 'restart.condition': 'updated', 'restart.max_attempts': 'updated' },
    because: /^changed with docker update$/,
    keepsProcess: true,
  },
  disconnected: {
    spec: { networks: ['default', 'side'] },
    act: ({ id }) => fleet.docker.getNetwork('drifting_side').disconnect({ Container: id }),
    fields: { 'networks.drifting_side': 'disconnected' },
    because: /^disconnected from network drifting_side through the Docker API$/,
    keepsProcess: true,
  },
  connected: {
    act: ({ id }) => fleet.docker.getNetwork('drifting_side').connect({ Container: id }),
    fields: { 'networks.drifting_side': 'connected' },
    because: /^connected to network drifting_side through the Docker API$/,
    keepsProcess: true,
  },
  aliased: {
    spec: { networks: ['default', 'side'] },
    act: async ({ id: Container }) => {
      const side = fleet.docker.getNetwork('drifting_side');
      await side.disconnect({ Container });
      await side.connect({ Container, EndpointConfig: { Aliases: ['impostor'] } });
    },
    fields: { 'networks.drifting_side.aliases': 'connected' },
    because: /^connected to network drifting_side anew, in another way$/,
    keepsProcess: true,
  },
};

let fleet: Deployment;
const before = new Map<string, ContainerInspectInfo>();
let open: readonly DriftInterval[] = [];
let over: readonly DriftInterval[] = [];

beforeAll(async () => {
  fleet = await createDeployment();
  const specs = Object.entries(mischief).map(([of, { spec }]) => [of, { ...web, ...spec }] as const);
  fleet.commit({
    'stacks/drifting/stack.yaml': stack({ networks: { default: {}, side: {} } }),
    ...services('drifting', { ...Object.fromEntries(specs), bystander: { ...web, depends_on: ['paused'] } }),
  });
  expect(await fleet.sync()).toEqual({ drifting: 'succeeded' });
  for (const of of [...Object.keys(mischief), 'bystander']) before.set(of, await fleet.inspect(victimOf(of)));
  for (const [of, { act }] of Object.entries(mischief)) {
    const seen = before.get(of);
    if (seen !== undefined) await act(fleet.docker.getContainer(seen.Id), seen);
  }
  // Somebody looks around: no drift.
  await exec(fleet.docker.getContainer(victimOf('bystander')), 'true');
  const healed = await fleet.heal();
  expect(healed, fleet.story()).toEqual({ drifting: 'succeeded' });
  const notices = fleet.notices.filter(({ kind }) => kind === 'driftOpened' || kind === 'driftClosed');
  open = notices.flatMap((notice) => (notice.kind === 'driftOpened' ? [notice.interval] : []));
  over = await fleet.world.store.drift({ stack: name('drifting'), limit: 100 });
}, 120_000);

afterAll(() => fleet.close());

function victimOf(of: string): string {
  return `drifting-${of}-1`;
}

function fieldsOf(intervals: readonly DriftInterval[], of: string): Readonly<Record<string, string>> {
  const own = intervals.filter(({ resource }) => formatResource(resource) === `${of}.1`);
  return Object.fromEntries(own.map(({ field, kind }) => [field, kind]));
}

describe.each(Object.entries(mischief))('a container that was %s from outside', (of, expected) => {
  test('is found, field by field, with what the engine told of it', () => {
    expect(fieldsOf(open, of)).toEqual(expected.fields);
    const [first] = Object.keys(expected.fields);
    const interval = open.find(
      ({ resource, field }) => formatResource(resource) === `${of}.1` && field === first,
    );
    expect(interval?.because).toMatch(expected.because);
    expect(interval?.openedAt).toBeGreaterThan(Date.parse(before.get(of)?.State.StartedAt ?? ''));
  });

  test('is healed, and the record says so', async () => {
    expect(fieldsOf(over, of)).toEqual(expected.fields);
    for (const interval of over.filter(({ resource }) => formatResource(resource) === `${of}.1`)) {
      expect(interval.end).toBe('healed');
      expect(interval.closedAt).toBeGreaterThanOrEqual(interval.openedAt);
    }
    const [was, is] = [before.get(of), await fleet.inspect(victimOf(of))];
    expect(is.State).toMatchObject({ Running: true, Paused: false });
    expect(is.HostConfig).toEqual(was?.HostConfig);
    expect(networksOf(is)).toEqual(networksOf(was));
    if (expected.keepsProcess === true) expect([is.Id, is.State.Pid]).toEqual([was?.Id, was?.State.Pid]);
    else if (expected.fields['presence'] === undefined) expect(is.Id).toBe(was?.Id);
  });
});

function networksOf(info: ContainerInspectInfo | undefined): Readonly<Record<string, readonly string[]>> {
  const networks = Object.entries(info?.NetworkSettings.Networks ?? {});
  const own = (alias: string): boolean => !(info?.Id ?? '').startsWith(alias);
  return Object.fromEntries(networks.map(([of, { Aliases }]) => [of, (Aliases ?? []).filter(own).sort()]));
}

test('nobody else was touched, and running a command in a container is no drift', async () => {
  const untouched = await fleet.inspect(victimOf('bystander'));
  const was = before.get('bystander');
  expect([untouched.Id, untouched.State.Pid]).toEqual([was?.Id, was?.State.Pid]);
  expect(fieldsOf(over, 'bystander')).toEqual({});
  expect((await fleet.plan('drifting')).steps).toEqual([]);
});

test('a copy of ours is removed, and said to be somebody else’s', async () => {
  const copy = await copyOf(fleet.docker, victimOf('bystander'), 'drifting-bystander-2');
  await copy.stop();
  await copy.remove();
  const again = await fleet.docker.createContainer({
    name: 'drifting-bystander-2',
    Image: images.web1,
    Labels: { ...before.get('bystander')?.Config.Labels, 'dev.plimsoll.instance': '2' },
  });
  await again.start();
  expect(await fleet.heal()).toEqual({ drifting: 'succeeded' });
  const [interval] = await fleet.world.store.drift({ service: name('bystander'), limit: 1 });
  expect(interval).toMatchObject({
    field: 'presence',
    kind: 'copied',
    because: 'made by somebody else as a copy of ours',
    end: 'healed',
  });
  await expect(again.inspect()).rejects.toMatchObject({ statusCode: 404 });
});
