import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { plimsoll, startPlimsoll, type Answer } from '../cli/plimsoll.ts';
import { startDatabase, type TestDatabase } from '../support/database.ts';
import { services, type Spec } from '../support/manifest.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const installation = `several-${process.pid}`;
const docker = new Docker({ socketPath: inject('engine').socketPath });
const images = inject('images');
const repository = createRepository();
repository.commit({ 'README.md': 'Nothing yet.\n' });
const started = new Set<ChildProcess>();
let redis: TestRedis;
let database: TestDatabase;

beforeAll(async () => {
  [redis, database] = await Promise.all([
    startRedis(temporaryDirectory()),
    startDatabase(temporaryDirectory()),
  ]);
});

afterEach(async () => {
  for (const child of started) {
    const gone = once(child, 'exit');
    if (child.kill('SIGKILL')) await gone;
  }
  started.clear();
  await database.sql.unsafe('drop schema plimsoll cascade');
  await redis.client.flushall();
  repository.commit({ 'README.md': 'Nothing more.\n' }, { replaceAll: true });
  await removeInstallation(docker, installation);
});

afterAll(async () => {
  await redis.close();
  await database.close();
});

interface Daemon {
  call(...args: readonly string[]): Promise<Answer>;
  kill(): Promise<void>;
}

/** As on a host of its own: what it shares with the other is the database, Redis and the engine. */
async function startDaemon(interval = '1s'): Promise<Daemon> {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'state'));
  writeFileSync(
    join(directory, 'plimsoll.yaml'),
    `sources: [{ name: main, repository: ${JSON.stringify(repository.path)}, interval: ${interval} }]\nlisten: 'off'\n`,
  );
  const environment = {
    DOCKER_HOST: `unix://${inject('engine').socketPath}`,
    PLIMSOLL_INSTALLATION: installation,
    PLIMSOLL_DATABASE_URL: database.url,
    PLIMSOLL_REDIS_URL: redis.url,
  };
  const child = startPlimsoll(['run', '--log', 'json'], { directory, environment });
  started.add(child);
  const log: string[] = [];
  onTestFailed(() => console.log(log.join('')));
  child.stderr?.on('data', (part: Buffer) => void log.push(part.toString()));
  await until('the daemon is ready', () => log.join('').includes('"message":"ready"'), 60_000);
  return {
    call: (...args) => plimsoll(args, { directory, environment }),
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      started.delete(child);
    },
  };
}

interface Row {
  readonly id: number;
  readonly stack: string;
  readonly outcome: string | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

async function syncs(stack?: string): Promise<readonly Row[]> {
  const rows = await database.sql<Row[]>`
    select id, stack, outcome, started_at, finished_at from plimsoll.syncs order by id`.catch(() => []);
  return rows.filter((row) => stack === undefined || row.stack === stack);
}

/** Which processes held the leases of the stacks, as far as they were seen. */
async function expectNeverTwoAtOnce(): Promise<void> {
  const rows = await syncs();
  for (const [index, row] of rows.entries()) {
    const overlapping = rows
      .slice(index + 1)
      .filter(
        (other) =>
          other.stack === row.stack && other.startedAt < (row.finishedAt ?? Number.POSITIVE_INFINITY),
      );
    expect(overlapping).toEqual([]);
  }
}

function stacksOf(count: number, spec: Spec): Readonly<Record<string, string>> {
  const files = Array.from({ length: count }, (_, index) => services(stackName(index), { web: spec }));
  return Object.assign({}, ...files) as Readonly<Record<string, string>>;
}

function stackName(index: number): string {
  return `s${process.pid}-${index}`;
}

async function imageOf(stack: string): Promise<string | undefined> {
  const { Config, State } = await docker
    .getContainer(`${stack}-web-1`)
    .inspect()
    .catch(() => ({ Config: { Image: undefined }, State: { Running: false } }));
  return State.Running ? Config.Image : undefined;
}

async function isSynced(stacks: readonly string[]): Promise<boolean> {
  const rows = await database.sql<{ stack: string }[]>`
    select stack from plimsoll.statuses
     where status ->> 'syncStatus' = 'synced' and status ->> 'health' = 'healthy'`.catch(() => []);
  return stacks.every((stack) => rows.some((row) => row.stack === stack));
}

/** All of them, with this image, and no sync is under way. */
async function run(stacks: readonly string[], image: string): Promise<boolean> {
  const found = await Promise.all(stacks.map(imageOf));
  if (found.some((one) => one !== image)) return false;
  return (await isSynced(stacks)) && (await syncs()).every(({ outcome }) => outcome !== null);
}

/** What one of them says of all stacks. */
async function told(daemon: Daemon): Promise<readonly string[]> {
  const { stdout } = await daemon.call('status', '--json');
  const { stacks } = JSON.parse(stdout) as {
    stacks: { stack: string; syncStatus: string; health: string }[];
  };
  return stacks.map(({ stack, syncStatus, health }) => `${stack} ${syncStatus} ${health}`);
}

/** Takes a while to count as healthy, so that something can happen in the middle. */
function lasting(time: string): Spec {
  return {
    image: images.web1,
    rollout: { min_healthy_time: time, healthy_deadline: '5m', progress_deadline: '5m' },
  };
}

describe('two daemons on one Postgres and one Redis', () => {
  test('share the stacks of a commit, sync none twice at once, and each tells of all', async () => {
    const [one, other] = await Promise.all([startDaemon(), startDaemon()]);
    const names = Array.from({ length: 8 }, (_, index) => stackName(index));
    repository.commit(stacksOf(8, { image: images.web1 }));
    await until('all run', () => run(names, images.web1), 60_000);
    const all = names.map((name) => `${name} synced healthy`);
    for (const daemon of [one, other]) expect(await told(daemon)).toEqual(all);
    await expectNeverTwoAtOnce();
    const succeeded = (await syncs())
      .filter(({ outcome }) => outcome === 'succeeded')
      .map(({ stack }) => stack);
    expect(succeeded.toSorted()).toEqual(names.toSorted());

    repository.commit(stacksOf(8, { image: images.web2 }));
    const orders = await Promise.all([one.call('sync', names[0]!), other.call('sync', names[1]!)]);
    for (const { code, stdout, stderr } of orders) expect(code, stdout + stderr).toBe(0);
    expect(await imageOf(names[0]!)).toBe(images.web2);
    expect(await imageOf(names[1]!)).toBe(images.web2);
    await until('all are changed', () => run(names, images.web2), 60_000);
    await expectNeverTwoAtOnce();
  });

  test('a newer revision that one of them sees stops the sync that the other runs', async () => {
    const stack = stackName(0);
    repository.commit(stacksOf(1, lasting('60s')));
    // It looks at its source once: whatever comes later, only the other sees.
    await startDaemon('1h');
    await until('it has begun', async () => (await syncs(stack)).length === 1, 30_000);
    await startDaemon();
    repository.commit(stacksOf(1, { image: images.web2 }));
    await until('the newer one runs', () => run([stack], images.web2), 50_000);
    const outcomes = (await syncs(stack)).map(({ outcome }) => outcome);
    expect(outcomes[0]).toBe('superseded');
    expect(outcomes).toContain('succeeded');
    await expectNeverTwoAtOnce();
  });

  test('a killed one is replaced by the other within its lease', { timeout: 180_000 }, async () => {
    const stack = stackName(0);
    repository.commit(stacksOf(1, lasting('20s')));
    const doomed = await startDaemon();
    await until('it has begun', async () => (await syncs(stack)).length === 1, 30_000);
    await startDaemon();
    await doomed.kill();
    await until('the other has ended it', () => run([stack], images.web1), 120_000);
    expect((await syncs(stack))[0]?.outcome).toBe('interrupted');
    await expectNeverTwoAtOnce();
  });
});

describe('in the middle of a sync', () => {
  test('Redis is killed and comes back empty: nothing is lost', async () => {
    const [stack, later] = [stackName(0), stackName(1)];
    await Promise.all([startDaemon(), startDaemon()]);
    repository.commit(stacksOf(1, lasting('6s')));
    await until('it has begun', async () => (await syncs(stack)).length === 1, 30_000);
    await redis.kill();
    repository.commit({ ...stacksOf(1, lasting('6s')), ...services(later, { web: { image: images.web1 } }) });
    await until('both run without Redis', () => run([stack, later], images.web1), 60_000);
    await redis.start();
    repository.commit(stacksOf(2, { image: images.web2 }));
    await until('both run with it', () => run([stack, later], images.web2), 60_000);
    await expectNeverTwoAtOnce();
  });

  test('Redis is emptied: nothing is lost', async () => {
    const stack = stackName(0);
    await Promise.all([startDaemon(), startDaemon()]);
    repository.commit(stacksOf(1, lasting('6s')));
    await until('it has begun', async () => (await syncs(stack)).length === 1, 30_000);
    repository.commit(stacksOf(1, { image: images.web2 }));
    await redis.client.flushall();
    await until('the newer one runs', () => run([stack], images.web2), 60_000);
    await expectNeverTwoAtOnce();
  });

  test('Postgres is started anew: it converges without a hand', { timeout: 180_000 }, async () => {
    const stack = stackName(0);
    await Promise.all([startDaemon(), startDaemon()]);
    repository.commit(stacksOf(1, lasting('6s')));
    await until('it has begun', async () => (await syncs(stack)).length === 1, 30_000);
    await database.restart();
    repository.commit(stacksOf(1, { image: images.web2 }));
    await until('the newer one runs', () => run([stack], images.web2), 150_000);
    await expectNeverTwoAtOnce();
  });
});
