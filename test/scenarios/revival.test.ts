import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, expect, inject, test } from 'vitest';
import type { SyncRecord } from '../../reconciler/model/event.ts';
import { plimsoll } from '../cli/plimsoll.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { services } from '../support/manifest.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const images = inject('images');
const { socketPath } = inject('engine');
const installation = `revival-${process.pid}`;
const started: Daemon[] = [];

afterEach(() => {
  for (const daemon of started.splice(0)) daemon.kill();
});
afterAll(() => removeInstallation(new Docker({ socketPath }), installation));

function start(options: Parameters<typeof startDaemon>[0]): Daemon {
  const daemon = startDaemon(options);
  started.push(daemon);
  return daemon;
}

function serverOf(stateDirectory: string): number {
  return Number.parseInt(readFileSync(join(stateDirectory, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

test('a database that is killed during a sync is started again, and the sync comes to its recorded end', async () => {
  const directory = temporaryDirectory();
  const stack = `revival${process.pid}`;
  const repository = createRepository();
  const rollout = { min_healthy_time: '3s', healthy_deadline: '30s', progress_deadline: '60s' };
  repository.commit(services(stack, { web: { image: images.web1, rollout } }));
  writeFileSync(
    join(directory, 'plimsoll.yaml'),
    `sources: [{ name: main, repository: ${JSON.stringify(repository.path)}, interval: 1s }]\n`,
  );
  const environment = { DOCKER_HOST: `unix://${socketPath}`, PLIMSOLL_INSTALLATION: installation };
  const daemon = start({ directory, environment });
  await daemon.until('sync planned', { stack });
  process.kill(serverOf(join(directory, 'state')), 'SIGKILL');
  await daemon.until('trouble', { code: 'StoreUnreachable' });
  await daemon.until('recovered', { detail: 'The embedded database answers again.' });

  // A connection of before may still hand out the word that it was cut, once; the attempt says so and is repeated.
  await until('a sync that is asked for succeeds', async () => {
    const asked = await plimsoll(['sync', stack], { directory, environment });
    return asked.code === 0;
  });
  const { stdout } = await plimsoll(['history', '--stack', stack, '--json'], { directory, environment });
  const { syncs } = JSON.parse(stdout) as { readonly syncs: readonly SyncRecord[] };
  expect(syncs.map(({ outcome }) => outcome)).not.toContain(null);
  expect(syncs.some(({ outcome }) => outcome === 'succeeded' || outcome === 'unchanged')).toBe(true);
  expect(await daemon.stop('SIGTERM')).toBe(0);
});

test('a private engine that is killed under its daemon is started again with its containers, and the daemon goes on', async () => {
  const directory = temporaryDirectory();
  const environment = { DOCKER_HOST: '', PLIMSOLL_INSTALLATION: installation };
  const daemon = start({ directory, environment, args: ['--example', 'replicas'] });
  const { engines } = (await daemon.until('ready')) as { engines?: readonly { readonly host: string }[] };
  const socket = engines?.[0]?.host.slice('unix://'.length) ?? '';
  // On a machine whose own engine answers, no private one may stand beside it.
  if (!socket.startsWith('/run/plimsoll-')) return expect(await daemon.stop('SIGTERM')).toBe(0);
  await daemon.until('sync finished', { outcome: 'succeeded' });
  const docker = new Docker({ socketPath: socket });
  const processes = async (): Promise<readonly string[]> => {
    const listed = await docker.listContainers();
    const inspected = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
    return inspected.map(({ Name, State }) => `${Name} ${State.Pid}`).sort();
  };
  const before = await processes();
  process.kill(dockerdBeside(socket), 'SIGKILL');
  await daemon.until('trouble', { code: 'EngineUnreachable' });
  await daemon.until('recovered');

  const asked = await plimsoll(['sync'], { directory, environment });
  expect(asked.code, asked.stdout + asked.stderr).toBe(0);
  expect(before.length).toBeGreaterThan(0);
  expect(await processes()).toEqual(before);
  expect(await daemon.stop('SIGTERM')).toBe(0);
  expect(readdirSync('/proc').filter((id) => commandLine(id).includes(socket))).toEqual([]);
});

function dockerdBeside(socket: string): number {
  const config = socket.replace('docker.sock', 'daemon.json');
  const ids = readdirSync('/proc').filter((id) => /^[0-9]+$/.test(id));
  return Number(ids.find((id) => commandLine(id).includes(config)));
}

function commandLine(id: string): readonly string[] {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
