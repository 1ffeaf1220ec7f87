import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, expect, inject, test } from 'vitest';
import { prepareExample } from '../../reconciler/example.ts';
import { startPlimsoll } from '../cli/plimsoll.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const installation = `example-${process.pid}`;
const directory = temporaryDirectory();
const docker = new Docker({ socketPath: inject('engine').socketPath });
let daemon: ChildProcess | null = null;

afterAll(async () => {
  daemon?.kill('SIGKILL');
  await removeInstallation(docker, installation);
});

/** Its own would be taken while the examples themselves are tested. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function change(repository: string, path: string, edit: (text: string) => string): void {
  const file = join(repository, path);
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  execFileSync('git', [
    '-C',
    repository,
    ...who,
    'commit',
    '--quiet',
    '--all',
    '--message',
    `Change ${path}`,
  ]);
}

test('the quickstart deploys from a repository of the person, tells its address, and follows each commit', async () => {
  const { repository } = await prepareExample({
    name: 'quickstart',
    stateDirectory: join(directory, 'state'),
    at: Date.now(),
  });
  const port = await freePort();
  change(repository, 'stacks/hello/web.yaml', (text) => text.replace('8088:80', `${port}:80`));
  const environment = {
    DOCKER_HOST: `unix://${inject('engine').socketPath}`,
    PLIMSOLL_INSTALLATION: installation,
  };
  daemon = startPlimsoll(['run', '--example', 'quickstart', '--log', 'text'], { directory, environment });
  let said = '';
  daemon.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));

  await until('it tells where the page is', () => said.includes(`web  http://localhost:${port}`), 90_000);
  expect(said).toContain(`The example quickstart is a Git repository of your own: ${repository}`);
  expect(said).toMatch(/^hello {2}succeeded in /m);
  const page = (): Promise<string> => fetch(`http://localhost:${port}/`).then((answer) => answer.text());
  expect(await page()).toContain('Hello from a commit');

  change(repository, 'stacks/hello/page/index.html', () => 'Hello from the second commit\n');
  await until(
    'the second commit is served',
    async () => (await page().catch(() => '')).includes('second'),
    60_000,
  );

  const exited = once(daemon, 'exit') as Promise<[number | null]>;
  daemon.kill('SIGINT');
  expect((await exited)[0], said).toBe(0);
  expect(said).toContain('Stopping');
});
