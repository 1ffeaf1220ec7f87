import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { createReporter } from '../../reconciler/control/report.ts';
import { formatResource } from '../../reconciler/model/change.ts';
import { name } from '../../reconciler/model/ids.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services, stack, type Spec } from '../support/manifest.ts';
import { copyOf, exec, remakeNetwork, removeNetwork } from '../support/mischief.ts';

const images = inject('images');
const web: Spec = { image: images.web1, networks: ['default'] };
const waitMs = 30_000;
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
});

afterAll(() => fleet.close());

/** What is recorded of a stack, newest first, in one line each. */
async function recordOf(of: string): Promise<readonly string[]> {
  const intervals = await fleet.world.store.drift({ stack: name(of), limit: 20 });
  return intervals.map(
    ({ resource, field, kind, end }) => `${formatResource(resource)} ${field}: ${kind}, ${end ?? 'open'}`,
  );
}

test('a network that somebody removed is made again, and who was on it is on it again', async () => {
  fleet.commit({
    'stacks/cut/stack.yaml': stack({ networks: { default: {} } }),
    ...services('cut', { web }),
  });
  await fleet.sync();
  const before = await fleet.processes('cut');
  await removeNetwork(fleet.docker, 'cut_default');
  expect(await fleet.heal(), fleet.story()).toEqual({ cut: 'succeeded' });
  expect(await recordOf('cut')).toEqual(
    expect.arrayContaining([
      'network default presence: removed, healed',
      'web.1 networks.cut_default: disconnected, healed',
    ]),
  );
  expect(await fleet.processes('cut')).toEqual(before);
  expect((await fleet.plan('cut')).steps).toEqual([]);
});

test('a network that somebody made anew with other options is drift, and one that Git changed is not', async () => {
  const files = (internal: boolean) => ({
    'stacks/remade/stack.yaml': stack({ networks: { default: { internal } } }),
    ...services('remade', { web }),
  });
  fleet.commit(files(false));
  await fleet.sync();
  await remakeNetwork(fleet.docker, 'remade_default', { Internal: true });
  expect(await fleet.heal(), fleet.story()).toMatchObject({ remade: 'succeeded' });
  expect(await recordOf('remade')).toContain('network default internal: remade, healed');
  const count = (await recordOf('remade')).length;
  fleet.commit(files(true));
  expect(await fleet.sync(), fleet.story()).toEqual({ remade: 'succeeded' });
  expect(await recordOf('remade')).toHaveLength(count);
});

test('a volume that somebody made anew with other options waits for a person, and one that is gone is made', async () => {
  fleet.commit({
    'stacks/kept/stack.yaml': stack({ volumes: { data: { labels: { a: 'b' } }, scratch: {} } }),
    ...services('kept', {
      web: { ...web, volumes: ['data:/data'] },
      job: { ...web, volumes: ['scratch:/s'] },
    }),
  });
  await fleet.sync();
  const Labels = (await fleet.docker.getVolume('kept_data').inspect()).Labels;
  for (const of of ['kept-web-1', 'kept-job-1']) await fleet.docker.getContainer(of).remove({ force: true });
  for (const of of ['kept_data', 'kept_scratch']) await fleet.docker.getVolume(of).remove();
  const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };
  await fleet.docker.createVolume({ Name: 'kept_data', Labels, Driver: 'local', DriverOpts });
  await fleet.heal();
  const record = await recordOf('kept');
  expect(record).toContain('volume scratch presence: removed, healed');
  expect(record.filter((line) => line.startsWith('volume data'))).toEqual([]);
  expect((await fleet.docker.getVolume('kept_data').inspect()).Options).toEqual(DriverOpts);
});

test('a tag that somebody moved is drift of the image, shown under warn and followed under heal', async () => {
  const [repository = ''] = images.web1.split(/:[^:/]*$/);
  const image = `${repository}:moving`;
  const retag = (from: string) => fleet.docker.getImage(from).tag({ repo: repository, tag: 'moving' });
  for (const of of [images.web1, images.web2]) await pulled(of);
  await retag(images.web1);
  const spec = { ...web, image, pull_policy: 'never' };
  fleet.commit(services('tagged', { follows: spec, shows: { ...spec, drift: 'warn' } }));
  expect(await fleet.sync(), fleet.story()).toEqual({ tagged: 'succeeded' });
  const shown = (await fleet.inspect('tagged-shows-1')).Id;
  await retag(images.web2);
  expect(await fleet.heal(), fleet.story()).toEqual({ tagged: 'succeeded' });
  expect(await recordOf('tagged')).toEqual(
    expect.arrayContaining(['follows.1 image: imageMoved, healed', 'shows.1 image: imageMoved, open']),
  );
  expect((await fleet.inspect('tagged-shows-1')).Id).toBe(shown);
  const interval = fleet.world.drift.open().find((one) => one.stack === name('tagged'));
  expect(interval?.because).toBe(`the tag was set anew: ${image} is another image now`);
});

async function pulled(image: string): Promise<void> {
  const stream = await fleet.docker.pull(image);
  await new Promise<void>((resolve, reject) => {
    fleet.docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
  });
}

test('a container that becomes unhealthy is shown and left to itself, until it is well again', async () => {
  fleet.commit(services('ill', { web: { ...web, image: images.checked } }));
  await fleet.sync();
  const victim = fleet.docker.getContainer('ill-web-1');
  const { State } = await victim.inspect();
  await exec(victim, 'touch /tmp/sick');
  const looked = async () => {
    expect(await fleet.heal()).toEqual({});
    return recordOf('ill');
  };
  await vi.waitFor(async () => expect(await looked()).toEqual(['web.1 health: unhealthy, open']), waitMs);
  await exec(victim, 'rm /tmp/sick');
  await vi.waitFor(async () => expect(await looked()).toEqual(['web.1 health: unhealthy, reverted']), waitMs);
  expect((await victim.inspect()).State.Pid).toBe(State.Pid);
});

test('a program that ends again and again is told from one that was killed', async () => {
  const entrypoint = [
    'sh',
    '-c',
    'trap "exit 0" TERM; while [ ! -e /end ]; do sleep 0.1 & wait; done; exit 3',
  ];
  fleet.commit(services('looping', { web: { ...web, entrypoint, restart: 'always', drift: 'warn' } }));
  await fleet.sync();
  await exec(fleet.docker.getContainer('looping-web-1'), 'touch /end');
  await vi.waitFor(async () => {
    await fleet.heal();
    expect(await recordOf('looping')).toEqual(['web.1 state: restartLoop, open']);
  }, waitMs);
  const interval = fleet.world.drift.open().find((one) => one.stack === name('looping'));
  expect(interval?.because).toMatch(/^its process ends again and again \(\d+ restarts, exit 3\)$/);
});

test('a program that took more memory than it may have is told from one that was killed', async () => {
  const entrypoint = [
    'sh',
    '-c',
    'trap "exit 0" TERM; while [ ! -e /tmp/eat ]; do sleep 0.1 & wait; done; rm /tmp/eat; exec tail /dev/zero',
  ];
  fleet.commit(services('greedy', { web: { ...web, entrypoint, mem_limit: '24m', memswap_limit: '24m' } }));
  await fleet.sync();
  const victim = fleet.docker.getContainer('greedy-web-1');
  await exec(victim, 'touch /tmp/eat');
  await victim.wait();
  expect(await fleet.heal(), fleet.story()).toEqual({ greedy: 'succeeded' });
  expect(await recordOf('greedy')).toEqual(['web.1 state: outOfMemory, healed']);
});

test('a stranger with our labels is named, and its end is seen', async () => {
  fleet.commit(services('copied', { web }));
  await fleet.sync();
  const impostor = await copyOf(fleet.docker, 'copied-web-1', 'copied-by-hand');
  expect(await fleet.heal()).toEqual({});
  expect(await recordOf('copied')).toEqual(['web.1 impostors.copied-by-hand: forged, open']);
  expect((await impostor.inspect()).State.Running).toBe(true);
  await impostor.remove({ force: true });
  expect(await fleet.heal()).toEqual({});
  expect(await recordOf('copied')).toEqual(['web.1 impostors.copied-by-hand: forged, reverted']);
});

test('a stranger that took the name of ours is named, and ours is back when it is gone', async () => {
  fleet.commit(services('taken', { web }));
  await fleet.sync();
  await fleet.docker.getContainer('taken-web-1').remove({ force: true });
  const stranger = await fleet.docker.createContainer({ name: 'taken-web-1', Image: images.web1 });
  await fleet.heal();
  expect(await recordOf('taken')).toEqual(['web.1 presence: nameTaken, open']);
  await stranger.remove();
  expect(await fleet.heal(), fleet.story()).toEqual({ taken: 'succeeded' });
  expect(await recordOf('taken')).toEqual(['web.1 presence: removed, healed']);
});

test('what somebody wrote inside a container is shown to who asks, and never healed', async () => {
  const configs = [{ content: 'ours', target: '/etc/ours.conf' }];
  fleet.commit(services('written', { web: { ...web, configs }, other: web }));
  await fleet.sync();
  const before = await fleet.processes('written');
  await exec(
    fleet.docker.getContainer('written-web-1'),
    'echo theirs > /etc/theirs.conf; rm /www/index.html',
  );
  expect(await fleet.heal()).toEqual({});
  const { signal } = new AbortController();
  const operator = createReporter(fleet.world, null);
  const report = await operator.files(name('written'), name('web'), signal);
  expect(report.containers).toMatchObject([{ container: 'written-web-1' }]);
  expect(report.containers[0]?.files).toEqual(
    expect.arrayContaining([
      { path: '/etc/theirs.conf', kind: 'added' },
      { path: '/www/index.html', kind: 'removed' },
    ]),
  );
  expect(report.containers[0]?.files.map(({ path }) => path)).not.toContain('/etc/ours.conf');
  expect((await operator.files(name('written'), null, signal)).containers).toHaveLength(2);
  expect(await fleet.processes('written')).toEqual(before);
});

test('the status tells how well the engine is heard', async () => {
  const running = fleet.run();
  try {
    const hearing = async () =>
      (await createReporter(fleet.world, null).status()).engines.map((engine) => engine.hearing);
    await vi.waitFor(async () => expect(await hearing()).toMatchObject([{ isLive: true, gaps: 0 }]), waitMs);
  } finally {
    await running.stop();
  }
});
