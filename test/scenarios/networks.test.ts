import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services, stack, type Spec } from '../support/manifest.ts';

let fleet: Deployment;

const path = 'stacks/wired/stack.yaml';
const mtu = { driver_opts: { 'com.docker.network.driver.mtu': '1400' } };
const networks = (back: Spec | null): string => stack({ networks: back === null ? {} : { back } });

beforeAll(async () => {
  fleet = await createDeployment();
  fleet.commit({
    [path]: networks(mtu),
    ...services('wired', { web: { image: inject('images').web1, networks: ['default', 'back'] } }),
  });
  expect(await fleet.sync(), fleet.story()).toEqual({ wired: 'succeeded' });
});

afterAll(() => fleet.close());

test('an option that left the manifest leaves the network, under a process that runs on', async () => {
  const before = await fleet.processes('wired');
  fleet.commit({ [path]: networks({}) });
  expect(await fleet.sync(), fleet.story()).toEqual({ wired: 'succeeded' });
  const { Options } = await fleet.docker.getNetwork('wired_back').inspect();
  expect(Options ?? {}).not.toHaveProperty('com.docker.network.driver.mtu');
  expect(await fleet.processes('wired')).toEqual(before);
  expect((await fleet.plan('wired')).steps).toEqual([]);
});

test('a stranger on a network is named before the network is made anew or removed, and is not cut off', async () => {
  const guest = await fleet.docker.createContainer({
    Image: inject('images').web1,
    name: `${fleet.world.owner}-guest`.replaceAll(/[^a-z0-9-]/gi, '-'),
    HostConfig: { NetworkMode: 'wired_back' },
  });
  try {
    await guest.start();
    const { Name } = await guest.inspect();
    fleet.commit({ [path]: networks({ internal: true }) });
    await fleet.sync();
    const changed = (await fleet.plan('wired')).findings.find(({ code }) => code === 'NW103');
    expect(changed?.message).toContain(`: ${Name.slice(1)} is on it, which is not this stack's.`);
    expect(changed?.remedy).toContain(`docker network disconnect wired_back ${Name.slice(1)}`);
    expect(Object.keys((await guest.inspect()).NetworkSettings.Networks)).toEqual(['wired_back']);
    await fleet.docker.getNetwork('wired_back').disconnect({ Container: guest.id });
    expect(await fleet.heal(), fleet.story()).toEqual({ wired: 'succeeded' });
    expect((await fleet.docker.getNetwork('wired_back').inspect()).Internal).toBe(true);
  } finally {
    await guest.remove({ force: true });
  }
});
