import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import type { EngineAddress } from '../../reconciler/docker/connection.ts';
import { createCredentialProvider } from '../../reconciler/docker/auth.ts';
import { createEngine } from '../../reconciler/docker/engine.ts';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import { isSyncError } from '../../reconciler/model/error.ts';
import { name } from '../../reconciler/model/ids.ts';
import { startTestEngine } from '../support/engine.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { clientIdentity, serverIdentity } from './certificates.ts';
import {
  applyAll,
  createOperation,
  freePorts,
  look,
  made,
  makeTestImage,
  never,
  openBench,
  planOf,
  type Bench,
} from './fixture.ts';
import { startRelay } from './relay.ts';

const image = 'plimsoll-test/failures:1';
let bench: Bench;

beforeAll(async () => {
  bench = openBench();
  await makeTestImage(bench.docker, image);
});
afterAll(async () => {
  await bench.close();
});

/** What the engine at this address says to a look, as `Code: message`. */
async function failureAt(address: EngineAddress, signal = never): Promise<string> {
  const credentials = createCredentialProvider({ explicit: {}, configFile: null });
  const engine = createEngine({ address, installation: name('failing'), credentials });
  try {
    await engine.observe({ images: [], freshImages: [] }, signal);
    return 'none';
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return `${error.code}: ${error.message}`;
  } finally {
    await engine.close();
  }
}

async function failureOf(service: string, intent: Partial<ContainerIntent>) {
  const create = createOperation(bench.stack, { image, ...intent }, { service });
  const start = { kind: 'startContainer', target: made('create', create) } as const;
  return (await applyAll(bench.engine, planOf(bench.stack, { create, start }))).failure;
}

describe('an engine that cannot be reached', () => {
  test('because there is no socket', async () => {
    const path = join(temporaryDirectory(), 'docker.sock');
    expect(await failureAt({ kind: 'socket', path })).toMatch(/^EngineUnreachable: .*Is Docker running/);
  });

  test('because nobody listens on a stale socket', async () => {
    const path = join(temporaryDirectory(), 'docker.sock');
    const listen =
      'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';
    expect(() => execFileSync(process.execPath, ['-e', listen, path], { stdio: 'ignore' })).toThrow();
    expect(await failureAt({ kind: 'socket', path })).toMatch(/^EngineUnreachable: /);
  });

  test('because nobody listens on a port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const address = { kind: 'tcp', host: '127.0.0.1', port, tls: null } as const;
    expect(await failureAt(address)).toMatch(/^EngineUnreachable: /);
  });

  test('because it speaks too old an API', async () => {
    const address = await serve({
      '/version': { Version: '19.03.15', ApiVersion: '1.40', Os: 'linux', Arch: 'amd64' },
    });
    expect(await failureAt(address)).toMatch(/^EngineTooOld: Docker 19\.03\.15 speaks API 1\.40; .*Upgrade/);
  });

  test('because it takes the connection and says nothing', async () => {
    const relay = await startRelay(bench.socketPath);
    relay.cutAnswer(/^GET \/version/, 0);
    expect(await failureAt({ kind: 'socket', path: relay.path })).toMatch(/^EngineTimedOut: /);
    await relay.close();
  });

  test('because its answer breaks off in the middle', async () => {
    const relay = await startRelay(bench.socketPath);
    relay.cutAnswer(/^GET \S*\/containers\/json/, 200);
    expect(await failureAt({ kind: 'socket', path: relay.path })).toMatch(/^EngineUnreachable: /);
    await relay.close();
  });

  test('because the caller has lost interest', async () => {
    const address = { kind: 'socket', path: bench.socketPath } as const;
    expect(await failureAt(address, AbortSignal.abort())).toMatch(/^Cancelled: /);
  });
});

describe('an engine over TCP', () => {
  test('is reached with a certificate that it knows, and not without', async () => {
    const { socketPath } = bench;
    const relay = createTlsServer(
      { ...serverIdentity, requestCert: true, rejectUnauthorized: true },
      (client) => {
        const engine = connect(socketPath);
        client.pipe(engine).pipe(client);
        for (const socket of [client, engine]) socket.on('error', () => client.destroy());
      },
    );
    relay.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    onTestFinished(() => void relay.close());
    const { port } = relay.address() as AddressInfo;
    const at = { kind: 'tcp', host: '127.0.0.1', port } as const;
    expect(await failureAt({ ...at, tls: clientIdentity })).toBe('none');
    expect(await failureAt({ ...at, tls: { ...clientIdentity, ca: '' } })).toMatch(
      /^EngineUnreachable: .*certificate/,
    );
    const selfMade = { ...clientIdentity, cert: '', key: '' };
    expect(await failureAt({ ...at, tls: selfMade })).toMatch(/^EngineUnreachable: /);
  });

  test('or over a socket is the one that was named, whatever the environment says', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    expect(await failureAt({ kind: 'socket', path: bench.socketPath })).toBe('none');
    vi.unstubAllEnvs();
  });
});

describe('an engine that is killed', () => {
  test('in the middle of a plan fails the steps that need it, and serves again when it is back', async () => {
    const directory = temporaryDirectory();
    const first = await startTestEngine(directory);
    const own = openBench({ socketPath: first.socketPath });
    await makeTestImage(first.docker, image);
    const create = createOperation(own.stack, { image });
    const target = made('create', create);
    const gate = {
      minHealthyTimeMs: 60_000,
      isAnew: false,
      healthyDeadlineMs: 60_000,
      progressDeadlineMs: 60_000,
    };
    const plan = planOf(own.stack, {
      create,
      start: { kind: 'startContainer', target },
      wait: { kind: 'awaitHealthy', target, ...gate },
      stop: { kind: 'stopContainer', target, graceMs: 0 },
    });
    const applying = applyAll(own.engine, plan);
    await expect.poll(async () => (await look(own.engine)).containers[0]?.state.status).toBe('running');
    process.kill(first.processId, 'SIGKILL');
    const { ends, failure } = await applying;
    expect(ends).toEqual([
      'create: succeeded',
      'start: succeeded',
      'wait: failed EngineUnreachable',
      'stop: skipped',
    ]);
    expect(failure?.message).toContain(`container ${create.name}`);
    const second = await startTestEngine(directory);
    expect((await look(own.engine)).containers.map((found) => found.name)).toEqual([create.name]);
    await own.close();
    await second.close();
  });
});

describe('a full disk', () => {
  const directory = join(temporaryDirectory(), 'small');

  test('is told apart from other failures of a pull', async () => {
    mkdirSync(directory);
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', directory]);
    onTestFinished(() => void execFileSync('/bin/umount', ['--lazy', directory]));
    const big = `${inject('registryAddress')}/big:1`;
    const files = { 'big/file': randomBytes(30_000_000).toString('base64') };
    await makeStandInImage(bench.docker, big, { files, say: () => undefined });
    const push = await bench.docker.getImage(big).push({ authconfig: {} });
    await new Promise((resolve) => bench.docker.modem.followProgress(push, resolve));
    await bench.docker.getImage(big).remove();
    const small = await startTestEngine(join(directory, 'engine'));
    onTestFinished(() => small.close());
    const own = openBench({ socketPath: small.socketPath });
    const pull = { kind: 'pullImage', image: big, platform: null, policy: 'missing' } as const;
    const { failure } = await applyAll(own.engine, planOf(own.stack, { pull }));
    expect(failure).toMatchObject({ code: 'DiskFull', message: expect.stringContaining('docker system df') });
    await own.engine.close();
  });
});

describe('a container that cannot be had says why', () => {
  test('its name is taken', async () => {
    await bench.docker.createContainer({ Image: image, name: `${bench.stack}-named-1` });
    const failure = await failureOf('named', {});
    expect(failure).toMatchObject({
      code: 'NameTaken',
      message: expect.stringContaining(`${bench.stack}-named-1`),
    });
  });

  test('its port is taken by another container', async () => {
    const published = String((await freePorts(1))[0]);
    const ports = [{ target: 80, protocol: 'tcp', published, host_ip: '' }] as const;
    expect(await failureOf('port-first', { ports })).toBeNull();
    const failure = await failureOf('port-second', { ports });
    expect(failure).toMatchObject({
      code: 'PortTaken',
      message: expect.stringContaining('publish another one'),
    });
  });

  test('its port is taken by another process of the host', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ports = [{ target: 80, protocol: 'tcp', published: String(port), host_ip: '' }] as const;
    expect((await failureOf('port-host', { ports }))?.code).toBe('PortTaken');
    server.close();
  });

  test('its image is not there', async () => {
    expect((await failureOf('imageless', { image: 'plimsoll-test/nowhere:1' }))?.code).toBe('ImageNotFound');
  });

  test('its command is not there', async () => {
    const failure = await failureOf('commandless', { command: ['/bin/nowhere'] });
    expect(failure).toMatchObject({
      code: 'EngineRejected',
      message: expect.stringContaining('/bin/nowhere'),
    });
  });

  test('its network is not there', async () => {
    const attachment = { aliases: [], ipv4_address: null, ipv6_address: null, link_local_ips: [] };
    const failure = await failureOf('netless', {
      network_mode: 'networks',
      networks: { nowhere: attachment },
    });
    expect(failure?.code).toBe('ResourceVanished');
  });

  test('its limits are none that an engine takes', async () => {
    expect(await failureOf('tiny', { mem_limit: 1 })).toMatchObject({
      code: 'EngineRejected',
      message: expect.stringMatching(
        /^Could not create container .*-tiny-1: minimum memory limit.*change the manifest\.$/i,
      ),
    });
  });
});

/** An HTTP server that answers these paths, and nothing else. */
async function serve(answers: Readonly<Record<string, object>>): Promise<EngineAddress> {
  const server = createHttpServer((request, response) => {
    const answer = answers[(request.url ?? '').replace(/\?.*/, '')];
    response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'page not found' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: null };
}
