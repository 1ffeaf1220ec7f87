import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { freePort } from '../support/free-port.ts';
import { watchHealth } from '../support/health-watch.ts';
import { services, type Spec } from '../support/manifest.ts';
import { copyInRegistry } from '../support/registry-copy.ts';
import { startSteadyClient } from '../support/steady-client.ts';
import { until } from '../support/until.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const images = inject('images');
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
});

afterAll(() => fleet.close());

realTest('replicas are rolled with one more than asked for, and no request fails', async () => {
  const spec: Spec = { image: images.checked, replicas: 3, environment: { RELEASE: '1' } };
  fleet.commit(services('rolled', { web: spec }));
  expect(await fleet.sync()).toEqual({ rolled: 'succeeded' });
  const client = await startSteadyClient(fleet.docker, {
    image: images.checked,
    network: 'rolled_default',
    url: 'http://web/',
  });
  const health = await watchHealth(fleet.docker, 'rolled-web');
  try {
    await until('the client has answers', async () => (await client.answers()).length > 3);
    fleet.commit(services('rolled', { web: { ...spec, environment: { RELEASE: '2' } } }));
    expect(await fleet.sync()).toEqual({ rolled: 'succeeded' });
    expect(await health.until(3)).toEqual({ least: 3, most: 4 });
    const soFar = (await client.answers()).length;
    await until('the client has asked the new ones', async () => (await client.answers()).length > soFar + 3);
    expect(await client.answers()).not.toContain('FAILED');
  } finally {
    health.close();
    await client.close();
  }
  const names = (await fleet.containers('rolled')).map(({ Name }) => Name);
  expect(names.toSorted()).toEqual(['/rolled-web-1', '/rolled-web-2', '/rolled-web-3']);
  const environments = (await fleet.containers('rolled')).map(({ Config }) => Config.Env);
  for (const environment of environments) expect(environment).toContain('RELEASE=2');
  expect((await fleet.plan('rolled')).steps).toEqual([]);
});

realTest(
  'a fixed host port forbids overlap: the plan says so, and the newcomer answers on the same port',
  async () => {
    const port = await freePort();
    const spec: Spec = { image: images.web1, ports: [`${port}:80`] };
    fleet.commit(services('gapped', { web: spec }));
    expect(await fleet.sync()).toEqual({ gapped: 'succeeded' });
    expect(await read(port)).toBe('web 1\n');
    const { Id } = await fleet.inspect('gapped-web-1');

    fleet.commit(services('gapped', { web: { ...spec, image: images.web2 } }));
    await fleet.look();
    const { decisions } = await fleet.plan('gapped');
    const decision = decisions.find(({ resource }) => resource.kind === 'service');
    expect(decision?.verdict).toBe('recreate');
    expect(decision?.downtime.expected).toBe(true);
    expect(decision?.downtime.reason).toContain(String(port));

    expect(await fleet.sync()).toEqual({ gapped: 'succeeded' });
    expect(await read(port)).toBe('web 2\n');
    expect((await fleet.inspect('gapped-web-1')).Id).not.toBe(Id);
  },
);

test('scaling starts and stops only the difference', async () => {
  const spec = (replicas: number): Spec => ({ image: images.web1, replicas });
  fleet.commit(services('scaled', { web: spec(2) }));
  await fleet.sync();
  const two = await idsOf('scaled');

  fleet.commit(services('scaled', { web: spec(4) }));
  expect(await fleet.sync()).toEqual({ scaled: 'succeeded' });
  const four = await idsOf('scaled');
  expect(Object.keys(four)).toEqual(['scaled-web-1', 'scaled-web-2', 'scaled-web-3', 'scaled-web-4']);
  expect(four).toMatchObject(two);

  fleet.commit(services('scaled', { web: spec(1) }));
  expect(await fleet.sync()).toEqual({ scaled: 'succeeded' });
  expect(await idsOf('scaled')).toEqual({ 'scaled-web-1': two['scaled-web-1'] });

  fleet.commit(services('scaled', { web: spec(0) }));
  await fleet.sync();
  expect(await idsOf('scaled')).toEqual({});
  expect((await fleet.plan('scaled')).steps).toEqual([]);
});

realTest(
  'a config file that changed is in the new container, and one elsewhere in the repository changes nothing',
  async () => {
    const spec: Spec = {
      image: images.web1,
      ports: ['80'],
      configs: [{ file: 'page.html', target: '/www/index.html' }],
    };
    fleet.commit({ ...services('paged', { web: spec }), 'stacks/paged/page.html': 'first\n' });
    await fleet.sync();
    const first = await fleet.inspect('paged-web-1');
    expect(await read(publishedPort(first))).toBe('first\n');

    fleet.commit({ 'stacks/paged/unused.html': 'unused\n', 'README.md': 'unused\n' });
    expect(await fleet.sync()).toEqual({});

    fleet.commit({ 'stacks/paged/page.html': 'second\n' });
    expect(await fleet.sync()).toEqual({ paged: 'succeeded' });
    const second = await fleet.inspect('paged-web-1');
    expect(second.Id).not.toBe(first.Id);
    expect(await read(publishedPort(second))).toBe('second\n');
  },
);

realTest(
  'a tag that moved in the registry is followed where pull_policy is always, and nowhere else',
  async () => {
    const [followed, left] = ['followed', 'left'].map(
      (name) => `${inject('registryAddress')}/${name}:latest`,
    );
    for (const tag of [followed!, left!]) await copyInRegistry(images.web1, tag);
    const specs = {
      follows: { image: followed, pull_policy: 'always', ports: ['80'] },
      names: { image: followed },
      stays: { image: left },
    };
    fleet.commit(services('moved', specs));
    await fleet.sync();
    const before = await idsOf('moved');

    for (const tag of [followed!, left!]) await copyInRegistry(images.web2, tag);
    // A look of its own asks the registry only now and then, a person always.
    expect(await fleet.heal()).toEqual({});
    expect(await fleet.ask('moved')).toMatchObject({ moved: 'succeeded' });
    const after = await idsOf('moved');
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    // An engine has one image behind a tag: the one that only names it moves with the one that follows it.
    expect(changed).toEqual(['moved-follows-1', 'moved-names-1']);
    expect(await read(publishedPort(await fleet.inspect('moved-follows-1')))).toBe('web 2\n');
    expect((await fleet.plan('moved')).steps).toEqual([]);
  },
);

async function idsOf(stack: string): Promise<Readonly<Record<string, string>>> {
  const containers = await fleet.containers(stack);
  return Object.fromEntries(containers.map(({ Name, Id }) => [Name.slice(1), Id]));
}

function publishedPort(of: Awaited<ReturnType<Deployment['inspect']>>): number {
  return Number(of.NetworkSettings.Ports['80/tcp']?.[0]?.HostPort);
}

async function read(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/`)).text();
}
