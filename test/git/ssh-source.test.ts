import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SshCredentials } from '../../reconciler/git/credentials.ts';
import type { SourceOptions } from '../../reconciler/git/source.ts';
import type { Source } from '../../reconciler/model/ports.ts';
import { createRepository, type TestRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import {
  codeOf,
  contentsOf,
  errorOf,
  filesBelow,
  follow,
  listFiles,
  listTree,
  never,
  pollAndRead,
} from './following.ts';
import { startSshServer, type SshServer } from './ssh-server.ts';

let server: SshServer;

beforeAll(async () => {
  server = await startSshServer();
});

afterAll(() => server.close());

test('a repository over ssh is polled, read and followed through a force-push', async () => {
  const repository = shop();
  const source = followSsh(repository, { path: 'stacks' });
  expect(await contentsOf(await pollAndRead(source))).toEqual({ 'shop/web.yaml': 'image: web:1\n' });
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  expect(await contentsOf(await pollAndRead(source))).toEqual({ 'shop/web.yaml': 'image: web:2\n' });
  repository.commit({ 'stacks/blog/web.yaml': 'image: blog:1\n' }, { parents: [], replaceAll: true });
  expect(await contentsOf(await pollAndRead(source))).toEqual({ 'blog/web.yaml': 'image: blog:1\n' });
});

test('the short form git@host:path names the same repository', async () => {
  const repository = shop();
  const source = followSsh(repository);
  // A port cannot be written in the short form, so ssh is told of it under a host name of our own.
  const program = join(temporaryDirectory(), 'ssh');
  writeFileSync(
    program,
    `#!/bin/sh\nexec /usr/bin/ssh -o HostName=127.0.0.1 -o Port=${server.port} -o HostKeyAlias=[127.0.0.1]:${server.port} "$@"\n`,
  );
  chmodSync(program, 0o755);
  const user = /ssh:\/\/([^@]+)@/.exec(server.url)?.[1] ?? '';
  const short = follow(`${user}@forge:${repository.path}`, {
    credentials: ours(),
    environment: { PATH: `${join(program, '..')}:/usr/bin:/bin` },
  });
  expect(await short.poll(never)).toBe(await source.poll(never));
  expect(listFiles(await pollAndRead(short))).toEqual(listTree(repository, 'main'));
});

test('tags, HEAD and pinned commits are followed over ssh', async () => {
  const repository = shop();
  const first = repository.git('rev-parse', 'main');
  repository.tag('v1', first);
  const tip = repository.commit({ 'later.yaml': 'image: later:1\n' });
  expect((await pollAndRead(followSsh(repository, { ref: 'v1' }))).commit.revision).toBe(first);
  expect((await pollAndRead(followSsh(repository, { ref: first }))).commit.revision).toBe(first);
  expect((await pollAndRead(followSsh(repository, { ref: 'HEAD' }))).commit.revision).toBe(tip);
});

test('a new commit brings only what is new', async () => {
  const repository = shop();
  const cacheDirectory = temporaryDirectory();
  const source = followSsh(repository, { cacheDirectory });
  await pollAndRead(source);
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  await pollAndRead(source);
  expect(filesBelow(cacheDirectory).filter((path) => path.endsWith('.pack'))).toHaveLength(2);
  expect(filesBelow(cacheDirectory).filter((path) => /objects\/[0-9a-f]{2}\//.test(path))).toEqual([]);
});

test('a vanished branch is RefNotFound, a repository without refs an invalid advertisement', async () => {
  const repository = shop();
  repository.moveRef('refs/heads/other', repository.git('rev-parse', 'main'));
  repository.deleteRef('refs/heads/main');
  expect(await codeOf(followSsh(repository).poll(never))).toBe('RefNotFound');
  repository.deleteRef('refs/heads/other');
  expect(await codeOf(followSsh(repository).poll(never))).toBe('RefAdvertisementInvalid');
});

test('a path without a repository is SourceNotFound', async () => {
  const source = follow(`${server.url}${temporaryDirectory()}/none.git`, { credentials: ours() });
  expect(await codeOf(source.poll(never))).toBe('SourceNotFound');
});

test('a SHA-256 repository is refused clearly', async () => {
  const path = join(temporaryDirectory(), 'sha256.git');
  createRepository().git(
    'init',
    '--quiet',
    '--bare',
    '--object-format=sha256',
    '--initial-branch=main',
    path,
  );
  const empty = execFileSync('git', ['--git-dir', path, 'hash-object', '-t', 'tree', '-w', '/dev/null'], {
    encoding: 'utf8',
  }).trim();
  const who = {
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  const commit = execFileSync('git', ['--git-dir', path, 'commit-tree', empty, '-m', 'x'], {
    encoding: 'utf8',
    env: { ...process.env, ...who },
  }).trim();
  execFileSync('git', ['--git-dir', path, 'update-ref', 'refs/heads/main', commit]);
  const source = follow(`${server.url}${path}`, { credentials: ours(), environment: process.env });
  expect(await codeOf(source.poll(never))).toBe('SourceFormatUnsupported');
});

test('a key that is not let in, and no key, are SourceUnauthorized', async () => {
  const repository = shop();
  const stranger = { ...ours(), keyFile: server.keyFile.replace(/client$/, 'stranger') };
  expect(await codeOf(followSsh(repository, { credentials: stranger }).poll(never))).toBe(
    'SourceUnauthorized',
  );
  const missing = { ...ours(), keyFile: '/no/such/key' };
  expect(await codeOf(followSsh(repository, { credentials: missing }).poll(never))).toBe(
    'SourceUnauthorized',
  );
});

test('an unknown host is refused, accepted once when asked to, and refused when its key changes', async () => {
  const repository = shop();
  const knownHostsFile = join(temporaryDirectory(), 'known hosts %h');
  const at = (hostKeys: NonNullable<SshCredentials['hostKeys']>) =>
    followSsh(repository, { credentials: { ...ours(), knownHostsFile, hostKeys } }).poll(never);
  expect(await codeOf(at('strict'))).toBe('HostKeyRejected');
  await at('acceptNew');
  await at('strict');
  const stranger = `${server.keyFile.replace(/client$/, 'stranger')}.pub`;
  writeFileSync(knownHostsFile, `[127.0.0.1]:${server.port} ${readFileSync(stranger, 'utf8')}`);
  expect(await codeOf(at('acceptNew'))).toBe('HostKeyRejected');
});

test('a host that does not listen is SourceUnreachable', async () => {
  const source = follow('ssh://git@127.0.0.1:1/x.git', { credentials: ours() });
  const error = await errorOf(source.poll(never));
  expect(error).toMatchObject({ code: 'SourceUnreachable' });
  expect(error.message).toContain('Connection refused');
});

test('a machine without git is told what to install', async () => {
  const source = followSsh(shop(), { environment: { PATH: temporaryDirectory() } });
  const error = await errorOf(source.poll(never));
  expect(error).toMatchObject({ code: 'SourceUrlUnsupported' });
  expect(error.message).toContain('Install git');
});

test('a connection that hangs is killed with all that it started, and the cache stays usable', async () => {
  const repository = shop();
  const cacheDirectory = temporaryDirectory();
  const source = followSsh(repository, { cacheDirectory });
  await pollAndRead(source);
  await source.close();
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  const before = filesBelow(cacheDirectory);

  const seconds = `${86_400 + process.pid}`;
  const program = join(temporaryDirectory(), 'ssh');
  writeFileSync(program, `#!/bin/sh\nsleep ${seconds} & wait\n`);
  chmodSync(program, 0o755);
  const hanging = followSsh(repository, {
    cacheDirectory,
    timeouts: { pollMs: 300, fetchMs: 300, idleMs: 300 },
    environment: { PATH: `${join(program, '..')}:/usr/bin:/bin` },
  });
  expect(await codeOf(hanging.poll(never))).toBe('SourceTimedOut');
  const cancel = new AbortController();
  const polling = codeOf(hanging.poll(cancel.signal));
  cancel.abort();
  expect(await polling).toBe('Cancelled');
  await hanging.close();
  expect(commandLines().filter((line) => line.includes(seconds))).toEqual([]);
  expect(filesBelow(cacheDirectory)).toEqual(before);

  const again = followSsh(repository, { cacheDirectory });
  expect(await contentsOf(await pollAndRead(again))).toHaveProperty(
    ['stacks/shop/web.yaml'],
    'image: web:2\n',
  );
});

test('a damaged server repository is PackCorrupt, and the cache stays as it was', async () => {
  const repository = shop();
  const cacheDirectory = temporaryDirectory();
  const source = followSsh(repository, { cacheDirectory });
  await pollAndRead(source);
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  const polled = await source.poll(never);
  const before = filesBelow(cacheDirectory);
  const blob = repository.git('rev-parse', 'main:stacks/shop/web.yaml');
  const loose = join(repository.path, 'objects', blob.slice(0, 2), blob.slice(2));
  chmodSync(loose, 0o600);
  writeFileSync(loose, 'no object');
  expect(await codeOf(source.read(polled, never))).toBe('PackCorrupt');
  expect(filesBelow(cacheDirectory)).toEqual(before);
});

function shop(): TestRepository {
  const repository = createRepository();
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n', 'README.md': 'hello\n' });
  return repository;
}

function ours(): SshCredentials {
  return { kind: 'ssh', keyFile: server.keyFile, knownHostsFile: server.knownHostsFile };
}

function followSsh(repository: TestRepository, options: Partial<SourceOptions> = {}): Source {
  return follow(`${server.url}${repository.path}`, {
    credentials: ours(),
    environment: process.env,
    ...options,
  });
}

function commandLines(): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return processes.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  });
}
