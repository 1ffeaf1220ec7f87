import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { DockerEngine } from '../../reconciler/docker/engine.ts';
import { containerName, name, type Name } from '../../reconciler/model/ids.ts';
import {
  applyWell,
  createOperation,
  freePorts,
  look,
  lookAtOne,
  made,
  makeTestImage,
  openBench,
  reopen,
  type Bench,
} from './fixture.ts';
import { startRelay, type Relay } from './relay.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const image = 'plimsoll-test/observe:1';
let bench: Bench;
const watching: AbortController[] = [];

beforeAll(async () => {
  bench = openBench();
  await makeTestImage(bench.docker, image, {
    changes: ['HEALTHCHECK --interval=1s CMD test ! -e /tmp/sick'],
  });
  for (const service of ['a', 'b', 'c']) {
    const create = createOperation(bench.stack, { image, networks: {}, network_mode: 'bridge' }, { service });
    await applyWell(bench, { create, start: { kind: 'startContainer', target: made('create', create) } });
  }
  // A check that turns at its own time is a change like any other.
  const healths = async () => (await look(bench.engine)).containers.map(({ state }) => state.health);
  await vi.waitFor(async () => expect(await healths()).toEqual(['healthy', 'healthy', 'healthy']), 30_000);
});
afterEach(() => {
  for (const controller of watching.splice(0)) controller.abort();
});
afterAll(async () => {
  await bench.close();
});

interface Watched {
  readonly engine: DockerEngine;
  /** Resolves with the stack of the next hint after now. */
  readonly hint: () => Promise<Name>;
}

/** An engine object with a live event stream, after its first look. */
async function watched(engine: DockerEngine): Promise<Watched> {
  const controller = new AbortController();
  watching.push(controller);
  let waiting: ((stack: Name) => void)[] = [];
  const done = engine.watch((stack) => {
    for (const resolve of waiting.splice(0)) resolve(stack);
  }, controller.signal);
  done.catch(() => undefined);
  await quiet(engine);
  return { engine, hint: () => new Promise((resolve) => (waiting = [...waiting, resolve])) };
}

/** Looks until a look needs nothing but the lists: what the stream repeated from before has then been heard. */
async function quiet(engine: DockerEngine): Promise<void> {
  await expect
    .poll(
      async () => {
        const before = engine.calls();
        await look(engine, [image]);
        return callsSince(engine, before);
      },
      { timeout: 20_000, interval: 20 },
    )
    .toEqual(noOp);
}

const noOp = { containerList: 1, networkList: 1, volumeList: 1 };

function callsSince(
  engine: DockerEngine,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const grown = Object.entries(engine.calls()).map(
    ([call, count]) => [call, count - (before[call] ?? 0)] as const,
  );
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

function container(service: string) {
  return bench.docker.getContainer(containerName(bench.stack, name(service), 1));
}

describe('a look', () => {
  test('without an event stream inspects every container of ours, and no other', async () => {
    const fresh = reopen(bench);
    await bench.docker.createContainer({ Image: image, name: `${bench.stack}-stranger` });
    const before = fresh.calls();
    const { containers, strangers } = await look(fresh, [image]);
    expect(containers.map(({ ownership }) => ownership.resource)).toEqual(['a', 'b', 'c']);
    expect(strangers.map((stranger) => stranger.name)).toContain(`${bench.stack}-stranger`);
    expect(callsSince(fresh, before)).toMatchObject({ ...noOp, containerInspect: 3 });
    await fresh.close();
  });

  test('with a live stream and nothing changed makes three calls and no inspect', async () => {
    const { engine } = await watched(reopen(bench));
    for (let pass = 0; pass < 3; pass++) {
      const before = engine.calls();
      const { containers, images } = await look(engine, [image]);
      expect(callsSince(engine, before)).toEqual(noOp);
      expect(containers).toHaveLength(3);
      expect(images[image]).not.toBeNull();
    }
    await engine.close();
  });

  test('is the same with a live stream as without one', async () => {
    const fresh = reopen(bench);
    const { engine } = await watched(reopen(bench));
    const strip = async (of: DockerEngine) => ({
      ...(await look(of, [image])),
      at: 0,
      // Those of every other test as well.
      events: [],
    });
    expect(await strip(engine)).toEqual(await strip(fresh));
    await engine.close();
    await fresh.close();
  });

  test('says which references the engine does not have', async () => {
    const { images } = await look(bench.engine, [image, 'plimsoll-test/nowhere:1']);
    expect(images['plimsoll-test/nowhere:1']).toBeNull();
    expect(images[image]?.config.command).toEqual(['/bin/wait']);
  });

  test('survives a container that vanishes in the middle of it', async () => {
    const create = createOperation(bench.stack, { image }, { service: 'brief' });
    for (let round = 0; round < 10; round++) {
      await applyWell(bench, { create });
      const [state] = await Promise.all([look(bench.engine), container('brief').remove({ force: true })]);
      expect(state.containers.length).toBeGreaterThanOrEqual(3);
    }
  });

  test('shows the host ports that strangers hold', async () => {
    const [port] = await freePorts(1);
    const stranger = await bench.docker.createContainer({
      Image: image,
      name: `${bench.stack}-holder`,
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] } },
    });
    await stranger.start();
    const { strangers } = await look(bench.engine);
    const found = strangers.find((item) => item.name === `${bench.stack}-holder`);
    expect(found).toMatchObject({ hostPorts: [`127.0.0.1:${port}/tcp`], forged: false });
    await stranger.remove({ force: true });
  });

  test('takes a container that only carries our labels for a stranger', async () => {
    const { Config } = await container('a').inspect();
    const copy = { Image: image, Labels: Config.Labels };
    const copied = await bench.docker.createContainer({ ...copy, name: `${bench.stack}-copy` });
    const { containers, strangers } = await look(bench.engine);
    expect(containers.map((found) => found.name)).not.toContain(`${bench.stack}-copy`);
    expect(strangers.find((found) => found.name === `${bench.stack}-copy`)).toMatchObject({ forged: true });
    await copied.remove();
  });
});

describe('what somebody else does to a container of ours is seen by the next look', () => {
  let engine: DockerEngine;
  let hint: Watched['hint'];

  beforeAll(() => {
    engine = reopen(bench);
  });
  afterAll(() => engine.close());

  /** Does it, waits for the hint as a resident process does, and looks. */
  async function after(change: () => Promise<unknown>, service = 'a') {
    ({ hint } = await watched(engine));
    const hinted = hint();
    await change();
    expect(await hinted).toBe(bench.stack);
    return lookAtOne(engine, containerName(bench.stack, name(service), 1));
  }

  test('docker update', async () => {
    const { spec } = await after(() => container('a').update({ CpuShares: 333 }));
    expect(spec.cpu_shares).toBe(333);
  });

  test('docker stop, and start', async () => {
    const stopped = await after(() => container('a').stop());
    expect(stopped.state).toMatchObject({ status: 'exited', exitCode: 0, health: expect.any(String) });
    expect((await after(() => container('a').start())).state.status).toBe('running');
  });

  test('docker pause, and unpause', async () => {
    expect((await after(() => container('a').pause())).state.status).toBe('paused');
    expect((await after(() => container('a').unpause())).state.status).toBe('running');
  });

  test('docker network disconnect, and connect', async () => {
    const bridge = bench.docker.getNetwork('bridge');
    const Container = containerName(bench.stack, name('a'), 1);
    expect((await after(() => bridge.disconnect({ Container }))).spec.network_mode).toBe('none');
    expect((await after(() => bridge.connect({ Container }))).spec.network_mode).toBe('bridge');
  });

  test('docker rename, after which it is not ours any more', async () => {
    ({ hint } = await watched(engine));
    const hinted = hint();
    await container('a').rename({ name: `${bench.stack}-renamed` });
    await hinted;
    const { containers, strangers } = await look(engine);
    expect(containers.map(({ ownership }) => ownership.resource)).toEqual(['b', 'c']);
    expect(strangers.find((found) => found.name === `${bench.stack}-renamed`)?.forged).toBe(true);
    const back = bench.docker.getContainer(`${bench.stack}-renamed`);
    expect((await after(() => back.rename({ name: `${bench.stack}-a-1` }))).name).toBe(`${bench.stack}-a-1`);
  });

  realTest('a health check that turns', async () => {
    await expect
      .poll(async () => (await lookAtOne(engine, `${bench.stack}-b-1`)).state.health, { timeout: 20_000 })
      .toBe('healthy');
    await run('b', 'touch /tmp/sick');
    await expect
      .poll(async () => (await lookAtOne(engine, `${bench.stack}-b-1`)).state.health, { timeout: 20_000 })
      .toBe('unhealthy');
    await run('b', 'rm /tmp/sick');
  });

  test('a tag that moves to another image', async () => {
    const moving = 'plimsoll-test/moving:1';
    const first = await makeTestImage(bench.docker, moving, { changes: ['ENV GENERATION=1'] });
    await watched(engine);
    expect((await look(engine, [moving])).images[moving]?.config.environment).toMatchObject({
      GENERATION: '1',
    });
    await makeTestImage(bench.docker, first, { changes: ['ENV GENERATION=2'] });
    await expect
      .poll(async () => (await look(engine, [moving])).images[moving]?.config.environment['GENERATION'])
      .toBe('2');
  });

  test('docker rm', async () => {
    ({ hint } = await watched(engine));
    const hinted = hint();
    await container('c').remove({ force: true });
    expect(await hinted).toBe(bench.stack);
    expect((await look(engine)).containers.map(({ ownership }) => ownership.resource)).toEqual(['a', 'b']);
  });
});

describe('an event stream that breaks', () => {
  let relay: Relay;
  beforeAll(async () => {
    relay = await startRelay(inject('engine').socketPath);
  });
  afterAll(() => relay.close());

  test('leaves nothing believed that happened in the gap, and hints at every stack when it is back', async () => {
    const engine = reopen({ ...bench, socketPath: relay.path });
    const { hint } = await watched(engine);
    relay.refuse(true);
    await container('a').update({ CpuShares: 444 });
    const hinted = hint();
    relay.refuse(false);
    expect(await hinted).toBe(bench.stack);
    expect((await lookAtOne(engine, `${bench.stack}-a-1`)).spec.cpu_shares).toBe(444);
    await quiet(engine);
    await engine.close();
  });

  test('and stays broken leaves every look right', async () => {
    const engine = reopen({ ...bench, socketPath: relay.path });
    await watched(engine);
    relay.dropEvents(true);
    await container('a').update({ CpuShares: 555 });
    expect((await lookAtOne(engine, `${bench.stack}-a-1`)).spec.cpu_shares).toBe(555);
    relay.dropEvents(false);
    await engine.close();
  });

  test('and stays silent does not hide what the list shows', async () => {
    const engine = reopen({ ...bench, socketPath: relay.path });
    await watched(engine);
    relay.muteEvents(true);
    await container('a').stop();
    expect((await lookAtOne(engine, `${bench.stack}-a-1`)).state.status).toBe('exited');
    await container('a').start();
    expect((await lookAtOne(engine, `${bench.stack}-a-1`)).state.status).toBe('running');
    relay.muteEvents(false);
    await engine.close();
  });
});

async function run(service: string, command: string): Promise<void> {
  const exec = await container(service).exec({ Cmd: ['sh', '-c', command], AttachStdout: true, Tty: true });
  const stream = await exec.start({ Tty: true, hijack: true, stdin: false });
  stream.resume();
  await once(stream, 'end');
}
