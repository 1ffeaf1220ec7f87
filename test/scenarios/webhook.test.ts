import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { plimsoll, startPlimsoll } from '../cli/plimsoll.ts';
import { freePort } from '../support/free-port.ts';
import { startGitServer, type GitServer } from '../support/git-server.ts';
import { services } from '../support/manifest.ts';
import { startRegistry, type Registry } from '../support/registry.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { githubHeaders, githubPush, secret, send, type Sent } from '../webhook/receiving.ts';

const installation = `webhook-${process.pid}`;
const [shop, blog, side] = ['shop', 'blog', 'side'].map((name) => `${name}${process.pid}`) as [
  string,
  string,
  string,
];
const directory = temporaryDirectory();
const repository = createRepository();
const docker = new Docker({ socketPath: inject('engine').socketPath });
const images = inject('images');
const environment: Record<string, string> = {
  DOCKER_HOST: `unix://${inject('engine').socketPath}`,
  PLIMSOLL_INSTALLATION: installation,
};
const records: Readonly<Record<string, unknown>>[] = [];
let git: GitServer;
let registry: Registry;
let daemon: ChildProcess;
let url: string;
let followed: string;

/** A daemon that would poll in ten minutes, so that whatever happens sooner is a webhook's work. */
beforeAll(async () => {
  const address = `127.0.0.1:${await freePort()}`;
  url = `http://${address}`;
  environment['PLIMSOLL_LISTEN'] = address;
  git = await startGitServer(repository.path);
  registry = await startRegistry({
    directory: temporaryDirectory(),
    notify: { url: `${url}/hooks/images`, authorization: `Bearer ${secret}` },
  });
  followed = `${registry.address}/web:latest`;
  await publish(images.web1);
  commit({ web: images.web1 });
  writeFileSync(
    join(directory, 'plimsoll.yaml'),
    JSON.stringify({
      sources: [{ name: 'main', repository: git.url, ref: 'main', interval: '10m' }],
      receivers: [
        { name: 'github', provider: 'github', secrets: [secret] },
        { name: 'images', provider: 'registry', secrets: [secret] },
        { name: 'ci', provider: 'generic', secrets: [secret] },
      ],
    }),
  );
  daemon = startPlimsoll(['run', '--log', 'json'], { directory, environment });
  if (daemon.stderr === null) throw new Error('its log cannot be read');
  createInterface({ input: daemon.stderr }).on('line', (line) => {
    records.push(JSON.parse(line) as Record<string, unknown>);
  });
  await until('everything runs', () => [shop, blog, side].every((stack) => ends(stack).length > 0), 90_000);
}, 120_000);

afterAll(async () => {
  const exited = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await exited;
  await removeInstallation(docker, installation);
  await git.close();
  await registry.close();
});

interface Versions {
  readonly web: string;
  readonly page?: string;
}

/** Three stacks: one with a file that it refers to, one that nothing changes, one that follows a tag. */
function commit({ web, page = 'one' }: Versions): string {
  return repository.commit(
    {
      ...services(shop, { web: { image: web } }),
      ...services(blog, {
        web: { image: images.web1, configs: [{ file: 'page.txt', target: '/www/page.txt' }] },
      }),
      [`stacks/${blog}/page.txt`]: page,
      ...services(side, { web: { image: followed, pull_policy: 'always' } }),
    },
    { message: `web ${web}, page ${page}` },
  );
}

/** Moves the followed tag, which the registry then tells. */
async function publish(image: string): Promise<void> {
  const pulled = await docker.pull(image);
  await new Promise((resolve) => docker.modem.followProgress(pulled, resolve));
  const [repo, tag] = [followed.slice(0, followed.lastIndexOf(':')), 'latest'];
  await docker.getImage(image).tag({ repo, tag });
  const pushed = await docker
    .getImage(followed)
    .push({ authconfig: { username: '', password: '', serveraddress: '' } });
  await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
  await docker.getImage(followed).remove();
}

function ends(stack: string): readonly Readonly<Record<string, unknown>>[] {
  return records.filter((record) => record['message'] === 'sync finished' && record['stack'] === stack);
}

async function nextEnd(stack: string, after: number): Promise<Readonly<Record<string, unknown>>> {
  return until(`a sync of ${stack} ends`, () => ends(stack)[after], 60_000);
}

function push(revision: string, ref = 'refs/heads/main'): Promise<Sent> {
  const body = githubPush({ repository: git.url, ref, after: revision });
  return send({ url: `${url}/hooks/github`, body, headers: githubHeaders('push', body) });
}

async function imageOf(stack: string): Promise<string> {
  const { Image } = await docker.getContainer(`${stack}-web-1`).inspect();
  return Image;
}

test('a push rolls the containers of just those stacks that it changes', async () => {
  const before = [shop, blog, side].map((stack) => ends(stack).length);
  const sent = await push(commit({ web: images.web2 }));
  expect(sent).toMatchObject({ status: 202, body: { result: 'acted', reason: 'Looking at main now.' } });
  expect(await nextEnd(shop, before[0] ?? 0)).toMatchObject({ outcome: 'succeeded', trigger: 'webhook' });
  const { Config } = await docker.getContainer(`${shop}-web-1`).inspect();
  expect(Config.Image).toBe(images.web2);
  expect([blog, side].map((stack) => ends(stack).length)).toEqual(before.slice(1));
});

test('a push that changes only a file which a service refers to touches that service', async () => {
  const before = [shop, blog].map((stack) => ends(stack).length);
  await push(commit({ web: images.web2, page: 'two' }));
  expect(await nextEnd(blog, before[1] ?? 0)).toMatchObject({ outcome: 'succeeded', trigger: 'webhook' });
  expect(ends(shop).length).toBe(before[0]);
});

test('a hint of a commit that the server does not show yet is followed until it does', async () => {
  const before = ends(shop).length;
  const requests = git.requests.length;
  await push('f'.repeat(40));
  await until('the source was looked at', () => git.requests.length > requests);
  commit({ web: images.web1, page: 'two' });
  expect(await nextEnd(shop, before)).toMatchObject({ outcome: 'succeeded', trigger: 'webhook' });
});

test('a push to another branch touches nothing', async () => {
  const requests = git.requests.length;
  expect(await push('e'.repeat(40), 'refs/heads/topic')).toMatchObject({ body: { result: 'ignored' } });
  expect(git.requests.length).toBe(requests);
});

test('an image that is pushed to a registry rolls the stack that follows its tag', async () => {
  const [before, image] = [ends(side).length, await imageOf(side)];
  await publish(images.web2);
  expect(await nextEnd(side, before)).toMatchObject({ outcome: 'succeeded', trigger: 'webhook' });
  expect(await imageOf(side)).not.toBe(image);
});

test('sync --url is heard, and deliveries tells of everything', async () => {
  const file = join(directory, 'secret');
  writeFileSync(file, secret);
  const { stdout } = await plimsoll(['sync', shop, '--url', `${url}/hooks/ci`, '--secret-file', file]);
  expect(stdout).toBe(`acted: Stack ${shop} is synced now.\n`);
  const { code, stdout: told } = await plimsoll(['deliveries'], { directory, environment });
  expect(code).toBe(0);
  expect(told).toContain('refs/heads/topic is not followed: main follows main.');
  expect(told).toContain(`image ${followed}`);
  expect(told).toContain(`look at all sources, sync ${shop}`);
});
