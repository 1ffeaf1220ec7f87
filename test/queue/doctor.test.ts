import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkQueue } from '../../reconciler/doctor/queue.ts';
import { readSettings, type Settings } from '../../reconciler/settings.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const directory = temporaryDirectory();
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis(temporaryDirectory());
});

afterAll(() => redis.close());

function settings(environment: Readonly<Record<string, string>>): Promise<Settings> {
  return readSettings({ configFile: null, environment, directory });
}

const database = { PLIMSOLL_DATABASE_URL: 'postgres://db/plimsoll' };

test('without a queue server there is nothing to check', async () => {
  expect(await checkQueue(await settings(database))).toEqual([]);
});

test('a queue server that hands a key on is well', async () => {
  const checkups = await checkQueue(await settings({ ...database, PLIMSOLL_REDIS_URL: redis.url }));
  expect(checkups).toEqual([
    {
      part: 'queue',
      level: 'ok',
      message: `${redis.url} hands keys from one daemon to another.`,
      remedy: '',
    },
  ]);
});

test('a queue server beside a private database has nobody to serve', async () => {
  const [checkup] = await checkQueue(await settings({ PLIMSOLL_REDIS_URL: redis.url }));
  expect(checkup).toMatchObject({ level: 'warn', remedy: expect.stringContaining('`database.url`') });
});

test('a queue server that is not there is told with its address, without its password', async () => {
  const url = 'redis://me:hunter2@127.0.0.1:1/3';
  const [checkup] = await checkQueue(await settings({ ...database, PLIMSOLL_REDIS_URL: url }));
  expect(checkup?.level).toBe('fail');
  expect(checkup?.message).toContain('redis://127.0.0.1:1/3');
  expect(checkup?.message).toContain('ECONNREFUSED');
  expect(JSON.stringify(checkup)).not.toContain('hunter2');
});

test('a queue server that wants a password says so', async () => {
  await redis.client.config('SET', 'requirepass', 'hunter2');
  try {
    const [checkup] = await checkQueue(await settings({ ...database, PLIMSOLL_REDIS_URL: redis.url }));
    expect(checkup?.level).toBe('fail');
    expect(checkup?.message).toContain('NOAUTH');
  } finally {
    await redis.client.config('SET', 'requirepass', '');
  }
});
