import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import type { DesiredNetwork, DesiredVolume } from '../../reconciler/model/desired.ts';
import { name, newcomerName, type Name } from '../../reconciler/model/ids.ts';
import type { Operation, Target } from '../../reconciler/model/plan.ts';
import {
  applyAll,
  applyWell,
  createOperation,
  digestOf,
  look,
  lookAtOne,
  made,
  makeTestImage,
  openBench,
  planOf,
  reopen,
  targetOf,
  type Bench,
  type CreateOptions,
} from './fixture.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const image = 'plimsoll-test/operations:1';
const withVolume = 'plimsoll-test/operations-volume:1';
let bench: Bench;

beforeAll(async () => {
  bench = openBench();
  await makeTestImage(bench.docker, image);
  await makeTestImage(bench.docker, withVolume, { changes: ['VOLUME /data'] });
});
afterAll(async () => {
  await bench.close();
});

/** Creates and starts, and returns the container as a target of later plans. */
async function up(service: string, intent: Partial<ContainerIntent> = {}, options: CreateOptions = {}) {
  const create = createOperation(bench.stack, { image, ...intent }, { ...options, service });
  await applyWell(bench, { create, start: { kind: 'startContainer', target: made('create', create) } });
  return targetOf(await lookAtOne(bench.engine, create.name));
}

async function one(operation: Operation): Promise<void> {
  await applyWell(bench, { one: operation });
}

function inspect(target: Target) {
  return bench.docker.getContainer(target.name).inspect();
}

const network = (own: string): DesiredNetwork => ({
  name: name(own),
  engineName: `${bench.stack}_${own}`,
  external: false,
  driver: null,
  options: {},
  labels: { 'com.example.kind': 'test' },
  internal: false,
  attachable: false,
  enableIpv6: false,
  ipam: null,
});

const volume = (own: string): DesiredVolume => ({
  name: name(own),
  engineName: `${bench.stack}_${own}`,
  external: false,
  driver: null,
  options: {},
  labels: {},
});

describe('a container', () => {
  test('is stopped, which a second stop leaves as it is', async () => {
    const target = await up('stop');
    await one({ kind: 'stopContainer', target, graceMs: 2_000 });
    expect((await inspect(target)).State).toMatchObject({ Running: false, ExitCode: 0 });
    await one({ kind: 'stopContainer', target, graceMs: null });
  });

  test('is started, which a second start leaves as it is', async () => {
    const target = await up('start');
    const { StartedAt } = (await inspect(target)).State;
    await one({ kind: 'startContainer', target });
    expect((await inspect(target)).State).toMatchObject({ Running: true, StartedAt });
  });

  test('is unpaused, which a second time leaves as it is', async () => {
    const target = await up('pause');
    await bench.docker.getContainer(target.name).pause();
    await one({ kind: 'unpauseContainer', target });
    await one({ kind: 'unpauseContainer', target });
    expect((await inspect(target)).State).toMatchObject({ Running: true, Paused: false });
  });

  test('is stopped while it is paused', async () => {
    const target = await up('paused');
    await bench.docker.getContainer(target.name).pause();
    await one({ kind: 'stopContainer', target, graceMs: 1_000 });
    expect((await inspect(target)).State.Running).toBe(false);
  });

  test('is restarted as one process after another', async () => {
    const target = await up('restart');
    const { Pid } = (await inspect(target)).State;
    await one({ kind: 'restartContainer', target, graceMs: 2_000 });
    const { State } = await inspect(target);
    expect(State.Running).toBe(true);
    expect(State.Pid).not.toBe(Pid);
  });

  test('is removed while it runs, which a second removal and a stop find done', async () => {
    const target = await up('remove');
    await one({ kind: 'removeContainer', target, anonymousVolumes: false });
    await expect(inspect(target)).rejects.toMatchObject({ statusCode: 404 });
    await one({ kind: 'removeContainer', target, anonymousVolumes: false });
    await one({ kind: 'stopContainer', target, graceMs: null });
  });

  test('is removed by two at once', async () => {
    const target = await up('twice', { image: withVolume });
    const remove: Operation = { kind: 'removeContainer', target, anonymousVolumes: true };
    await Promise.all([one(remove), one(remove), one(remove)]);
    await expect(inspect(target)).rejects.toMatchObject({ statusCode: 404 });
  });

  test('takes the name of the one before it, which a second time leaves as it is', async () => {
    const create = createOperation(bench.stack, { image }, { service: 'rename', hash: 'b' });
    const next = newcomerName({ stack: bench.stack, service: name('rename'), number: 1 }, create.hash);
    const old = await up('rename');
    await applyWell(bench, { create: { ...create, name: next } });
    const newcomer = targetOf(await lookAtOne(bench.engine, next));
    await one({ kind: 'removeContainer', target: old, anonymousVolumes: true });
    await one({ kind: 'renameContainer', target: newcomer, name: create.name });
    await one({ kind: 'renameContainer', target: newcomer, name: create.name });
    expect((await lookAtOne(bench.engine, create.name)).specHash).toBe(create.hash);
  });

  test('does not take a name that somebody else has', async () => {
    const target = await up('taken');
    const stranger = await bench.docker.createContainer({ Image: image, name: `${bench.stack}-stranger` });
    const rename: Operation = { kind: 'renameContainer', target, name: `${bench.stack}-stranger` };
    const { failure } = await applyAll(bench.engine, planOf(bench.stack, { rename }));
    expect(failure).toMatchObject({
      code: 'NameTaken',
      message: expect.stringContaining(`${bench.stack}-taken-1`),
    });
    await stranger.remove();
  });

  test('gets other limits and another restart policy while its process goes on', async () => {
    const target = await up('update', { mem_limit: 33_554_432, memswap_limit: 67_108_864, cpus: 0.5 });
    const { Pid } = (await inspect(target)).State;
    const to = {
      cpus: 0.25,
      cpu_shares: 256,
      cpuset: '0',
      mem_limit: 67_108_864,
      mem_reservation: 33_554_432,
      memswap_limit: 134_217_728,
      pids_limit: 32,
      restart: { condition: 'on-failure', max_attempts: 2 },
    } as const;
    await one({ kind: 'updateContainer', target, to });
    const raw = await inspect(target);
    expect(raw.State.Pid).toBe(Pid);
    expect(raw.HostConfig).toMatchObject({
      NanoCpus: 250_000_000,
      CpuShares: 256,
      CpusetCpus: '0',
      Memory: 67_108_864,
      MemoryReservation: 33_554_432,
      MemorySwap: 134_217_728,
      PidsLimit: 32,
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
    });
    expect((await lookAtOne(bench.engine, target.name)).spec).toMatchObject(to);
  });

  test('loses the limits that an update can take away', async () => {
    const target = await up('clear', { mem_reservation: 33_554_432, pids_limit: 32, cpu_quota: 50_000 });
    const to = { mem_reservation: null, pids_limit: null, cpu_quota: null };
    await one({ kind: 'updateContainer', target, to });
    expect((await lookAtOne(bench.engine, target.name)).spec).toMatchObject(to);
  });

  test('that is not ours any more is left alone, whatever the plan says', async () => {
    const target = await up('lost');
    await bench.docker.getContainer(target.name).rename({ name: `${bench.stack}-elsewhere` });
    const fresh = reopen(bench);
    const plan = planOf(bench.stack, { remove: { kind: 'removeContainer', target, anonymousVolumes: true } });
    const { failure } = await applyAll(fresh, plan);
    expect(failure?.code).toBe('PlanOutdated');
    const found = await bench.docker.getContainer(`${bench.stack}-elsewhere`).inspect();
    expect(found.State.Running).toBe(true);
    await fresh.close();
  });

  test('of another stack is left alone, whatever the plan says', async () => {
    const target = await up('other');
    const plan = planOf(name('another'), { stop: { kind: 'stopContainer', target, graceMs: 0 } });
    expect((await applyAll(bench.engine, plan)).failure?.code).toBe('PlanOutdated');
    expect((await inspect(target)).State.Running).toBe(true);
  });
});

describe('anonymous volumes', () => {
  realTest(
    'are carried over to the next container with their content, and go with the last one',
    async () => {
      const first = await up('data', { image: withVolume });
      await exec(first, ['sh', '-c', 'echo kept > /data/file']);
      const { anonymousVolumes } = await lookAtOne(bench.engine, first.name);
      await one({ kind: 'removeContainer', target: first, anonymousVolumes: false });
      const second = await up('data', { image: withVolume }, { anonymousVolumes });
      expect(await exec(second, ['cat', '/data/file'])).toBe('kept\n');
      const observed = await lookAtOne(bench.engine, second.name);
      expect(observed.anonymousVolumes).toEqual(anonymousVolumes);
      expect(observed.spec.mounts['/data']).toMatchObject({ type: 'volume', source: '' });
      await one({ kind: 'removeContainer', target: second, anonymousVolumes: true });
      const left = bench.docker.getVolume(anonymousVolumes['/data']!).inspect();
      await expect(left).rejects.toMatchObject({ statusCode: 404 });
    },
  );

  test('that a manifest declares are carried over as well', async () => {
    const mounts = {
      '/cache': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' },
    } as const;
    const first = await up('declared', { mounts });
    const { anonymousVolumes } = await lookAtOne(bench.engine, first.name);
    await one({ kind: 'removeContainer', target: first, anonymousVolumes: false });
    const second = await up('declared', { mounts }, { anonymousVolumes });
    const observed = await lookAtOne(bench.engine, second.name);
    expect(observed.anonymousVolumes).toEqual(anonymousVolumes);
    expect(observed.spec.mounts).toEqual(mounts);
  });
});

describe('networks of a container', () => {
  test('are connected with aliases and a static address, anew where they differ, and disconnected', async () => {
    const subnet = inject('engine').version.startsWith('20.') ? '10.251.80' : '10.251.81';
    const fixed: DesiredNetwork = {
      ...network('fixed'),
      ipam: {
        driver: null,
        pools: [{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1`, ipRange: null, auxAddresses: {} }],
      },
    };
    await one({ kind: 'createNetwork', network: fixed });
    const target = await up('attached');
    const attach = (last: number, aliases: readonly string[]): Operation => ({
      kind: 'connectNetwork',
      target,
      network: fixed.engineName,
      attachment: { aliases, ipv4_address: `${subnet}.${last}`, ipv6_address: null, link_local_ips: [] },
    });
    await one(attach(9, ['a', 'b']));
    await one(attach(9, ['a', 'b']));
    expect((await inspect(target)).NetworkSettings.Networks[fixed.engineName]?.IPAddress).toBe(`${subnet}.9`);
    await one(attach(10, ['c']));
    const { NetworkSettings } = await inspect(target);
    expect(NetworkSettings.Networks[fixed.engineName]).toMatchObject({ IPAddress: `${subnet}.10` });
    expect((await lookAtOne(bench.engine, target.name)).spec.networks[fixed.engineName]?.aliases).toEqual([
      'c',
    ]);
    await one({ kind: 'disconnectNetwork', target, network: fixed.engineName });
    await one({ kind: 'disconnectNetwork', target, network: fixed.engineName });
    expect((await lookAtOne(bench.engine, target.name)).spec.networks).toEqual({});
  });

  test('are those of another service where the mode says so, and told by its name', async () => {
    const app = await up('app', { ipc: 'shareable' });
    const modes = { network_mode: 'service:app', pid: 'service:app', ipc: 'service:app' } as const;
    const side = await up('side', modes, { references: { [name('app')]: app } });
    const raw = await inspect(side);
    const { Id } = await inspect(app);
    expect(raw.HostConfig).toMatchObject({
      NetworkMode: `container:${Id}`,
      PidMode: `container:${Id}`,
      IpcMode: `container:${Id}`,
    });
    expect((await lookAtOne(bench.engine, side.name)).spec).toMatchObject({
      ...modes,
      hostname: '',
      networks: {},
    });
  });

  test('of a foreign container are told by that container', async () => {
    const foreign = await bench.docker.createContainer({ Image: image, name: `${bench.stack}-foreign` });
    await foreign.start();
    const side = await up('guest', { network_mode: `container:${bench.stack}-foreign` });
    expect((await lookAtOne(bench.engine, side.name)).spec.network_mode).toBe(
      `container:${bench.stack}-foreign`,
    );
  });

  test.each(['host', 'none', 'bridge'] as const)('are none of the stack in mode %s', async (mode) => {
    const target = await up(`mode-${mode}`, { network_mode: mode });
    expect((await inspect(target)).HostConfig.NetworkMode).toBe(mode);
    const { spec } = await lookAtOne(bench.engine, target.name);
    expect(spec).toMatchObject({ network_mode: mode, networks: {}, hostname: '' });
  });
});

describe('a network', () => {
  test('is created once with our labels, whoever tries again, and removed once', async () => {
    const wanted = { ...network('net'), internal: true, attachable: true };
    await one({ kind: 'createNetwork', network: wanted });
    await one({ kind: 'createNetwork', network: wanted });
    const found = (await look(bench.engine)).networks.filter(({ name }) => name === wanted.engineName);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      ownership: { stack: bench.stack, resource: 'net' },
      driver: 'bridge',
      labels: { 'com.example.kind': 'test' },
      internal: true,
      attachable: true,
    });
    const remove: Operation = { kind: 'removeNetwork', id: found[0]!.id, name: wanted.engineName };
    await one(remove);
    await one(remove);
    expect((await look(bench.engine)).networks.map(({ name }) => name)).not.toContain(wanted.engineName);
  });

  test('of the same name that is not ours stays, and says so', async () => {
    const foreign = await bench.docker.createNetwork({ Name: `${bench.stack}_foreign` });
    const { Id } = await foreign.inspect();
    const create: Operation = { kind: 'createNetwork', network: network('foreign') };
    expect((await applyAll(bench.engine, planOf(bench.stack, { create }))).failure?.code).toBe('NameTaken');
    const remove: Operation = { kind: 'removeNetwork', id: Id, name: `${bench.stack}_foreign` };
    expect((await applyAll(bench.engine, planOf(bench.stack, { remove }))).failure?.code).toBe(
      'PlanOutdated',
    );
    await foreign.remove();
  });

  test('is removed right after its last container', async () => {
    await one({ kind: 'createNetwork', network: network('busy') });
    const attachment = { aliases: [], ipv4_address: null, ipv6_address: null, link_local_ips: [] };
    const target = await up('busy', {
      network_mode: 'networks',
      networks: { [`${bench.stack}_busy`]: attachment },
    });
    const { id } = (await look(bench.engine)).networks.find((found) => found.name === `${bench.stack}_busy`)!;
    await applyWell(bench, {
      container: { kind: 'removeContainer', target, anonymousVolumes: true },
      network: { kind: 'removeNetwork', id, name: `${bench.stack}_busy` },
    });
  });

  test('that stays in use is not removed, and says by whom', async () => {
    await one({ kind: 'createNetwork', network: network('held') });
    await bench.docker.createContainer({
      Image: image,
      name: `${bench.stack}-holder`,
      HostConfig: { NetworkMode: `${bench.stack}_held` },
    });
    await bench.docker.getContainer(`${bench.stack}-holder`).start();
    const { id } = (await look(bench.engine)).networks.find((found) => found.name === `${bench.stack}_held`)!;
    const remove: Operation = { kind: 'removeNetwork', id, name: `${bench.stack}_held` };
    const { failure } = await applyAll(bench.engine, planOf(bench.stack, { remove }));
    expect(failure).toMatchObject({
      code: 'EngineConflict',
      message: expect.stringMatching(
        /^Could not remove network .*_held: .*active endpoints of (\S+)-holder\. .*docker network disconnect \S+_held \1-holder/,
      ),
    });
  });

  test('whose subnet somebody else has says so', async () => {
    const { networks } = await look(bench.engine);
    const taken = networks.find(({ ipam }) => ipam.pools.length > 0)!.ipam;
    const create: Operation = { kind: 'createNetwork', network: { ...network('overlap'), ipam: taken } };
    const { failure } = await applyAll(bench.engine, planOf(bench.stack, { create }));
    expect(failure).toMatchObject({
      code: 'EngineRejected',
      message: expect.stringContaining('Choose a subnet'),
    });
  });
});

describe('a volume', () => {
  test('is created once with our labels, whoever tries again, and removed once', async () => {
    const wanted = { ...volume('data'), labels: { a: 'b' } };
    await one({ kind: 'createVolume', volume: wanted });
    await one({ kind: 'createVolume', volume: wanted });
    const found = (await look(bench.engine)).volumes.find(({ name }) => name === wanted.engineName);
    expect(found).toMatchObject({ ownership: { stack: bench.stack, resource: 'data' }, labels: { a: 'b' } });
    await one({ kind: 'removeVolume', name: wanted.engineName });
    await one({ kind: 'removeVolume', name: wanted.engineName });
    expect((await look(bench.engine)).volumes.map(({ name }) => name)).not.toContain(wanted.engineName);
  });

  test('of the same name that is not ours is neither taken nor removed', async () => {
    await bench.docker.createVolume({ Name: `${bench.stack}_foreign` });
    const create: Operation = { kind: 'createVolume', volume: volume('foreign') };
    expect((await applyAll(bench.engine, planOf(bench.stack, { create }))).failure?.code).toBe('NameTaken');
    const remove: Operation = { kind: 'removeVolume', name: `${bench.stack}_foreign` };
    expect((await applyAll(bench.engine, planOf(bench.stack, { remove }))).failure?.code).toBe(
      'PlanOutdated',
    );
    expect((await bench.docker.getVolume(`${bench.stack}_foreign`).inspect()).Name).toBe(
      `${bench.stack}_foreign`,
    );
  });

  test('that is in use is not removed', async () => {
    await one({ kind: 'createVolume', volume: volume('used') });
    const source = `${bench.stack}_used`;
    const mount = { type: 'volume', source, read_only: false, nocopy: false, subpath: '' } as const;
    await up('user', { mounts: { '/data': mount } });
    const remove: Operation = { kind: 'removeVolume', name: source };
    expect((await applyAll(bench.engine, planOf(bench.stack, { remove }))).failure?.code).toBe(
      'EngineConflict',
    );
  });
});

describe('config files', () => {
  const content = 'answer = 42\n';
  const file = { digest: `sha256:${digestOf(content)}`, mode: 0o440, uid: 7, gid: 8 };
  const contents = new Map([[file.digest, Buffer.from(content)]]);
  const show = ['sh', '-c', 'stat -c "%a %u %g" /etc/app/app.conf; cat /etc/app/app.conf'];

  realTest('are in place when the process starts, though its root is read-only, and go with it', async () => {
    const intent = {
      image,
      read_only: true,
      configs: { '/etc/app/app.conf': file, '/etc/app/more/b.conf': file, '/etc/passwd.extra': file },
      command: ['sh', '-c', 'cat /etc/app/app.conf || exit 9; exec /bin/wait'],
    };
    const create = createOperation(bench.stack, intent, { service: 'sealed' });
    await applyWell(
      bench,
      { create, start: { kind: 'startContainer', target: made('create', create) } },
      contents,
    );
    const observed = await lookAtOne(bench.engine, create.name);
    const target = targetOf(observed);
    expect(observed.state.status).toBe('running');
    expect(await exec(target, show)).toBe(`440 7 8\n${content}`);
    expect(await exec(target, ['cat', '/etc/passwd'])).toContain('root:');
    expect(await exec(target, ['sh', '-c', 'touch /etc/app/x /etc/x 2>&1; true'])).toContain('Read-only');
    expect(observed.spec).toMatchObject({ read_only: true, mounts: {}, configs: intent.configs });
    const carriers = async () =>
      (await look(bench.engine)).volumes.filter(({ name }) => /^[0-9a-f]{64}$/.test(name));
    const before = (await carriers()).length;
    await one({ kind: 'removeContainer', target, anonymousVolumes: false });
    expect((await carriers()).length).toBe(before - 1);
  });

  realTest('go into a volume that lies above them', async () => {
    const mounts = {
      '/etc/app': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' },
    } as const;
    const intent = { image, read_only: true, mounts, configs: { '/etc/app/app.conf': file } };
    const create = createOperation(bench.stack, intent, { service: 'into' });
    await applyWell(
      bench,
      { create, start: { kind: 'startContainer', target: made('create', create) } },
      contents,
    );
    const target = targetOf(await lookAtOne(bench.engine, create.name));
    expect(await exec(target, show)).toBe(`440 7 8\n${content}`);
  });

  test.each([
    ['a tmpfs', { type: 'tmpfs', size: null, mode: null } as const],
    ['a read-only', { type: 'bind', source: '/etc', read_only: true, propagation: '' } as const],
  ])('are refused where %s mount would hide them', async (what, mount) => {
    const intent = { image, mounts: { '/etc/app': mount }, configs: { '/etc/app/app.conf': file } };
    const create = createOperation(bench.stack, intent, { service: 'hidden' });
    const { failure } = await applyAll(bench.engine, planOf(bench.stack, { create }), { contents });
    expect(failure).toMatchObject({ code: 'EngineRejected', message: expect.stringContaining(what) });
  });

  test('of a container that never ran prove nothing to another process', async () => {
    const intent = { image, configs: { '/etc/app/app.conf': file } };
    const create = createOperation(bench.stack, intent, { service: 'doubt' });
    await applyWell(bench, { create }, contents);
    expect((await lookAtOne(bench.engine, create.name)).spec.configs).toEqual(intent.configs);
    const fresh = reopen(bench);
    expect((await lookAtOne(fresh, create.name)).spec.configs).toEqual({});
    const target = targetOf(await lookAtOne(bench.engine, create.name));
    await one({ kind: 'startContainer', target });
    expect((await lookAtOne(fresh, create.name)).spec.configs).toEqual(intent.configs);
    await fresh.close();
  });

  test('whose content is not at hand leave no container behind', async () => {
    const create = createOperation(bench.stack, { image, configs: { '/a/b': file } }, { service: 'empty' });
    const { failure } = await applyAll(bench.engine, planOf(bench.stack, { create }));
    expect(failure?.code).toBe('ObjectMissing');
    expect((await look(bench.engine)).containers.map(({ name }) => name)).not.toContain(create.name);
  });
});

describe('a container that an attempt left half made', () => {
  const half = (service: Name) => createOperation(bench.stack, { image }, { service, hash: 'half' });

  test('is made anew by the next attempt', async () => {
    const create = half(name('half'));
    await applyWell(bench, { create });
    const before = (await lookAtOne(bench.engine, create.name)).id;
    await applyWell(bench, { create, start: { kind: 'startContainer', target: made('create', create) } });
    const after = await lookAtOne(bench.engine, create.name);
    expect(after.id).not.toBe(before);
    expect(after.state.status).toBe('running');
  });

  test('but runs by now is not touched', async () => {
    const create = half(name('ran'));
    await up('ran', {}, { hash: 'half' });
    const { failure } = await applyAll(bench.engine, planOf(bench.stack, { create }));
    expect(failure?.code).toBe('NameTaken');
  });
});

test('a label of ours cannot be forged by a manifest', async () => {
  const labels = { 'dev.plimsoll.stack': 'evil', 'dev.plimsoll.installation': 'evil', mine: '1' };
  const target = await up('forger', { labels });
  const observed = await lookAtOne(bench.engine, target.name);
  expect(observed.ownership.stack).toBe(bench.stack);
  expect(observed.spec.labels).toEqual({ mine: '1' });
});

realTest('a mount with a subpath is refused where the engine would mount the whole volume', async () => {
  const mount = {
    type: 'volume',
    source: `${bench.stack}_sub`,
    read_only: false,
    nocopy: false,
    subpath: 'in',
  } as const;
  await one({ kind: 'createVolume', volume: volume('sub') });
  const writer = await up('writer', { mounts: { '/all': { ...mount, subpath: '' } } });
  await exec(writer, ['sh', '-c', 'mkdir /all/in; echo deep > /all/in/file']);
  const create = createOperation(bench.stack, { image, mounts: { '/part': mount } }, { service: 'reader' });
  const { apiVersion } = await bench.engine.info(new AbortController().signal);
  const plan = planOf(bench.stack, {
    create,
    start: { kind: 'startContainer', target: made('create', create) },
  });
  const { failure } = await applyAll(bench.engine, plan);
  if (Number(apiVersion.split('.')[1]) < 45) {
    expect(failure).toMatchObject({ code: 'EngineTooOld', message: expect.stringContaining('subpath') });
    return;
  }
  const reader = await lookAtOne(bench.engine, create.name);
  expect(reader.spec.mounts['/part']).toEqual(mount);
  expect(await exec(targetOf(reader), ['cat', '/part/file'])).toBe('deep\n');
});

/** Runs a command in a container through the raw client and returns what it printed. */
async function exec(target: Target, command: readonly string[]): Promise<string> {
  const run = await bench.docker
    .getContainer(target.name)
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await run.start({ Tty: true, hijack: true, stdin: false });
  let output = '';
  for await (const chunk of stream) output += String(chunk);
  return output.replaceAll('\r\n', '\n');
}
