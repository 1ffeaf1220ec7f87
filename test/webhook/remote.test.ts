import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plimsoll, type Answer } from '../cli/plimsoll.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { receiver, secret, startReceiving, type Receiving } from './receiving.ts';

const directory = temporaryDirectory();
const secretFile = join(directory, 'secret');
const wrongFile = join(directory, 'wrong');
const stumbling: Server[] = [];
let receiving: Receiving;

beforeAll(async () => {
  writeFileSync(secretFile, `${secret}\n`);
  writeFileSync(wrongFile, 'another secret entirely');
  receiving = await startReceiving({
    directory: temporaryDirectory(),
    sources: [{ name: 'main', repository: 'https://github.com/acme/gitops' }],
    receivers: [
      receiver({ name: 'ci', provider: 'generic' }),
      receiver({ name: 'other', provider: 'generic', sources: ['none-of-ours'] }),
    ],
  });
}, 60_000);

afterAll(async () => {
  for (const server of stumbling) server.close();
  await receiving.close();
  expect(receiving.bugs).toEqual([]);
});

function sync(path: string, ...args: readonly string[]): Promise<Answer> {
  return plimsoll(['sync', '--url', `${receiving.url}/hooks/${path}`, ...args], { directory });
}

test('sync --url wakes the sources and says so', async () => {
  const { code, stdout, stderr } = await sync('ci', '--secret-file', secretFile);
  expect([code, stdout, stderr]).toEqual([0, 'acted: Sources are looked at now: main.\n', '']);
  expect(receiving.woken()).toEqual(['main']);
  const [delivery] = await receiving.deliveries();
  expect(delivery).toMatchObject({ receiver: 'ci', event: 'look', result: 'acted' });
});

test('its secret may stand in a variable, its answer in JSON', async () => {
  const { code, stdout } = await plimsoll(['sync', 'shop', '--url', `${receiving.url}/hooks/ci`, '--json'], {
    directory,
    environment: { PLIMSOLL_SYNC_SECRET: secret },
  });
  expect(code).toBe(0);
  const [delivery] = await receiving.deliveries();
  expect(JSON.parse(stdout)).toEqual({
    result: 'acted',
    reason: 'There is no stack shop yet; sources are looked at now: main.',
    delivery: delivery?.delivery,
  });
  receiving.woken();
});

test('what the receiver may not wake ends with 1 and the reason', async () => {
  const { code, stdout } = await sync('other', '--secret-file', secretFile);
  expect([code, stdout]).toEqual([1, 'ignored: There is no source that this receiver may wake.\n']);
});

test.each<readonly [string, readonly string[], RegExp]>([
  ['an unknown receiver', ['nobody', '--secret-file', secretFile], /answered 404\. There is no receiver/],
  ['another secret', ['ci', '--secret-file', wrongFile], /answered 401\. The signature does not fit/],
  ['no secret', ['ci'], /--secret-file, or set PLIMSOLL_SYNC_SECRET/],
  ['no such file', ['ci', '--secret-file', 'missing'], /The secret cannot be read: ENOENT/],
  ['an approval', ['ci', '--approve', 'MD101'], /--approve does not go with --url/],
])('%s ends with 1 and says what to do', async (_, [path = '', ...args], message) => {
  const { code, stderr } = await sync(path, ...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

test('a daemon that is away for a moment is told when it is back, under the same id', async () => {
  const ids: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ids.push(String(request.headers['webhook-id']));
    request.resume();
    const isFirst = ids.length === 1;
    response.writeHead(isFirst ? 503 : 202).end(isFirst ? '' : '{"result":"acted","reason":"Done."}');
  }).listen(0, '127.0.0.1');
  stumbling.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/hooks/ci`;
  const { code, stdout } = await plimsoll(['sync', '--url', url, '--secret-file', secretFile], { directory });
  expect([code, stdout]).toEqual([0, 'acted: Done.\n']);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
});
