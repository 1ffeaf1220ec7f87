import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { runSchedule } from '../../reconciler/sync/schedule.ts';
import { services } from '../support/manifest.ts';
import { createRepository, type TestRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { githubHeaders, githubPush, receiver, send, startReceiving, type Receiving } from './receiving.ts';

const stop = new AbortController();
const repositories = new Map(['a', 'b', 'c', 'forged'].map((key) => [key, createRepository()]));
const latest = new Map<string, string>();
let receiving: Receiving;
let running: Promise<void>;

/** A daemon's loops on a real store and real repositories, which they would poll in ten minutes; no engine answers. */
beforeAll(async () => {
  for (const key of repositories.keys()) commitTo(key, 0);
  receiving = await startReceiving({
    directory: temporaryDirectory(),
    sources: [...repositories].map(([key, { path }]) => ({ name: key, repository: path })),
    receivers: [receiver({ name: 'github', provider: 'github' })],
  });
  running = runSchedule(receiving.world, { concurrency: 4, signal: stop.signal });
  await until('every source was read', () => [...repositories.keys()].every(isConverged));
}, 60_000);

afterAll(async () => {
  stop.abort();
  await running;
  await receiving.close();
  expect(receiving.bugs).toEqual([]);
});

function repositoryOf(key: string): TestRepository {
  const repository = repositories.get(key);
  if (repository === undefined) throw new Error(`there is no repository ${key}`);
  return repository;
}

function commitTo(key: string, number: number): void {
  const files = services(`${key}-stack`, { web: { image: `acme/web:${number}` } });
  latest.set(key, repositoryOf(key).commit(files, { message: `Number ${number}` }));
}

function isConverged(key: string): boolean {
  return receiving.world.views.get(name(key))?.commit.revision === latest.get(key);
}

/** What is held after everything that can be let go was let go. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface Flood {
  readonly deliveries: number;
  readonly commitEvery: number;
}

/**
 * Every other delivery is forged and from another address; of the genuine ones some follow a commit, others are about
 * branches that nobody follows or repeat what was said.
 */
async function flood({ deliveries, commitEvery }: Flood): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  const waiting = Array.from({ length: deliveries }, (_, index) => index);
  const keys = ['a', 'b', 'c'];
  const deliver = async (index: number): Promise<void> => {
    const isForged = index % 2 === 1;
    const key = isForged ? 'forged' : (keys[(index / 2) % keys.length] ?? 'a');
    if (index % commitEvery === 0 && !isForged) commitTo(key, index + 1);
    const isElsewhere = index % 10 === 4;
    const body = githubPush({
      repository: repositoryOf(key).path,
      ref: isElsewhere ? 'refs/heads/elsewhere' : 'refs/heads/main',
      after: latest.get(key) ?? '',
    });
    const { status } = await send({
      url: `${receiving.url}/hooks/github`,
      body,
      headers: githubHeaders('push', body, isForged ? { key: 'not the secret' } : {}),
      localAddress: `127.1.${isForged ? 1 : 2}.${1 + (index % 50)}`,
    });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const senders = Array.from({ length: 20 }, async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) await deliver(index);
  });
  await Promise.all(senders);
  return statuses;
}

test('of a thousand deliveries, half of them forged, every commit converges and no forgery acts', async () => {
  await flood({ deliveries: 200, commitEvery: 40 });
  await until('the first flood converged', () => ['a', 'b', 'c'].every(isConverged));
  commitTo('forged', 1);
  const before = heldBytes();

  let isOver = false;
  const flooding = flood({ deliveries: 1000, commitEvery: 50 }).finally(() => (isOver = true));
  const answered: boolean[] = [];
  for (let count = 0; count < 5; count += 1) {
    await receiving.world.store.statuses();
    const { status } = await send({
      url: `${receiving.url}/healthz`,
      body: '',
      method: 'GET',
      localAddress: '127.1.3.1',
    });
    answered.push(status === 200 && !isOver);
  }
  const statuses = await flooding;
  expect(answered).toEqual([true, true, true, true, true]);
  expect(Object.fromEntries(statuses)).toEqual({ 202: 500, 401: 500 });

  await until('every commit was read', () => ['a', 'b', 'c'].every(isConverged));
  for (const key of ['a', 'b', 'c']) {
    const stack = name(`${key}-stack`);
    await until(
      `a sync of the last commit of ${key} was tried`,
      () => receiving.world.statuses.get(stack)?.revision === latest.get(key),
    );
  }
  expect(receiving.woken()).toEqual(['a', 'b', 'c']);
  expect(isConverged('forged')).toBe(false);
  expect((heldBytes() - before) / 1024 / 1024).toBeLessThan(20);
}, 120_000);
