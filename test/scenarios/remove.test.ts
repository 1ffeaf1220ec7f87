import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { exec } from '../support/exec.ts';
import { services, stack, type Spec } from '../support/manifest.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const images = inject('images');
const web: Spec = { image: images.web1 };
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
});

afterAll(() => fleet.close());

test('a service that left the manifests is removed, with the network that only it used; the others run on', async () => {
  fleet.commit({
    'stacks/pruned/stack.yaml': stack({ networks: { side: {} } }),
    ...services('pruned', { a: web, b: web, c: web, gone: { ...web, networks: ['side'] } }),
  });
  await fleet.sync();
  const before = await fleet.processes('pruned');
  expect(before).toHaveLength(4);

  fleet.commit({ 'stacks/pruned/stack.yaml': null, 'stacks/pruned/gone.yaml': null });
  expect(await fleet.sync()).toEqual({ pruned: 'succeeded' });
  const survivors = before.filter((line) => !line.startsWith('/pruned-gone-1 '));
  expect(await fleet.processes('pruned')).toEqual(survivors);
  const networks = await fleet.docker.listNetworks();
  expect(networks.map(({ Name }) => Name).filter((name) => name.startsWith('pruned_'))).toEqual([
    'pruned_default',
  ]);
  expect((await fleet.plan('pruned')).steps).toEqual([]);
});

realTest(
  'a commit that removes a whole stack waits for approval, and its volume survives even that',
  async () => {
    fleet.commit({
      'stacks/emptied/stack.yaml': stack({ volumes: { data: {} } }),
      ...services('emptied', { db: { ...web, volumes: ['data:/data'] }, web }),
    });
    await fleet.sync();
    await exec(fleet.docker, 'emptied-db-1', ['sh', '-c', 'echo precious > /data/file']);
    const before = await fleet.processes('emptied');

    fleet.commit({
      'stacks/emptied/stack.yaml': null,
      'stacks/emptied/db.yaml': null,
      'stacks/emptied/web.yaml': null,
    });
    expect(await fleet.sync()).toEqual({ emptied: 'waiting' });
    expect(await fleet.processes('emptied')).toEqual(before);

    const { findings } = await fleet.plan('emptied');
    const codes = findings.filter(({ level }) => level === 'approve').map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(0);
    expect(await fleet.ask('emptied', codes)).toEqual({ emptied: 'succeeded' });
    expect(await fleet.containers('emptied')).toEqual([]);
    await fleet.docker.getVolume('emptied_data').inspect();

    fleet.commit({
      'stacks/emptied/stack.yaml': stack({ volumes: { data: {} } }),
      ...services('emptied', { db: { ...web, volumes: ['data:/data'] } }),
    });
    expect(await fleet.sync()).toMatchObject({ emptied: 'succeeded' });
    expect(await exec(fleet.docker, 'emptied-db-1', ['cat', '/data/file'])).toBe('precious');
  },
);

test('a repository without a single stack removes nothing by itself', async () => {
  fleet.commit(services('vanished', { web }));
  await fleet.sync();
  const before = await fleet.processes('vanished');
  const first = fleet.notices.length;
  fleet.commit({ 'README.md': 'All gone.\n' }, { replaceAll: true });
  expect(await fleet.sync()).toMatchObject({ vanished: 'unchanged' });
  expect(fleet.story()).toContain(
    'vanished unchanged: Nothing is done. web: left alone, because it left the manifests and stays, because the commit was not read completely',
  );
  const said = fleet.notices.slice(first).find((notice) => notice.kind === 'sourceProblems');
  expect(said?.problems).toMatchObject([{ code: 'NoStacks' }]);
  expect(await fleet.processes('vanished')).toEqual(before);

  fleet.commit({ 'stacks/README.md': 'Really.\n' });
  expect(await fleet.sync()).toMatchObject({ vanished: 'waiting' });
  expect(await fleet.processes('vanished')).toEqual(before);
});
