import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment, type Outcomes } from '../support/deployment.ts';
import { services } from '../support/manifest.ts';

const mebibyte = 1024 * 1024;
/** Long enough for somebody to come in between. */
const rollout = { min_healthy_time: '3s', healthy_deadline: '20s', progress_deadline: '40s' };
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
  fleet.commit(files('one'));
  expect(await fleet.sync(), fleet.story()).toEqual({ between: 'succeeded' });
});

afterAll(() => fleet.close());

test('what somebody changes during a sync elsewhere in its stack is drift, which the next sweep heals', async () => {
  const outcomes = await syncWhile('two', () => widen('between-other-1'));
  expect(outcomes, fleet.story()).toEqual({ between: 'succeeded' });
  expect(await memoryOf('between-other-1')).toBe(128 * mebibyte);
  expect(await fleet.heal(), fleet.story()).toEqual({ between: 'succeeded' });
  expect(await memoryOf('between-other-1')).toBe(64 * mebibyte);
});

test('two such changes are healed as well, a stopped container among them', async () => {
  const outcomes = await syncWhile('three', async () => {
    await widen('between-other-1');
    await fleet.docker.getContainer('between-third-1').stop({ t: 1 });
  });
  expect(outcomes, fleet.story()).toEqual({ between: 'succeeded' });
  expect(await fleet.heal(), fleet.story()).toEqual({ between: 'succeeded' });
  expect(await memoryOf('between-other-1')).toBe(64 * mebibyte);
  expect((await fleet.inspect('between-third-1')).State.Running).toBe(true);
});

test('a field of what the sync itself wrote that does not stay so is told, and not written again and again', async () => {
  const outcomes = await syncWhile('four', () => widen('between-web-1'));
  expect(outcomes, fleet.story()).toEqual({ between: 'partial' });
  const [last] = await fleet.history('between');
  expect(last?.error).toMatchObject({
    code: 'StillDifferent',
    message: expect.stringMatching(/web.*mem_limit.*drift\.ignore/),
  });
  expect(await fleet.heal()).toEqual({});
});

function files(version: string) {
  const spec = { image: inject('images').web1, mem_limit: '64m' };
  return services('between', {
    web: { ...spec, environment: { VERSION: version }, rollout },
    other: spec,
    third: spec,
  });
}

/** Commits a version of `web`, and acts once its container runs and is being waited for. */
async function syncWhile(version: string, act: () => Promise<void>): Promise<Outcomes> {
  fleet.commit({ 'stacks/between/web.yaml': files(version)['stacks/between/web.yaml']! });
  const syncing = fleet.sync();
  await expect.poll(() => awaitedVersion(version), { timeout: 20_000, interval: 50 }).toBe(true);
  await act();
  return syncing;
}

async function awaitedVersion(version: string): Promise<boolean> {
  const containers = await fleet.containers('between');
  return containers.some(({ Config, State }) => State.Running && Config.Env?.includes(`VERSION=${version}`));
}

async function widen(container: string): Promise<void> {
  const found = (await fleet.containers('between')).filter(({ Name }) => Name.startsWith(`/${container}`));
  for (const { Id } of found) {
    await fleet.docker.getContainer(Id).update({ Memory: 128 * mebibyte, MemorySwap: 256 * mebibyte });
  }
}

async function memoryOf(container: string): Promise<number | undefined> {
  return (await fleet.inspect(container)).HostConfig.Memory;
}
