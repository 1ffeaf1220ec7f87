import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, expect, inject, test } from 'vitest';
import { plimsoll, type Answer } from '../cli/plimsoll.ts';
import { startDaemon as runDaemon, type Daemon } from '../support/daemon.ts';
import { services } from '../support/manifest.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const installation = `daemon-${process.pid}`;
const stack = `daemon${process.pid}`;
const directory = temporaryDirectory();
const repository = createRepository();
const docker = new Docker({ socketPath: inject('engine').socketPath });
const images = inject('images');
const environment = {
  DOCKER_HOST: `unix://${inject('engine').socketPath}`,
  PLIMSOLL_INSTALLATION: installation,
};
const started: Daemon[] = [];

repository.commit(services(stack, { web: { image: images.web1 } }), { message: 'First' });
writeFileSync(
  join(directory, 'plimsoll.yaml'),
  `sources: [{ name: main, repository: ${JSON.stringify(repository.path)}, interval: 1s }]\n`,
);

function call(...args: readonly string[]): Promise<Answer> {
  return plimsoll(args, { directory, environment });
}

function startDaemon(): Daemon {
  const daemon = runDaemon({ directory, environment });
  started.push(daemon);
  return daemon;
}

afterEach(() => {
  for (const daemon of started.splice(0)) daemon.kill();
});
afterAll(() => removeInstallation(docker, installation));

test('a daemon deploys, answers on its socket, follows commits and orders, and stops in order', async () => {
  const daemon = startDaemon();
  await daemon.until('sync finished', { stack, outcome: 'succeeded' });
  expect(statSync(join(directory, 'state', 'control.sock')).mode & 0o777).toBe(0o600);

  const status = JSON.parse((await call('status', '--json')).stdout) as Record<string, unknown>;
  expect(status).toMatchObject({
    daemon: {
      stateDirectory: join(directory, 'state'),
      engines: [{ name: 'default', host: environment.DOCKER_HOST }],
    },
    engines: [{ engine: 'default', version: expect.stringMatching(/^\d/), error: null }],
    sources: [{ source: 'main', error: null }],
    stacks: [{ stack, syncStatus: 'synced', health: 'healthy' }],
  });

  repository.commit(services(stack, { web: { image: images.web2 } }), { message: 'Second' });
  const synced = await call('sync', stack, '--json');
  expect(synced.code, synced.stdout + synced.stderr).toBe(0);
  const { Config } = await docker.getContainer(`${stack}-web-1`).inspect();
  expect(Config.Image).toBe(images.web2);

  expect((await call('pause', stack, '--for', '1h', '--why', 'a test')).code).toBe(0);
  repository.commit(services(stack, { web: { image: images.web1 } }), { message: 'Third' });
  const held = await call('sync', stack);
  expect(held.code).toBe(1);
  expect(held.stdout).toContain('a test');
  expect((await call('status')).stdout).toMatch(/paused until .*: a test/);
  const planned = await call('diff', stack);
  expect(planned.stdout).toContain(images.web1);

  expect((await call('resume', stack)).code).toBe(0);
  await daemon.until('sync finished', { stack, outcome: 'succeeded', trigger: 'manual' });
  await until('the third commit runs', async () => {
    const { Config: now } = await docker.getContainer(`${stack}-web-1`).inspect();
    return now.Image === images.web1;
  });

  expect(await daemon.stop('SIGTERM')).toBe(0);
  expect(
    daemon.records.every(({ level, message }) => typeof level === 'number' && typeof message === 'string'),
  ).toBe(true);
  expect((await docker.getContainer(`${stack}-web-1`).inspect()).State.Running).toBe(true);
  const after = JSON.parse((await call('status', '--json')).stdout) as Record<string, unknown>;
  expect(after).toMatchObject({ daemon: null, stacks: [{ stack, syncStatus: 'synced' }] });
});

test('a second daemon on the same state directory is refused and the first goes on', async () => {
  const daemon = startDaemon();
  await daemon.until('ready');
  const { code, stderr } = await plimsoll(['run', '--log', 'text'], { directory, environment });
  expect(code).toBe(1);
  expect(stderr).toMatch(/Process \d+ already uses the state directory/);
  expect((await call('status')).code).toBe(0);
  expect(await daemon.stop('SIGINT')).toBe(0);
});

test('apply beside a daemon waits for its turn and finds nothing left to do', async () => {
  const daemon = startDaemon();
  await daemon.until('ready');
  const { code, stdout } = await call('apply', '--stack', stack);
  expect(code, stdout).toBe(0);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('after kill -9 the next daemon goes on, and commands do not take the dead one for a living one', async () => {
  const daemon = startDaemon();
  await daemon.until('ready');
  await daemon.stop('SIGKILL');
  const { code, stdout } = await call('status', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ daemon: null });
  const next = startDaemon();
  await next.until('ready');
  expect((await call('sync')).code).toBe(0);
  expect(await next.stop('SIGTERM')).toBe(0);
});

test('a daemon that stopped in its tracks is told with its process id, and answers again when it goes on', async () => {
  const daemon = startDaemon();
  await daemon.until('ready');
  process.kill(daemon.pid, 'SIGSTOP');
  for (const command of [['status'], ['history'], ['sync', stack]]) {
    const { code, stderr } = await call(...command);
    expect(code).toBe(1);
    expect(stderr).toContain(`The daemon, process ${daemon.pid}, does not answer on its control socket.`);
    expect(stderr).toContain(`kill -CONT ${daemon.pid}`);
  }
  process.kill(daemon.pid, 'SIGCONT');
  expect((await call('status')).code).toBe(0);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('a sync that takes longer than any answer should is waited for as long as the daemon lives', async () => {
  const daemon = startDaemon();
  await daemon.until('ready');
  const rollout = { min_healthy_time: '7s', healthy_deadline: '30s', progress_deadline: '60s' };
  repository.commit(services(stack, { web: { image: images.web2, rollout } }), { message: 'Slow' });
  const { code, stdout, stderr } = await call('sync', stack);
  expect(code, stdout + stderr).toBe(0);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});
