import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { createRepository } from '../support/repository.ts';
import { startGitServer } from '../support/git-server.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import {
  closeLater,
  codeOf,
  contentsOf,
  errorOf,
  filesBelow,
  follow,
  never,
  pollAndRead,
  serve,
} from './following.ts';

test('a branch is polled and read, its commit described and its path cut off', async () => {
  const { repository, server } = await serve();
  const id = repository.commit(
    { 'stacks/shop/db.yaml': 'image: db:1\n' },
    { message: 'Add a database\n\nAt last.' },
  );
  const snapshot = await pollAndRead(follow(server.url, { path: 'stacks' }));
  expect(await contentsOf(snapshot)).toEqual({
    'shop/db.yaml': 'image: db:1\n',
    'shop/web.yaml': 'image: web:1\n',
  });
  expect(snapshot.problems).toEqual([]);
  expect(snapshot.commit).toEqual({
    revision: id,
    author: 'Ada Shipwright <ada@example.com>',
    message: 'Add a database\n\nAt last.',
    committedAt: 1_700_000_120_000,
  });
});

test('an unmoved ref costs one advertisement and no fetch', async () => {
  const { server } = await serve();
  const source = follow(server.url);
  await pollAndRead(source);
  const before = server.requests.length;
  await pollAndRead(source);
  expect(server.requests.slice(before)).toEqual([
    'GET /repository.git/info/refs?service=git-upload-pack',
    'POST /repository.git/git-upload-pack',
  ]);
});

test('a cache from an earlier run is read without a fetch', async () => {
  const { server } = await serve();
  const cacheDirectory = temporaryDirectory();
  const first = follow(server.url, { cacheDirectory });
  const { commit } = await pollAndRead(first);
  await first.close();
  const before = server.requests.length;
  const snapshot = await follow(server.url, { cacheDirectory }).read(commit.revision, never);
  expect(await contentsOf(snapshot)).toHaveProperty(['README.md'], 'hello\n');
  expect(server.requests).toHaveLength(before);
});

test('a new commit brings only what is new', async () => {
  const { repository, server } = await serve();
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_unused, index) => [`stacks/s${index}/web.yaml`, `image: web:${index}\n`]),
  );
  repository.commit(many);
  const cacheDirectory = temporaryDirectory();
  const source = follow(server.url, { cacheDirectory });
  await pollAndRead(source);
  repository.commit({ 'stacks/s7/web.yaml': 'image: web:new\n' });
  const snapshot = await pollAndRead(source);
  expect(await contentsOf(snapshot)).toHaveProperty(['stacks/s7/web.yaml'], 'image: web:new\n');
  const objects = filesBelow(cacheDirectory)
    .filter((path) => path.endsWith('.idx'))
    .map((path) => countObjects(`${cacheDirectory}/${path}`))
    .sort((a, b) => a - b);
  // A commit, three trees on the way down, and the file; the first pack has everything.
  expect(objects).toEqual([5, expect.any(Number)]);
  expect(objects[1]).toBeGreaterThan(600);
});

test('a force-push to an unrelated history is followed', async () => {
  const { repository, server } = await serve();
  const source = follow(server.url);
  await pollAndRead(source);
  const forced = repository.commit({ 'other.yaml': 'image: other:1\n' }, { parents: [], replaceAll: true });
  const snapshot = await pollAndRead(source);
  expect(snapshot.commit.revision).toBe(forced);
  expect(await contentsOf(snapshot)).toEqual({ 'other.yaml': 'image: other:1\n' });
});

test('a force-push back to an older commit is followed', async () => {
  const { repository, server } = await serve();
  const source = follow(server.url);
  const first = await pollAndRead(source);
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  await pollAndRead(source);
  repository.moveRef('refs/heads/main', first.commit.revision);
  const snapshot = await pollAndRead(source);
  expect(snapshot.commit).toEqual(first.commit);
  expect(await contentsOf(snapshot)).toEqual(await contentsOf(first));
});

test('content that went and came back is read again', async () => {
  const { repository, server } = await serve();
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  const source = follow(server.url);
  await pollAndRead(source);
  // web:1 is in the history that a shallow copy does not have.
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n' });
  const snapshot = await pollAndRead(source);
  expect(await contentsOf(snapshot)).toHaveProperty(['stacks/shop/web.yaml'], 'image: web:1\n');
});

test('a snapshot stays readable after the source has moved on', async () => {
  const { repository, server } = await serve();
  const source = follow(server.url);
  const old = await pollAndRead(source);
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' }, { parents: [] });
  await pollAndRead(source);
  expect(await contentsOf(old)).toHaveProperty(['stacks/shop/web.yaml'], 'image: web:1\n');
});

test('an annotated tag stands for its commit, even a tag of a tag', async () => {
  const { repository, server } = await serve();
  const commit = repository.git('rev-parse', 'main');
  repository.tag('v2', repository.tag('v1', commit));
  repository.commit({ 'later.yaml': 'image: later:1\n' });
  const snapshot = await pollAndRead(follow(server.url, { ref: 'v2' }));
  expect(snapshot.commit.revision).toBe(commit);
  expect(await contentsOf(snapshot)).not.toHaveProperty(['later.yaml']);
});

test('a tag is read by a process that never polled', async () => {
  const { repository, server } = await serve();
  const commit = repository.git('rev-parse', 'main');
  repository.tag('v1', commit);
  repository.commit({ 'later.yaml': 'image: later:1\n' });
  const polled = await follow(server.url, { ref: 'refs/tags/v1' }).poll(never);
  const snapshot = await follow(server.url, { ref: 'refs/tags/v1' }).read(polled, never);
  expect(snapshot.commit.revision).toBe(commit);
});

test('a lightweight tag and full names are followed, and a branch wins over a tag of its name', async () => {
  const { repository, server } = await serve();
  const old = repository.git('rev-parse', 'main');
  repository.moveRef('refs/tags/main', old);
  const tip = repository.commit({ 'later.yaml': 'image: later:1\n' });
  const poll = (ref: string) => follow(server.url, { ref }).poll(never);
  expect(await poll('main')).toBe(tip);
  expect(await poll('refs/heads/main')).toBe(tip);
  expect(await poll('refs/tags/main')).toBe(old);
  expect(await poll('HEAD')).toBe(tip);
});

test('a branch is not mistaken for one whose name it begins', async () => {
  const { repository, server } = await serve();
  repository.commit({ 'x.yaml': 'x\n' }, { branch: 'main-2' });
  repository.deleteRef('refs/heads/main');
  expect(await codeOf(follow(server.url).poll(never))).toBe('RefNotFound');
});

test('a pinned commit needs no poll, and is found behind the tips of a plain server', async () => {
  const { repository, server } = await serve();
  const old = repository.git('rev-parse', 'main');
  repository.commit({ 'later.yaml': 'image: later:1\n' });
  const source = follow(server.url, { ref: old });
  expect(await source.poll(never)).toBe(old);
  expect(server.requests).toEqual([]);
  const snapshot = await source.read(await source.poll(never), never);
  expect(Object.keys(await contentsOf(snapshot))).toEqual(['README.md', 'stacks/shop/web.yaml']);
});

test('a pinned commit that the server never had is missing, not empty', async () => {
  const { server } = await serve();
  const source = follow(server.url, { ref: 'a'.repeat(40) });
  const revision = await source.poll(never);
  expect(await codeOf(source.read(revision, never))).toMatch(/ObjectMissing|PackCorrupt/);
});

test('a commit that was rewritten between poll and read is missing, and the next poll helps', async () => {
  const { repository, server } = await serve();
  const source = follow(server.url);
  const polled = await source.poll(never);
  repository.commit({ 'new.yaml': 'image: new:1\n' }, { parents: [], replaceAll: true });
  expect(await codeOf(source.read(polled, never))).toBe('ObjectMissing');
  expect(await contentsOf(await pollAndRead(source))).toEqual({ 'new.yaml': 'image: new:1\n' });
});

test('a server whose HEAD names a branch that nobody pushed is read', async () => {
  const { repository, server } = await serve();
  repository.git('symbolic-ref', 'HEAD', 'refs/heads/master');
  const source = follow(server.url);
  await pollAndRead(source);
  repository.commit({ 'later.yaml': 'image: later:1\n' });
  expect(await contentsOf(await pollAndRead(source))).toHaveProperty(['later.yaml']);
  expect(await codeOf(follow(server.url, { ref: 'HEAD' }).poll(never))).toBe('RefNotFound');
});

test('a server that speaks only the first version of the protocol is followed', async () => {
  const { repository, server } = await serve();
  repository.tag('v1', repository.git('rev-parse', 'main'));
  const url = await listen(
    (request, response) => void forwardWithoutVersion(request, { to: server.url, response }),
  );
  const source = follow(`${url}/repository.git`);
  const tagged = await pollAndRead(follow(`${url}/repository.git`, { ref: 'v1' }));
  expect((await pollAndRead(source)).commit).toEqual(tagged.commit);
  repository.commit({ 'later.yaml': 'image: later:1\n' });
  expect(await contentsOf(await pollAndRead(source))).toHaveProperty(['later.yaml']);
  repository.deleteRef('refs/heads/main');
  expect(await codeOf(source.poll(never))).toBe('RefNotFound');
});

test('a path that is not in the commit is a condition, not an empty listing', async () => {
  const { server } = await serve();
  expect(await codeOf(pollAndRead(follow(server.url, { path: 'gone' })))).toBe('SourcePathNotFound');
  expect(await codeOf(pollAndRead(follow(server.url, { path: 'README.md' })))).toBe('SourcePathNotFound');
});

test('a vanished branch is RefNotFound, and comes back', async () => {
  const { repository, server } = await serve();
  const source = follow(server.url);
  const { commit } = await pollAndRead(source);
  repository.moveRef('refs/heads/other', commit.revision);
  repository.deleteRef('refs/heads/main');
  expect(await codeOf(source.poll(never))).toBe('RefNotFound');
  repository.moveRef('refs/heads/main', commit.revision);
  expect(await source.poll(never)).toBe(commit.revision);
});

test('a repository without any ref is an invalid advertisement, not an empty repository', async () => {
  const repository = createRepository();
  const server = closeLater(await startGitServer(repository.path));
  expect(await codeOf(follow(server.url).poll(never))).toBe('RefAdvertisementInvalid');
});

test.each([401, 403])('status %i is SourceUnauthorized', async (status) => {
  expect(await codeOfFault({ kind: 'status', status })).toEqual(['SourceUnauthorized', 'SourceUnauthorized']);
});

test.each([404, 410])('status %i is SourceNotFound', async (status) => {
  expect(await codeOfFault({ kind: 'status', status })).toEqual(['SourceNotFound', 'SourceNotFound']);
});

test.each([429, 500, 502, 503])('status %i is SourceUnreachable', async (status) => {
  expect(await codeOfFault({ kind: 'status', status })).toEqual(['SourceUnreachable', 'SourceUnreachable']);
});

test('a server that accepts and never answers is SourceTimedOut', async () => {
  expect(await codeOfFault({ kind: 'hang' })).toEqual(['SourceTimedOut', 'SourceTimedOut']);
});

test.each([0, 3, 4, 30, 34, 60, 120])(
  'an advertisement cut after %i bytes is RefAdvertisementInvalid',
  async (bytes) => {
    const [poll, read] = await codeOfFault({ kind: 'truncateAdvertisement', bytes });
    expect(poll).toBe('RefAdvertisementInvalid');
    expect(['RefAdvertisementInvalid', 'PackCorrupt', 'ObjectMissing']).toContain(read);
  },
);

test.each([0, 4, 40, 100, 300])('a pack cut after %i bytes is PackCorrupt', async (bytes) => {
  const [, read] = await codeOfFault({ kind: 'truncatePack', bytes });
  expect(read).toBe('PackCorrupt');
});

test('a pack with other bytes than its checksum is PackCorrupt', async () => {
  const [, read] = await codeOfFault({ kind: 'corruptPack' });
  expect(read).toBe('PackCorrupt');
});

test('a server that is not there is SourceUnreachable, as is a host without a name', async () => {
  const { server } = await serve();
  await server.close();
  expect(await codeOf(follow(server.url).poll(never))).toBe('SourceUnreachable');
  expect(await codeOf(follow('http://no-such-host.invalid/x.git').poll(never))).toBe('SourceUnreachable');
});

test('a web page instead of a repository is an invalid advertisement', async () => {
  const url = await listen((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  );
  expect(await codeOf(follow(url).poll(never))).toBe('RefAdvertisementInvalid');
});

test('an answer that stalls in the middle is SourceTimedOut', async () => {
  const url = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
    response.write('001e# service=git-upload-pack\n');
  });
  expect(await codeOf(follow(url, { timeouts: { idleMs: 200 } }).poll(never))).toBe('SourceTimedOut');
});

test('a cancelled poll and a cancelled read end at once', async () => {
  const { server } = await serve();
  const source = follow(server.url);
  const revision = await source.poll(never);
  server.fail({ kind: 'hang' });
  const poll = new AbortController();
  const polling = codeOf(source.poll(poll.signal));
  poll.abort();
  expect(await polling).toBe('Cancelled');
  const read = new AbortController();
  const reading = codeOf(source.read(revision, read.signal));
  read.abort();
  expect(await reading).toBe('Cancelled');
  expect(await codeOf(source.poll(AbortSignal.abort()))).toBe('Cancelled');
});

test('a pack larger than allowed is SourceTooLarge and is not read to its end', async () => {
  const { repository, server } = await serve();
  repository.commit({ 'big.bin': Buffer.from(Array.from({ length: 200_000 }, () => Math.random() * 256)) });
  const source = follow(server.url, { maxBytes: 50_000 });
  expect(await codeOf(pollAndRead(source))).toBe('SourceTooLarge');
});

test('a SHA-256 repository is refused clearly', async () => {
  const path = `${temporaryDirectory()}/sha256.git`;
  const repository = createRepository();
  repository.git('init', '--quiet', '--bare', '--object-format=sha256', '--initial-branch=main', path);
  const server = closeLater(await startGitServer(path));
  const error = await errorOf(follow(server.url).poll(never));
  expect(error).toMatchObject({ code: 'SourceFormatUnsupported' });
  expect(error.message).toContain('SHA-256');
});

test('basic credentials and a token are sent with the first request', async () => {
  const basic = await serve({ username: 'ada', password: 'hull' });
  const credentials = { kind: 'basic', username: 'ada', password: new Secret('hull') } as const;
  await pollAndRead(follow(basic.server.url, { credentials }));
  const token = await serve({ username: 'x-access-token', password: 't0ken' });
  await pollAndRead(follow(token.server.url, { credentials: { kind: 'token', token: new Secret('t0ken') } }));
  const named = await serve({ username: 'oauth2', password: 't0ken' });
  const oauth = { kind: 'token', token: new Secret('t0ken'), username: 'oauth2' } as const;
  await pollAndRead(follow(named.server.url, { credentials: oauth }));
});

test('wrong credentials are SourceUnauthorized, and right ones work afterwards', async () => {
  const { server } = await serve({ username: 'ada', password: 'hull' });
  const cacheDirectory = temporaryDirectory();
  const wrong = { kind: 'basic', username: 'ada', password: new Secret('keel') } as const;
  expect(await codeOf(follow(server.url, { cacheDirectory, credentials: wrong }).poll(never))).toBe(
    'SourceUnauthorized',
  );
  expect(await codeOf(follow(server.url, { cacheDirectory }).poll(never))).toBe('SourceUnauthorized');
  const right = { ...wrong, password: new Secret('hull') };
  await pollAndRead(follow(server.url, { cacheDirectory, credentials: right }));
});

test('credentials in the URL are used and appear nowhere: not in errors, not on disk, not in the source', async () => {
  const { server } = await serve({ username: 'ada', password: 's3cret/hull' });
  const url = server.url.replace('http://', 'http://ada:s3cret%2Fhull@');
  const cacheDirectory = temporaryDirectory();
  const source = follow(url, { cacheDirectory });
  await pollAndRead(source);
  server.fail({ kind: 'status', status: 403 });
  const error = await errorOf(source.poll(never));
  expect(error.message).toContain(server.url);
  const written = filesBelow(cacheDirectory).join('\n');
  for (const text of [
    inspect(error, { depth: 9 }),
    inspect(source, { depth: 9, showHidden: true }),
    written,
  ]) {
    expect(text).not.toMatch(/s3cret|YWRhOnMzY3JldC/);
  }
});

test('a redirect of the first request is followed, and the credentials stay at the first host', async () => {
  const { server } = await serve();
  const seen: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    seen.push(request.headers.authorization);
    const location = `${server.url}${(request.url ?? '').replace('/old.git', '')}`;
    response.writeHead(301, { location }).end();
  });
  const credentials = { kind: 'token', token: new Secret('t0ken') } as const;
  const snapshot = await pollAndRead(follow(`${url}/old.git`, { credentials }));
  expect(await contentsOf(snapshot)).toHaveProperty(['README.md'], 'hello\n');
  expect(seen.every((header) => header?.startsWith('Basic '))).toBe(true);
});

test('credentials are not sent to the host of a redirect, even when it asks for them', async () => {
  const received: (string | undefined)[] = [];
  const other = await listen((request, response) => {
    received.push(request.headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="other"' }).end();
  });
  const url = await listen((request, response) =>
    response.writeHead(302, { location: `${other}${request.url}` }).end(),
  );
  const credentials = { kind: 'token', token: new Secret('t0ken') } as const;
  const error = await errorOf(follow(`${url}/x.git`, { credentials }).poll(never));
  expect(error).toMatchObject({ code: 'SourceUnauthorized' });
  expect(error.message).toContain(`write ${other}/x.git as the repository`);
  expect(received).toEqual([undefined]);
});

test('a redirect to a page, to another scheme or in a circle is not followed', async () => {
  const to = (location: string) =>
    listen((_request, response) => response.writeHead(302, { location }).end());
  for (const location of [
    '/login',
    'file:///etc/passwd',
    '?service=git-upload-pack',
    'ftp://x/info/refs?service=git-upload-pack',
  ]) {
    expect(await codeOf(follow(`${await to(location)}/x.git`).poll(never))).toBe('SourceUnreachable');
  }
  const circle = await listen((request, response) =>
    response.writeHead(302, { location: request.url ?? '' }).end(),
  );
  expect(await codeOf(follow(`${circle}/x.git`).poll(never))).toBe('SourceUnreachable');
});

test('what a server refuses in the protocol is named too', async () => {
  const refusing = (line: string) =>
    listen((_request, response) => {
      const body = `${(line.length + 8).toString(16).padStart(4, '0')}ERR ${line}`;
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end(body);
    });
  expect(await codeOf(follow(await refusing('access denied')).poll(never))).toBe('SourceUnauthorized');
  expect(await codeOf(follow(await refusing('repository not found')).poll(never))).toBe('SourceNotFound');
  expect(await codeOf(follow(await refusing('no more')).poll(never))).toBe('RefAdvertisementInvalid');
});

test('two reads of one revision at once fetch it once', async () => {
  const { server } = await serve();
  const source = follow(server.url);
  const revision = await source.poll(never);
  const before = server.requests.length;
  const [first, second] = await Promise.all([source.read(revision, never), source.read(revision, never)]);
  expect(second).toBe(first);
  expect(server.requests.length - before).toBe(2);
});

/** What a poll and a read end with while the server has a fault; and that both work again when it has gone. */
async function codeOfFault(fault: Parameters<Awaited<ReturnType<typeof serve>>['server']['fail']>[0]) {
  const { repository, server } = await serve();
  const cacheDirectory = temporaryDirectory();
  const timeouts = fault?.kind === 'hang' ? { pollMs: 1500, fetchMs: 1500 } : {};
  const source = follow(server.url, { cacheDirectory, timeouts });
  await pollAndRead(source);
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n', 'large.txt': 'line of text\n'.repeat(999) });
  const revision = await source.poll(never);
  const files = filesBelow(cacheDirectory);

  const fresh = follow(server.url, { name: name('fresh'), cacheDirectory, timeouts });
  await fresh.poll(never);

  server.fail(fault);
  const poll = await errorOf(source.poll(never));
  const codes = [
    poll.message === 'it succeeded' ? 'none' : await codeOf(Promise.reject(poll)),
    await codeOf(source.read(revision, never)),
  ];
  expect(await codeOf(fresh.read(revision, never))).toBe(codes[1]);
  expect(filesBelow(cacheDirectory).filter((path) => path.startsWith('shop/'))).toEqual(files);

  server.fail(undefined);
  const snapshot = await pollAndRead(source);
  expect(await contentsOf(snapshot)).toHaveProperty(['stacks/shop/web.yaml'], 'image: web:2\n');
  expect(await contentsOf(await pollAndRead(fresh))).toEqual(await contentsOf(snapshot));
  return codes;
}

async function listen(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeLater({
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function forwardWithoutVersion(
  request: IncomingMessage,
  { to, response }: { readonly to: string; readonly response: ServerResponse },
): Promise<void> {
  const { host: _host, connection: _connection, 'git-protocol': _version, ...headers } = request.headers;
  const body = await buffer(request);
  const answer = await fetch(new URL(request.url ?? '/', to), {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(body.length > 0 && { body }),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** Objects in a pack, from the last number of its index's fanout. */
function countObjects(index: string): number {
  return readFileSync(index).readUInt32BE(8 + 255 * 4);
}
