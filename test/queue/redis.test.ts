import { afterAll, beforeAll } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { describeQueue } from './contract.ts';
import { openAlone } from './alone.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis(temporaryDirectory());
});

afterAll(() => redis.close());

describeQueue('the queue on Redis', () => openAlone(redis.url));
