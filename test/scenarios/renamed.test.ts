import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services } from '../support/manifest.ts';

let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
  const web = { image: inject('images').web1, mem_limit: '64m' };
  fleet.commit(services('named', { web, other: web }));
  expect(await fleet.sync(), fleet.story()).toEqual({ named: 'succeeded' });
});

afterAll(() => fleet.close());

test('a container that somebody renamed gets its name back while its process runs on', async () => {
  const before = await fleet.processes('named');
  await fleet.docker.getContainer('named-web-1').rename({ name: 'named-elsewhere' });
  expect(await fleet.heal(), fleet.story()).toEqual({ named: 'succeeded' });
  expect(await fleet.processes('named')).toEqual(before);
  expect((await fleet.history('named'))[0]?.steps.map(({ step }) => step)).toEqual(['rename web.1']);
  expect((await fleet.plan('named')).steps).toEqual([]);
});

test('what else was changed of it meanwhile is put right after that, when its wait is over', async () => {
  const container = fleet.docker.getContainer('named-other-1');
  const { Id } = await container.inspect();
  await container.update({ Memory: 128 * 1024 ** 2, MemorySwap: 256 * 1024 ** 2 });
  await container.rename({ name: 'named-elsewhere' });
  expect(await fleet.heal(), fleet.story()).toEqual({ named: 'succeeded' });
  const looked = async () => {
    await fleet.heal();
    const { HostConfig, Id: id } = await fleet.inspect('named-other-1');
    return { id, memory: HostConfig.Memory };
  };
  await expect.poll(looked, { timeout: 20_000, interval: 200 }).toEqual({ id: Id, memory: 64 * 1024 ** 2 });
});

test('a copy with our labels is named in plan and status, and never touched', async () => {
  const { Config } = await fleet.inspect('named-web-1');
  const copy = await fleet.docker.createContainer({
    Image: inject('images').web1,
    name: 'named-copy',
    Labels: Config.Labels,
  });
  try {
    expect(await fleet.heal()).toEqual({});
    const { findings, steps } = await fleet.plan('named');
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([
      { code: 'NM104', remedy: expect.stringContaining('docker rm -f named-copy') },
    ]);
    const [status] = fleet.world.statuses.all();
    expect(status?.services.find(({ service }) => service === 'web')?.because).toContain(
      'Container named-copy bears the labels of web.1',
    );
    expect((await copy.inspect()).Name).toBe('/named-copy');
  } finally {
    await copy.remove({ force: true });
  }
});
