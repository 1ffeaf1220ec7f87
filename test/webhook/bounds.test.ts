import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { systemClock } from '../../reconciler/clock.ts';
import { createWakes } from '../../reconciler/sync/wakes.ts';
import { createAllowances } from '../../webhook/allowances.ts';
import { createDeferral } from '../../webhook/deferral.ts';
import { addressKey } from '../../webhook/limit-addresses.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { githubHeaders, githubPush, receiver, send, startReceiving, type Receiving } from './receiving.ts';

test('an allowance is used up, earned again, and forgotten when many others came', () => {
  const allowances = createAllowances({ burst: 2, perSecond: 1, mostKeys: 2 });
  const taken = (key: string, at: number): boolean => allowances.take(key, at);
  expect([taken('a', 0), taken('a', 0), taken('a', 0)]).toEqual([true, true, false]);
  expect([taken('a', 999), taken('a', 1_000), taken('a', 1_000)]).toEqual([false, true, false]);
  expect([taken('b', 1_000), taken('c', 1_000)]).toEqual([true, true]);
  expect([taken('a', 1_000), taken('a', 1_000), taken('a', 1_000)]).toEqual([true, true, false]);
});

test('what is deferred is received once for each ref, the newest, also when the door is closed meanwhile', async () => {
  const received: string[] = [];
  const deferral = createDeferral({
    afterMs: 60_000,
    receive: async (_, hint) =>
      void received.push(hint.kind === 'push' ? `${hint.ref} ${hint.after}` : hint.kind),
    onBug: () => {},
  });
  const door = receiver({ name: 'github', provider: 'github' });
  const push = (ref: string, after: string) => ({
    kind: 'push' as const,
    repository: { host: 'x', path: 'a/b' },
    addresses: [],
    ref,
    before: null,
    after: after as never,
    paths: null,
    defaultBranch: null,
  });
  for (const [ref, after] of [
    ['main', '1'],
    ['main', '2'],
    ['next', '3'],
    ['main', '4'],
  ] as const)
    deferral.defer(door, push(ref, after));
  await deferral.close();
  expect(received).toEqual(['main 4', 'next 3']);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('limits count %s as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});

describe('the rest between two looks', () => {
  const { signal } = new AbortController();
  const source = name('main');

  test('ends with a wake, and any number of wakes before it are one', async () => {
    const wakes = createWakes(systemClock);
    const resting = wakes.rest(source, 3_600_000, signal);
    for (const announced of ['a', 'b'] as const)
      wakes.wake(source, { announced: announced.repeat(40) as never });
    expect(await resting).toEqual({ announced: 'b'.repeat(40) });
    expect(await wakes.rest(source, 1, signal)).toBeNull();
  });

  test('of another source goes on, and an abort ends it', async () => {
    const wakes = createWakes(systemClock);
    const stop = new AbortController();
    const resting = wakes.rest(source, 3_600_000, stop.signal);
    wakes.wake(name('other'), { announced: null });
    stop.abort();
    expect(await resting).toBeNull();
    expect(await wakes.rest(name('other'), 3_600_000, signal)).toEqual({ announced: null });
  });
});

describe('behind a proxy', () => {
  let receiving: Receiving;
  let direct: Receiving;

  beforeAll(async () => {
    const given = {
      sources: [{ name: 'main', repository: 'https://github.com/acme/gitops' }],
      receivers: [receiver({ name: 'github', provider: 'github' })],
    };
    receiving = await startReceiving({
      ...given,
      directory: temporaryDirectory(),
      trustedProxies: ['loopback', '10.0.0.0/8'],
    });
    direct = await startReceiving({ ...given, directory: temporaryDirectory() });
  }, 60_000);
  afterAll(async () => {
    await receiving.close();
    await direct.close();
    expect([...receiving.bugs, ...direct.bugs]).toEqual([]);
  });

  const senderOf = async (to: Receiving, forwardedFor: string): Promise<string | undefined> => {
    const body = githubPush({ repository: 'https://github.com/acme/gitops' });
    const headers = { ...githubHeaders('push', body), 'x-forwarded-for': forwardedFor };
    await send({ url: `${to.url}/hooks/github`, body, headers });
    return (await to.deliveries())[0]?.sender;
  };

  test('a sender is who the trusted proxies say, and no further', async () => {
    expect(await senderOf(receiving, '192.0.2.7')).toBe('192.0.2.7');
    expect(await senderOf(receiving, '198.51.100.1, 192.0.2.7, 10.1.2.3')).toBe('192.0.2.7');
  });

  test('nobody is believed who was not named', async () => {
    expect(await senderOf(direct, '192.0.2.7')).toBe('127.0.0.1');
  });

  test('a daemon that finds its address taken says what to do', async () => {
    const { port } = new URL(direct.url);
    const taken = startReceiving({
      directory: temporaryDirectory(),
      sources: [],
      receivers: [],
      port: Number(port),
    });
    await expect(taken).rejects.toMatchObject({
      code: 'ListenFailed',
      message: `The daemon cannot listen on 127.0.0.1:${port}: another program listens there. Choose another address with \`listen\` or PLIMSOLL_LISTEN, or switch it off.`,
    });
  });
});
