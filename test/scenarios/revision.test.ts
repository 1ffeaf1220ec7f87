import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { service, services, stack, type Spec } from '../support/manifest.ts';
import { until } from '../support/until.ts';

const images = inject('images');
const web: Spec = { image: images.web1 };
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
});

afterAll(() => fleet.close());

test('an invalid manifest in one stack blocks neither another nor what runs', async () => {
  fleet.commit({ ...services('broken', { web }), ...services('sound', { web }) });
  expect(await fleet.sync()).toEqual({ broken: 'succeeded', sound: 'succeeded' });
  const before = await fleet.processes('broken');

  fleet.commit({
    'stacks/broken/web.yaml': service('web', { imagine: images.web2 }),
    ...services('sound', { web: { image: images.web2 } }),
  });
  expect(await fleet.sync()).toEqual({ broken: 'invalid', sound: 'succeeded' });
  expect((await fleet.inspect('sound-web-1')).Config.Image).toBe(images.web2);
  expect(await fleet.processes('broken')).toEqual(before);
  const [attempt] = await fleet.history('broken');
  expect(attempt?.problems).toContainEqual(
    expect.objectContaining({ file: 'stacks/broken/web.yaml', code: 'UnknownKey' }),
  );
});

test('a force-push is a revision like any other, and so is a branch that was set back', async () => {
  const first = fleet.commit(services('forced', { web: { ...web, environment: { RELEASE: '1' } } }));
  await fleet.sync();
  const second = services('forced', { web: { ...web, environment: { RELEASE: '2' } } });
  fleet.commit(second, { parents: [] });
  expect(await fleet.sync()).toMatchObject({ forced: 'succeeded' });
  expect((await fleet.inspect('forced-web-1')).Config.Env).toContain('RELEASE=2');

  fleet.repository.moveRef('refs/heads/main', first);
  expect(await fleet.sync()).toMatchObject({ forced: 'succeeded' });
  expect((await fleet.inspect('forced-web-1')).Config.Env).toContain('RELEASE=1');
});

test('a branch that vanished changes nothing, and is followed again when it is back', async () => {
  const commit = fleet.commit(services('orphaned', { web }));
  await fleet.sync();
  const before = await fleet.processes('orphaned');
  fleet.repository.deleteRef('refs/heads/main');
  expect(await fleet.sync()).toEqual({});
  expect(fleet.notices.at(-1)).toMatchObject({ kind: 'sourceFailed', code: 'RefNotFound' });
  expect(await fleet.processes('orphaned')).toEqual(before);

  fleet.repository.moveRef('refs/heads/main', commit);
  fleet.commit(services('orphaned', { web: { image: images.web2 } }));
  expect(await fleet.sync()).toMatchObject({ orphaned: 'succeeded' });
});

test('a newer revision takes the place of one that waits for health, and both are recorded', async () => {
  const rollout = { min_healthy_time: '0s', healthy_deadline: '60s', progress_deadline: '60s' };
  fleet.commit(services('overtaken', { web: { image: images.checked, rollout } }));
  await fleet.sync();
  const stuck = fleet.commit(
    services('overtaken', { web: { image: images.slow, environment: { SLOW_SECONDS: '50' }, rollout } }),
  );
  const first = fleet.notices.length;
  const daemon = fleet.run();
  try {
    await until('the first revision waits for health', () =>
      fleet.notices
        .slice(first)
        .some(
          (notice) =>
            notice.kind === 'syncProgress' &&
            notice.event.kind === 'stepStarted' &&
            notice.event.step.startsWith('await '),
        ),
    );
    const newest = fleet.commit(services('overtaken', { web: { image: images.web2, rollout } }));
    await until('the newest revision runs', async () => {
      const [latest] = await fleet.history('overtaken');
      return latest?.to?.revision === newest && latest.outcome === 'succeeded';
    });
  } finally {
    await daemon.stop();
  }
  const attempts = await fleet.history('overtaken');
  expect(attempts.find(({ to }) => to?.revision === stuck)?.outcome).toBe('superseded');
  const containers = await fleet.containers('overtaken');
  expect(containers.map(({ Name, Config }) => [Name, Config.Image])).toEqual([
    ['/overtaken-web-1', images.web2],
  ]);
});

test('a frozen stack is left alone until its time has come or somebody lifts it', async () => {
  fleet.commit(services('frozen', { web }));
  await fleet.sync();
  const since = Date.now();
  await fleet.world.store.recordHold({
    kind: 'freeze',
    stack: name('frozen'),
    why: 'The auditors are here.',
    since,
    until: since + 3_600_000,
  });
  fleet.commit(services('frozen', { web: { image: images.web2 } }));
  expect(await fleet.sync()).toEqual({ frozen: 'waiting' });
  expect((await fleet.history('frozen'))[0]?.summary).toContain('The auditors are here.');
  expect((await fleet.inspect('frozen-web-1')).Config.Image).toBe(images.web1);

  await fleet.world.store.liftHold(name('frozen'), { kind: 'freeze' }, Date.now());
  expect(await fleet.ask('frozen')).toEqual({ frozen: 'succeeded' });
  expect((await fleet.inspect('frozen-web-1')).Config.Image).toBe(images.web2);
});

test('services start in the order of their conditions, and stop in no other', async () => {
  const chain: Readonly<Record<string, Spec>> = {
    first: { image: images.checked },
    second: { image: images.job, depends_on: { first: { condition: 'service_healthy' } } },
    third: { image: images.web1, depends_on: { second: { condition: 'service_completed_successfully' } } },
    fourth: { image: images.web1, depends_on: ['third'] },
  };
  fleet.commit(services('ordered', chain));
  expect(await fleet.sync()).toEqual({ ordered: 'succeeded' });
  const [first, second, third, fourth] = await Promise.all(
    ['first', 'second', 'third', 'fourth'].map((name) => fleet.inspect(`ordered-${name}-1`)),
  );
  const check = first!.State.Health?.Log.find(({ ExitCode }) => ExitCode === 0);
  const times = [
    first!.State.StartedAt,
    String(check?.Start),
    second!.State.FinishedAt,
    third!.State.StartedAt,
    fourth!.State.StartedAt,
  ].map((text) => Date.parse(text));
  expect(times).toEqual(times.toSorted((left, right) => left - right));
});

test('a stack waits for the stack that it depends on', async () => {
  fleet.commit({
    'stacks/upper/stack.yaml': stack({ depends_on: ['lower'] }),
    ...services('upper', { web }),
    ...services('lower', { web: { image: images.slow, environment: { SLOW_SECONDS: '1' } } }),
  });
  const outcomes = await fleet.sync();
  expect(outcomes).toMatchObject({ lower: 'succeeded', upper: expect.stringMatching(/succeeded$/) });
  const [lower, upper] = [await fleet.inspect('lower-web-1'), await fleet.inspect('upper-web-1')];
  const healthyAt = lower.State.Health?.Log.find(({ ExitCode }) => ExitCode === 0)?.Start;
  expect(Date.parse(upper.State.StartedAt)).toBeGreaterThan(Date.parse(String(healthyAt)));
});

test('a stack waits as long as the one that it depends on is broken', async () => {
  fleet.commit({
    'stacks/roof/stack.yaml': stack({ depends_on: ['wall'] }),
    ...services('roof', { web }),
    'stacks/wall/web.yaml': service('web', {}),
  });
  expect(await fleet.sync()).toMatchObject({ roof: 'waiting', wall: 'invalid' });
  expect(await fleet.containers('roof')).toEqual([]);
  fleet.commit(services('wall', { web }));
  const outcomes = await fleet.sync();
  expect(outcomes).toMatchObject({ wall: 'succeeded', roof: expect.stringMatching(/succeeded$/) });
});
