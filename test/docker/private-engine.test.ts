import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { keepEngine } from '../../reconciler/docker/private-keeper.ts';
import { startPrivateEngine, type PrivateEngine } from '../../reconciler/docker/private.ts';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import { engineUnderTest } from '../support/engine.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const started = new Map<number, PrivateEngine>();

afterEach(async () => {
  await Promise.all([...started.values()].map((engine) => engine.stop()));
  started.clear();
});

describe('a private engine', () => {
  test('answers on its own socket, beside the engine of the run', async () => {
    const engine = await start(temporaryDirectory());
    expect(engine).toMatchObject({ adopted: false, version: inject('engine').version });
    expect(engine.socketPath).not.toBe(inject('engine').socketPath);
    expect(await docker(engine).listContainers({ all: true })).toEqual([]);
  });

  test('lets containers of one network talk, publish ports and reach out, and keeps networks apart', async () => {
    const client = docker(await start(temporaryDirectory()));
    await makeStandInImage(client, 'web:1', { say: ignore });
    await client.createNetwork({ Name: 'front', CheckDuplicate: true });
    await client.createNetwork({ Name: 'back', CheckDuplicate: true });
    const web = await run(client, { name: 'web', network: 'front', publish: true });

    const { NetworkSettings: settings } = await web.inspect();
    const address = settings.Networks['front']?.IPAddress;
    const port = settings.Ports['80/tcp']?.[0]?.HostPort;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('A stand-in for web:1\n');
    expect(await runToEnd(client, 'front', 'wget -qO- http://web/')).toContain('A stand-in for web:1');
    expect(await runToEnd(client, 'back', `nc -w 1 ${address} 80 < /dev/null || echo apart`)).toContain(
      'apart',
    );
    const host = settings.Networks['front']?.Gateway;
    expect(await runToEnd(client, 'back', `ping -c 1 -W 2 ${host} && echo reached`)).toContain('reached');
  });

  test('is adopted by the next start for the same state directory', async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    const second = await start(directory);
    expect(second).toMatchObject({ adopted: true, processId: first.processId });
    expect(daemonsOf(first.socketPath)).toHaveLength(1);
  });

  test('comes back with its containers after kill -9, on the same addresses', async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    await makeStandInImage(docker(first), 'web:1', { say: ignore });
    await docker(first).createNetwork({ Name: 'front', CheckDuplicate: true });
    await run(docker(first), { name: 'web', network: 'front' });
    const before = readNetwork(directory);
    const { State: state } = await docker(first).getContainer('web').inspect();
    process.kill(first.processId, 'SIGKILL');
    await until('it was gone', () => !first.isRunning());

    const second = await start(directory);
    expect(second).toMatchObject({ adopted: false, socketPath: first.socketPath });
    expect(readNetwork(directory)).toEqual(before);
    const after = await docker(second).getContainer('web').inspect();
    expect(after.State).toMatchObject({ Running: true, Pid: state.Pid, StartedAt: state.StartedAt });
    expect(daemonsOf(second.socketPath)).toEqual([second.processId]);
    await docker(second).getContainer('web').remove({ force: true });
    await run(docker(second), { name: 'web', network: 'front' });
  });

  test('goes on with the health checks of the containers that it takes over', async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    await makeStandInImage(docker(first), 'web:1', { say: ignore });
    const web = await docker(first).createContainer({
      name: 'web',
      Image: 'web:1',
      Healthcheck: { Test: ['CMD', 'true'], Interval: 200_000_000, Timeout: 5_000_000_000, Retries: 3 },
    });
    await web.start();
    const probedAt = async (engine: PrivateEngine): Promise<string> => {
      const { State } = await docker(engine).getContainer('web').inspect();
      return State.Health?.Log.at(-1)?.Start ?? '';
    };
    await until('it was probed', async () => (await probedAt(first)) !== '');
    process.kill(first.processId, 'SIGKILL');
    await until('it was gone', () => !first.isRunning());

    const second = await start(directory);
    const before = await probedAt(second);
    await until('it is probed again', async () => (await probedAt(second)) > before);
  });

  test('is started again when it ends by itself, told once, while its containers serve on', async () => {
    const engine = await start(temporaryDirectory());
    await makeStandInImage(docker(engine), 'web:1', { say: ignore });
    await docker(engine).createNetwork({ Name: 'front', CheckDuplicate: true });
    const web = await run(docker(engine), { name: 'web', network: 'front', publish: true });
    const { State: state } = await web.inspect();
    const told: string[] = [];
    const keeper = keepEngine(engine, {
      onTrouble: ({ message }) => told.push(message),
      onRecovery: (message) => told.push(message),
    });
    for (const round of [1, 2]) {
      process.kill(Number(daemonsOf(engine.socketPath)), 'SIGKILL');
      await until('it answers again', () => told.length === 2 * round);
    }
    expect(told).toEqual([
      expect.stringMatching(/\(process \d+\) ended by itself; it is started again/),
      expect.stringMatching(/answers again, as process \d+/),
      expect.stringMatching(/\(process \d+\) ended by itself; it is started again/),
      expect.stringMatching(/answers again, as process \d+/),
    ]);
    const { State: after, NetworkSettings: settings } = await web.inspect();
    expect(after).toMatchObject({ Running: true, Pid: state.Pid, StartedAt: state.StartedAt });
    const port = settings.Ports['80/tcp']?.[0]?.HostPort;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('A stand-in for web:1\n');
    await keeper.stop();
    await engine.stop();
    expect(daemonsOf(engine.socketPath)).toEqual([]);
    expect(existsSync(`/proc/${state.Pid}`)).toBe(false);
  });

  test('is replaced when it is alive and does not answer', async () => {
    const directory = temporaryDirectory();
    const first = await start(directory);
    process.kill(first.processId, 'SIGSTOP');
    const second = await startPrivateEngine({
      stateDirectory: directory,
      deadlineMs: 5_000,
      ...engineUnderTest(),
    });
    started.set(second.processId, second);
    expect(second.adopted).toBe(false);
    expect(daemonsOf(second.socketPath)).toEqual([second.processId]);
  });

  test('leaves no process, bridge, firewall rule or mount behind when it stops', async () => {
    const directory = temporaryDirectory();
    const engine = await start(directory);
    const { bridge, range } = readNetwork(directory);
    await makeStandInImage(docker(engine), 'web:1', { say: ignore });
    await docker(engine).createNetwork({ Name: 'front', CheckDuplicate: true });
    await run(docker(engine), { name: 'web', network: 'front', publish: true });
    expect(host('ip', '-br', 'link')).toContain(bridge);

    await engine.stop();
    const prefix = range.split('.').slice(0, 2).join('.');
    expect(host('ip', '-br', '-4', 'address')).not.toMatch(new RegExp(`${bridge}|${prefix}\\.`));
    expect(host('iptables', '-S') + host('iptables', '-t', 'nat', '-S')).not.toMatch(
      new RegExp(`${bridge}|${prefix}\\.`, 'i'),
    );
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory);
    expect(daemonsOf(engine.socketPath)).toEqual([]);
    expect(existsSync(engine.socketPath)).toBe(false);
  });

  test('those that start at once get different addresses', async () => {
    const directories = [temporaryDirectory(), temporaryDirectory(), temporaryDirectory()];
    await Promise.all(directories.map(start));
    expect(new Set(directories.map((directory) => readNetwork(directory).range)).size).toBe(3);
  });

  test('that cannot start says why, with the end of its log, and leaves nothing', async () => {
    const directory = temporaryDirectory();
    const engine = await start(directory);
    const programs = temporaryDirectory();
    execFileSync('sh', [
      '-c',
      `printf '#!/bin/sh\\necho the hull leaks >&2\\nexit 1\\n' > ${programs}/dockerd`,
    ]);
    execFileSync('chmod', ['+x', join(programs, 'dockerd')]);
    await engine.stop();
    await expect(startPrivateEngine({ stateDirectory: directory, programs })).rejects.toMatchObject({
      code: 'EngineUnreachable',
      message: expect.stringContaining('the hull leaks') as string,
    });
    expect(host('ip', '-br', 'link')).not.toContain(readNetwork(directory).bridge);
  });

  test('gives up when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(startPrivateEngine({ stateDirectory: temporaryDirectory(), signal })).rejects.toThrow(
      'enough',
    );
  });
});

async function start(stateDirectory: string): Promise<PrivateEngine> {
  const engine = await startPrivateEngine({ stateDirectory, ...engineUnderTest() });
  started.set(engine.processId, engine);
  return engine;
}

function docker({ socketPath }: PrivateEngine): Docker {
  return new Docker({ socketPath });
}

interface RunOptions {
  readonly name: string;
  readonly network: string;
  readonly publish?: boolean;
}

async function run(
  client: Docker,
  { name, network, publish = false }: RunOptions,
): Promise<Docker.Container> {
  // Engines that draw their ports side by side draw the same ones.
  const hostPort = String(await freePort());
  const container = await client.createContainer({
    name,
    Image: 'web:1',
    ExposedPorts: { '80/tcp': {} },
    HostConfig: {
      NetworkMode: network,
      ...(publish && { PortBindings: { '80/tcp': [{ HostPort: hostPort }] } }),
    },
  });
  await container.start();
  return container;
}

/** What the command wrote. */
async function runToEnd(client: Docker, network: string, command: string): Promise<string> {
  const container = await client.createContainer({
    Image: 'web:1',
    Cmd: ['sh', '-c', command],
    Tty: true,
    HostConfig: { NetworkMode: network },
  });
  await container.start();
  await container.wait();
  const log = await container.logs({ stdout: true, stderr: true });
  return log.toString();
}

/** The dockerd processes whose configuration lies beside this socket. */
function daemonsOf(socketPath: string): number[] {
  const config = socketPath.replace('docker.sock', 'daemon.json');
  return readdirSync('/proc')
    .map(Number)
    .filter((id) => Number.isInteger(id) && commandLine(id).includes(config));
}

function commandLine(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function readNetwork(directory: string): { bridge: string; range: string } {
  const file = join(directory, 'engine', 'network.json');
  return JSON.parse(readFileSync(file, 'utf8')) as { bridge: string; range: string };
}

function host(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

function ignore(): void {}
