import { existsSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectControl } from '../../reconciler/control/client.ts';
import { createNoticeFeed } from '../../reconciler/control/feed.ts';
import type { DaemonOperator } from '../../reconciler/control/operator.ts';
import { createDaemonOperator } from '../../reconciler/control/order.ts';
import { protocolHeader, type SyncReply } from '../../reconciler/control/protocol.ts';
import { serveControl, type ControlServer } from '../../reconciler/control/server.ts';
import { connectWorld, type ConnectedWorld } from '../../reconciler/main.ts';
import { name } from '../../reconciler/model/ids.ts';
import { readSettings } from '../../reconciler/settings.ts';
import { accessStore, type StoreAccess } from '../../reconciler/store-access.ts';
import { lookAt } from '../../reconciler/sync/follow.ts';
import { workOn } from '../../reconciler/sync/work.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const manifest = `apiVersion: plimsoll.dev/v1
kind: Service
metadata: { name: web }
spec: { image: "acme/web:1" }
`;

const directory = temporaryDirectory();
const socketPath = join(directory, 'control.sock');
const { signal } = new AbortController();
const bugs: unknown[] = [];
const feed = createNoticeFeed();
let access: StoreAccess;
let connected: ConnectedWorld;
let server: ControlServer;
let client: DaemonOperator;

/** A daemon's world on a real store and a real repository; its engine does not answer. */
beforeAll(async () => {
  const noSocket = join(directory, 'no-engine.sock');
  const noEngine = `unix://${noSocket}`;
  const repository = createRepository();
  repository.commit({ 'stacks/shop/web.yaml': manifest, 'stacks/blog/web.yaml': manifest });
  const source = { name: name('main'), repository: repository.path, ref: 'HEAD', path: '' };
  const settings = await readSettings({
    configFile: null,
    directory,
    environment: { PATH: process.env['PATH'] },
    overrides: {
      stateDirectory: join(directory, 'state'),
      sources: [{ ...source, intervalMs: 1000, engines: null, credentials: null }],
    },
  });
  access = await accessStore(settings, { isShared: false });
  connected = await connectWorld(settings, {
    engines: [{ name: name('default'), host: noEngine, address: { kind: 'socket', path: noSocket } }],
    store: access.store,
    notifier: feed,
    onBug: (error) => void bugs.push(error),
    isDaemon: true,
  });
  const { world } = connected;
  const facts = {
    version: '1.2.3',
    pid: process.pid,
    startedAt: 1,
    stateDirectory: directory,
    engines: [{ name: name('default'), host: noEngine }],
    listen: null,
  };
  const operator = createDaemonOperator(world, facts);
  server = await serveControl({ socketPath, operator, onBug: (error) => void bugs.push(error) });
  for (const followed of world.sources) await lookAt(world, followed, { trigger: 'poll', signal });
  client = await requireClient(socketPath);
}, 60_000);

afterAll(async () => {
  await server.close();
  await connected.close();
  await access.close();
  expect(existsSync(socketPath)).toBe(false);
  expect(bugs).toEqual([]);
});

async function requireClient(path: string): Promise<DaemonOperator> {
  const found = await connectControl(path);
  if (found === null) throw new Error(`nobody answers on ${path}`);
  return found;
}

interface Call {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
}

async function call({ method = 'GET', path, body }: Call) {
  const asked = ask({ socketPath, method, path });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const content = await text(response);
  return { status: response.statusCode, headers: response.headers, content };
}

describe('the control socket', () => {
  test('is open to its owner only', () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });

  test('is not taken from a daemon that answers', async () => {
    const operator = createDaemonOperator(connected.world, await client.about());
    await expect(serveControl({ socketPath, operator, onBug: () => {} })).rejects.toMatchObject({
      code: 'StoreLocked',
      message: expect.stringContaining(socketPath) as string,
    });
    expect((await client.about()).version).toBe('1.2.3');
  });

  test('replaces what a killed daemon left behind, and removes its own at the end', async () => {
    const path = join(temporaryDirectory(), 'control.sock');
    const dead = createSocket().listen(path);
    await once(dead, 'listening');
    // As after kill -9: the file stays, nobody listens.
    dead.unref();
    writeFileSync(`${path}.note`, '');
    await new Promise((resolve) => dead.close(resolve));
    writeFileSync(path, '');
    expect(await connectControl(path)).toBeNull();
    const operator = createDaemonOperator(connected.world, await client.about());
    const next = await serveControl({ socketPath: path, operator, onBug: () => {} });
    expect((await (await requireClient(path)).about()).pid).toBe(process.pid);
    await next.close();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    [{ path: '/nowhere' }, 404, 'does not know GET /nowhere'],
    [{ path: 'http://[' }, 404, 'does not know'],
    [{ path: '/sync' }, 405, '/sync takes POST'],
    [{ path: '/status', method: 'DELETE' }, 405, '/status takes GET'],
    [{ path: '/pause', method: 'POST', body: '{' }, 400, 'not JSON'],
    [{ path: '/pause', method: 'POST', body: '[]' }, 400, 'must be a JSON object'],
    [{ path: '/pause', method: 'POST', body: '{"stack":"../x"}' }, 400, ''],
    [{ path: '/pause', method: 'POST', body: '{"stack":"shop","forMs":-1,"why":"x"}' }, 400, 'forMs'],
    [{ path: '/pause', method: 'POST', body: '{"stack":"shop","forMs":1e15,"why":"x"}' }, 400, 'forMs'],
    [{ path: '/pause', method: 'POST', body: '{"stack":"shop","forMs":1,"why":" "}' }, 400, 'why'],
    [{ path: '/resume', method: 'POST', body: '{"stack":7}' }, 400, 'stack must be a name'],
    [{ path: '/sync', method: 'POST', body: '{"approve":["A"]}' }, 400, 'approve needs the stack'],
    [{ path: '/sync', method: 'POST', body: '{"approve":"A"}' }, 400, 'must be a list'],
    [{ path: '/sync', method: 'POST', body: '{"wait":1}' }, 400, 'wait must be true or false'],
    [{ path: '/history?limit=0' }, 400, 'limit must be a whole number from 1 to 1000'],
    [{ path: '/history?limit=x' }, 400, 'limit'],
    [{ path: '/history?stack=../x' }, 400, 'stack must be a name'],
    [{ path: '/history?stack=shpo' }, 404, 'Did you mean shop?'],
    [{ path: '/diff?stack=blgo' }, 404, 'Did you mean blog?'],
    [{ path: '/record?id=none' }, 404, 'There is no sync'],
    [{ path: '/resume', method: 'POST', body: '{"stack":"zebra"}' }, 404, 'There are: blog, shop.'],
    [{ path: '/diff' }, 503, 'Could not'],
  ])('answers %j with %d', async (request, status, message) => {
    const answer = await call(request);
    expect(answer.status).toBe(status);
    const { error } = JSON.parse(answer.content) as { error: { code: string; message: string } };
    expect(error.message).toContain(message);
    if (status === 405) expect(answer.headers.allow).toBe(/takes (\w+)/.exec(error.message)?.[1]);
  });

  test('reads no more of a body than it should', async () => {
    const asked = ask({ socketPath, method: 'POST', path: '/pause' });
    asked.on('error', () => {});
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
    asked.end(JSON.stringify({ why: 'x'.repeat(200_000) }));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    expect(await text(response)).toContain('larger than 65536 bytes');
  });
});

describe('the client', () => {
  test('finds nobody where nobody listens', async () => {
    expect(await connectControl(join(directory, 'nobody.sock'))).toBeNull();
  });

  test('refuses a daemon of another protocol, and says what to do', async () => {
    const path = join(temporaryDirectory(), 'other.sock');
    const other = createServer((_, response) => {
      response.setHeader(protocolHeader, '99');
      response.end('{}');
    });
    other.listen(path);
    await once(other, 'listening');
    const found = await requireClient(path);
    await expect(found.status()).rejects.toThrow(/another version of Plimsoll.*restart the daemon/);
    other.close();
  });

  test('tells a daemon that went away in the middle', async () => {
    const path = join(temporaryDirectory(), 'dying.sock');
    const dying = createServer((_, response) => {
      response.setHeader(protocolHeader, '1');
      response.write('{"kind":"asked","stacks":[]}\n');
      setImmediate(() => response.destroy());
    });
    dying.listen(path);
    await once(dying, 'listening');
    const found = await requireClient(path);
    const order = { stack: null, approve: [], wait: true };
    await expect(found.sync(order, { onReply: () => {}, signal })).rejects.toMatchObject({
      code: 'DaemonUnreachable',
    });
    await expect(found.status()).rejects.toMatchObject({ code: 'DaemonUnreachable' });
    dying.close();
  });

  test('gets failures as they were thrown', async () => {
    await expect(client.diff(name('shop'), signal)).rejects.toMatchObject({ code: 'EngineUnreachable' });
    await expect(client.record('none')).rejects.toMatchObject({ code: 'RecordNotFound' });
    await expect(client.resume({ stack: name('shpo'), service: null })).rejects.toThrow('Did you mean shop?');
  });
});

describe('an operator over the socket', () => {
  test('sees sources with what was read of them', async () => {
    const { daemon, sources } = await client.status();
    expect(daemon).toMatchObject({ version: '1.2.3', pid: process.pid });
    expect(sources).toEqual([
      expect.objectContaining({
        source: 'main',
        error: null,
        problems: [],
        revision: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      }),
    ]);
  });

  test('follows a sync to its end, and finds it in the history', async () => {
    const { world } = connected;
    const working = new AbortController();
    const work = world.queue.consume((key, itemSignal) => workOn(world, key, itemSignal), {
      concurrency: 2,
      signal: working.signal,
    });
    const replies: SyncReply[] = [];
    const order = { stack: name('shop'), approve: [], wait: true };
    await client.sync(order, { onReply: (reply) => void replies.push(reply), signal });
    working.abort();
    await work;
    expect(replies[0]).toEqual({ kind: 'asked', stacks: ['shop'] });
    expect(replies.at(-1)).toMatchObject({
      kind: 'notice',
      notice: { kind: 'syncFinished', stack: 'shop', outcome: 'unknown' },
    });
    const { syncs } = await client.history({ stack: name('shop'), limit: 5 });
    expect(syncs[0]).toMatchObject({
      trigger: 'manual',
      outcome: 'unknown',
      error: { code: 'EngineUnreachable' },
    });
    expect(await client.record(syncs[0]!.id)).toEqual(syncs[0]);
  });

  test('asks without waiting', async () => {
    const replies: SyncReply[] = [];
    const order = { stack: null, approve: [], wait: false };
    await client.sync(order, { onReply: (reply) => void replies.push(reply), signal });
    expect(replies).toEqual([{ kind: 'asked', stacks: ['blog', 'shop'] }]);
    expect(await access.store.dueStacks(Date.now())).toEqual(expect.arrayContaining(['blog', 'shop']));
  });

  test('pauses a stack until a time and for a reason, and lifts the pause', async () => {
    const before = Date.now();
    const hold = await client.pause({ stack: name('shop'), forMs: 7_200_000, why: 'moving house' });
    expect(hold).toMatchObject({ kind: 'freeze', stack: 'shop', why: 'moving house' });
    expect(hold.kind === 'freeze' ? hold.until - before : 0).toBeGreaterThanOrEqual(7_200_000);
    expect(await access.store.holds(name('shop'))).toEqual([hold]);
    const { stacks } = await client.status();
    expect(stacks.find(({ stack }) => stack === 'shop')?.holds).toEqual([hold]);
    expect(await client.resume({ stack: name('shop'), service: null })).toEqual({ lifted: 1 });
    expect(await client.resume({ stack: name('shop'), service: null })).toEqual({ lifted: 0 });
    expect(await access.store.holds(name('shop'))).toEqual([]);
  });

  test('hears of a daemon that stops before the sync has come to its end', async () => {
    const path = join(temporaryDirectory(), 'stopping.sock');
    const operator = createDaemonOperator(connected.world, await client.about());
    const stopping = await serveControl({
      socketPath: path,
      operator,
      onBug: (error) => void bugs.push(error),
    });
    const order = { stack: name('blog'), approve: [], wait: true };
    const asked = (await requireClient(path)).sync(order, { onReply: () => void stopping.close(), signal });
    await expect(asked).rejects.toThrow('The daemon was stopped before the sync came to its end');
  });

  test('who stops waiting does not stop the sync', async () => {
    const leaving = new AbortController();
    const order = { stack: name('blog'), approve: [], wait: true };
    const waiting = client.sync(order, { onReply: () => leaving.abort(), signal: leaving.signal });
    await expect(waiting).rejects.toMatchObject({ code: 'Cancelled' });
    expect(await access.store.dueStacks(Date.now())).toContain('blog');
  });
});
