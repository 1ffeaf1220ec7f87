import { connect } from 'node:net';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import {
  githubHeaders,
  githubPush,
  receiver,
  secret,
  send,
  startReceiving,
  type Receiving,
  type Sent,
} from './receiving.ts';

const acme = 'https://github.com/acme/gitops.git';
const hub = 'hub-secret-of-sixteen';
let receiving: Receiving;

beforeAll(async () => {
  receiving = await startReceiving({
    directory: temporaryDirectory(),
    sources: [
      { name: 'main', repository: 'git@github.com:Acme/GitOps.git' },
      { name: 'other', repository: 'https://github.com/acme/other' },
      { name: 'octo', repository: 'https://github.com/Codertocat/Hello-World', ref: 'HEAD' },
    ],
    receivers: [
      receiver({ name: 'github', provider: 'github' }),
      receiver({
        name: 'rotating',
        provider: 'github',
        secrets: [new Secret('the older secret, going'), new Secret('the newer secret, coming')],
      }),
      receiver({ name: 'narrow', provider: 'github', sources: ['other'] }),
      receiver({ name: 'hub', provider: 'dockerhub', secrets: [new Secret(hub)] }),
    ],
    readTimeoutMs: 400,
  });
}, 60_000);

afterAll(async () => {
  await receiving.close();
  expect(receiving.bugs).toEqual([]);
});

interface Push {
  readonly to?: string;
  readonly body?: string;
  readonly key?: string;
  readonly delivery?: string;
}

function push({ to = 'github', body = githubPush({ repository: acme }), ...how }: Push = {}): Promise<Sent> {
  return send({ url: `${receiving.url}/hooks/${to}`, body, headers: githubHeaders('push', body, how) });
}

describe('a genuine push', () => {
  test('wakes the source that follows the branch, is recorded, and is answered 202', async () => {
    const delivery = randomUUID();
    const sent = await push({ delivery });
    expect(sent).toMatchObject({ status: 202, body: { result: 'acted', delivery } });
    expect(receiving.woken()).toEqual(['main']);
    expect((await receiving.deliveries()).find((one) => one.delivery === delivery)).toMatchObject({
      receiver: 'github',
      event: 'push',
      result: 'acted',
      reason: 'Looking at main now.',
      hint: 'push to github.com/acme/gitops refs/heads/main bbbbbbb',
      sender: '127.0.0.1',
      repeats: 0,
    });
  });

  test('that comes again is answered 200 without effect, and counted', async () => {
    const delivery = randomUUID();
    await push({ delivery });
    receiving.woken();
    expect(await push({ delivery })).toMatchObject({ status: 200, body: { result: 'replayed' } });
    expect(receiving.woken()).toEqual([]);
    const recorded = (await receiving.deliveries()).filter((one) => one.delivery === delivery);
    expect(recorded).toMatchObject([{ result: 'acted', repeats: 1 }]);
  });

  test('that failed the first time acts when it comes again', async () => {
    const delivery = randomUUID();
    const begin = {
      receiver: name('github'),
      delivery,
      event: 'push',
      hint: '',
      sender: '',
      receivedAt: 1,
    };
    expect(await receiving.world.store.beginDelivery(begin)).toBe(true);
    await receiving.world.store.finishDelivery(begin, { result: 'failed', reason: 'away', durationMs: 1 });
    expect(await push({ delivery })).toMatchObject({ status: 202, body: { result: 'acted' } });
    expect(receiving.woken()).toEqual(['main']);
  });

  test.each([
    ['another branch', { ref: 'refs/heads/topic' }, /not followed: main follows main/],
    ['a tag of the same name', { ref: 'refs/tags/main' }, /not followed/],
    ['the deletion of the branch', { after: '0'.repeat(40) }, /was deleted/],
    [
      'another repository',
      { repository: 'https://github.com/mallory/gitops' },
      /github\.com\/mallory\/gitops/,
    ],
    ['the same name on another forge', { repository: 'https://gitlab.com/acme/gitops' }, /gitlab\.com/],
  ])('about %s is ignored, and says why', async (_, given, why) => {
    const sent = await push({ body: githubPush({ repository: acme, ...given }) });
    expect(sent).toMatchObject({ status: 202, body: { result: 'ignored' } });
    expect(sent.body['reason']).toMatch(why);
    expect(receiving.woken()).toEqual([]);
    const [recorded] = await receiving.deliveries();
    expect(recorded).toMatchObject({ result: 'ignored', reason: sent.body['reason'] });
  });

  test('wakes nothing that its receiver may not wake', async () => {
    expect(await push({ to: 'narrow' })).toMatchObject({ status: 202, body: { result: 'ignored' } });
    const body = githubPush({ repository: 'https://github.com/acme/other.git' });
    expect(await push({ to: 'narrow', body })).toMatchObject({ body: { result: 'acted' } });
    expect(receiving.woken()).toEqual(['other']);
  });

  test('is read from a form, as GitHub sends it unless told otherwise', async () => {
    const body = new URLSearchParams({ payload: githubPush({ repository: acme }) }).toString();
    const headers = { ...githubHeaders('push', body), 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await send({ url: `${receiving.url}/hooks/github`, body, headers });
    expect(sent).toMatchObject({ status: 202, body: { result: 'acted' } });
    receiving.woken();
  });

  test('counts with the older and with the newer of two secrets, and with no third', async () => {
    for (const key of ['the older secret, going', 'the newer secret, coming']) {
      expect((await push({ to: 'rotating', key })).status).toBe(202);
    }
    expect((await push({ to: 'rotating', key: secret })).status).toBe(401);
    receiving.woken();
  });
});

describe('whoever does not have the secret', () => {
  const body = githubPush({ repository: acme });
  test.each([
    ['signs with another', githubHeaders('push', body, { key: 'guessed' })],
    ['signs another body', githubHeaders('push', `${body} `)],
    ['does not sign', { 'x-github-event': 'push' }],
    ['signs nothing at all', { ...githubHeaders('push', body), 'x-hub-signature-256': '' }],
    ['signs too shortly', { ...githubHeaders('push', body), 'x-hub-signature-256': 'sha256=' }],
    ['signs with sha1', { ...githubHeaders('push', body), 'x-hub-signature-256': 'sha1=abc' }],
  ])('and %s, is refused with 401 and wakes nothing', async (_, headers) => {
    const sent = await send({ url: `${receiving.url}/hooks/github`, body, headers });
    expect(sent.status).toBe(401);
    expect(receiving.woken()).toEqual([]);
  });

  test('leaves one counted row for each reason, so that an operator sees it and nobody fills the table', async () => {
    const headers = githubHeaders('push', body, { key: 'guessed' });
    for (let count = 0; count < 5; count += 1)
      await send({ url: `${receiving.url}/hooks/narrow`, body, headers });
    const row = await until('the refusals are written', async () =>
      (await receiving.deliveries()).find((one) => one.receiver === 'narrow' && one.result === 'refused'),
    );
    expect(row.reason).toBe('The signature does not fit the secret.');
    expect(
      (await receiving.deliveries()).filter((one) => one.receiver === 'narrow' && one.result === 'refused')
        .length,
    ).toBe(1);
  });

  test('cannot tell a wrong secret in an address from an address that does not exist', async () => {
    const [unknown, wrong, bare] = await Promise.all(
      ['nobody/x', 'hub/wrong', 'nobody'].map((path) =>
        send({ url: `${receiving.url}/hooks/${path}`, body: '{}' }),
      ),
    );
    expect(unknown?.status).toBe(404);
    expect(wrong).toMatchObject({ status: 404, body: unknown?.body });
    expect(bare).toMatchObject({ status: 404, body: unknown?.body });
  });

  test('is let in by the secret at the end of an address that cannot have more', async () => {
    const payload = JSON.stringify({ push_data: { tag: 'latest' }, repository: { repo_name: 'acme/web' } });
    const sent = await send({ url: `${receiving.url}/hooks/hub/${hub}`, body: payload });
    expect(sent).toMatchObject({ status: 202, body: { result: 'ignored' } });
  });
});

describe('every example that GitHub publishes', () => {
  interface Example {
    readonly name: string;
    readonly examples: readonly Readonly<Record<string, unknown>>[];
  }
  const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[];

  test('is answered 202, and only a push to the followed branch acts', async () => {
    const acted: string[] = [];
    let total = 0;
    for (const { name: event, examples: payloads } of examples) {
      for (const payload of payloads) {
        const body = JSON.stringify(payload);
        const sent = await send({
          url: `${receiving.url}/hooks/github`,
          body,
          headers: githubHeaders(event, body),
          localAddress: `127.0.1.${1 + (total % 200)}`,
        });
        expect(sent.status, `${event}: ${JSON.stringify(sent.body)}`).toBe(202);
        total += 1;
        if (sent.body['result'] === 'acted') acted.push(`${event} ${String(payload['ref'])}`);
      }
    }
    expect(total).toBeGreaterThan(250);
    expect(acted).toEqual(['push refs/heads/master', 'push refs/heads/master']);
    expect(receiving.woken()).toEqual(['octo']);
  });
});

describe('a body', () => {
  const url = (): string => `${receiving.url}/hooks/github`;
  const signed = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Sent> =>
    send({ url: url(), body, headers: { ...githubHeaders('push', body), ...headers } });

  test.each([
    ['no JSON', 'not json', 400],
    ['half of it', '{"ref":', 400],
    ['a number', '1', 422],
    ['null', 'null', 422],
    ['a list', '[]', 422],
    ['an empty map', '{}', 422],
    ['a ref that is a map', JSON.stringify({ ref: {}, repository: { clone_url: acme } }), 422],
    ['a repository that is a text', JSON.stringify({ ref: 'refs/heads/main', repository: acme }), 422],
    ['inherited names', '{"repository":{"__proto__":{"clone_url":"x"}},"ref":"constructor"}', 422],
    ['lists 200,000 deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 422],
    ['maps 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 422],
    ['a NUL in a ref', JSON.stringify({ ref: 'a\0b', repository: { clone_url: acme } }), 202],
    [
      'commits that are none',
      JSON.stringify({
        ref: 'refs/heads/x',
        repository: { clone_url: acme },
        commits: [null, 1, { added: 3 }],
      }),
      202,
    ],
  ])('that is %s is answered, not crashed on', async (_, body, status) => {
    expect((await signed(body)).status).toBe(status);
    receiving.woken();
  });

  test('that is not UTF-8 is refused', async () => {
    expect((await signed(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).status).toBe(401);
  });

  test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml'])(
    'of type %s is refused before it is read',
    async (type) => {
      expect(await signed('{}', { 'content-type': type })).toMatchObject({ status: 415 });
    },
  );

  test('that is compressed is refused before it is read', async () => {
    expect((await signed('{}', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test('of 1 MiB is read, one byte more is not, whatever the request says of its length', async () => {
    const push = githubPush({ repository: acme, ref: 'refs/heads/x' });
    const whole = push.padEnd(1024 * 1024, ' ');
    expect((await signed(whole)).status).toBe(202);
    expect((await signed(`${whole} `)).status).toBe(413);
    const chunked = await exchange(
      `POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=00\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `200000\r\n${'x'.repeat(0x200000)}\r\n0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('that does not arrive is not waited for', async () => {
    const head =
      'POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=00\r\nContent-Length: 100\r\n\r\n{';
    expect(await exchange(head)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await exchange('POST /hooks/github HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['a length with a sign', 'Content-Length: +5\r\n'],
    ['chunks in disguise', 'Transfer-Encoding: xchunked\r\n'],
    ['a folded header', 'X-Signature: a\r\n b\r\nContent-Length: 5\r\n'],
  ])('whose request has %s is refused with the connection', async (_, headers) => {
    const answer = await exchange(
      `POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\nhelloGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 40[01] /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

test('an address that sends without end is told when to come back, and others are not kept waiting', async () => {
  const body = '{}';
  const flood = (localAddress: string): Promise<Sent> =>
    send({ url: `${receiving.url}/hooks/github`, body, localAddress });
  let last: Sent | undefined;
  for (let count = 0; count < 301; count += 1) last = await flood('127.0.2.1');
  expect(last).toMatchObject({ status: 429, body: { error: { code: 'TooManyRequests' } } });
  expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await flood('127.0.2.2')).status).toBe(401);
});

/** What the server says to these bytes until it ends the connection. */
async function exchange(bytes: string): Promise<string> {
  const { port } = new URL(receiving.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1');
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // It need not read what it refuses.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.write(bytes);
  });
}
