import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import { services, type Spec } from '../support/manifest.ts';
import { copyInRegistry } from '../support/registry-copy.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const images = inject('images');
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
});

afterAll(() => fleet.close());

const good: Spec = { image: images.checked, replicas: 2 };
const patience = { min_healthy_time: '1s', healthy_deadline: '3s', progress_deadline: '10s' };

const failures: readonly { readonly stack: string; readonly how: string; readonly bad: Spec }[] = [
  { stack: 'crashing', how: 'a process that ends', bad: { image: images.crash } },
  {
    stack: 'looping',
    how: 'a process that ends again and again',
    bad: { image: images.crash, restart: 'always' },
  },
  {
    stack: 'sick',
    how: 'a health check that fails',
    bad: { healthcheck: { test: ['CMD', 'false'], interval: '200ms', retries: 1 } },
  },
  {
    stack: 'tardy',
    how: 'a process that is not healthy in time',
    bad: { image: images.slow, environment: { SLOW_SECONDS: '60' } },
  },
  { stack: 'unrunnable', how: 'a command that is not in the image', bad: { command: ['/no/such/program'] } },
];

test.each(failures)(
  '$how leaves the old version running, is held, and the next commit has its chance',
  async ({ stack, bad }) => {
    const spec: Spec = { ...good, rollout: patience };
    fleet.commit(services(stack, { web: spec }));
    expect(await fleet.sync()).toMatchObject({ [stack]: 'succeeded' });
    const before = await fleet.processes(stack);

    const rejected = fleet.commit(services(stack, { web: { ...spec, ...bad } }), { message: 'Break it' });
    expect((await fleet.sync())[stack]).toMatch(/^failed, (succeeded|unchanged|waiting)$/);
    expect(await fleet.processes(stack)).toEqual(before);
    const failed = (await fleet.history(stack)).find(({ outcome }) => outcome === 'failed');
    expect(failed?.to).toMatchObject({ revision: rejected, message: 'Break it' });
    expect(failed?.summary).toContain(`${stack}-web-`);
    const outputs = failed?.steps.map(({ output }) => output).join('');
    // Only a process writes anything.
    const hasOutput = bad.image === images.crash && !inject('engine').isSimulated;
    if (hasOutput) expect(outputs).toMatch(/^(crashing\n?)+$/);
    const holds = await fleet.world.store.holds(name(stack));
    expect(holds).toMatchObject([{ kind: 'rejected', service: 'web', revision: rejected }]);
    expect(await fleet.heal()).toEqual({});
    expect(verdictOf(await fleet.plan(stack))).toBe('held');

    fleet.commit(services(stack, { web: { ...spec, environment: { FIXED: 'yes' } } }), {
      message: 'Mend it',
    });
    expect(await fleet.sync()).toMatchObject({ [stack]: 'succeeded' });
    expect(await fleet.world.store.holds(name(stack))).toEqual([]);
    for (const { Config } of await fleet.containers(stack)) expect(Config.Env).toContain('FIXED=yes');
    expect(verdictOf(await fleet.plan(stack))).toBe('unchanged');
  },
);

realTest('an image that does not exist stops nothing, and is not held: it may still be pushed', async () => {
  const late = images.web1.replace(/:1$/, ':late');
  fleet.commit(services('absent', { web: good }));
  await fleet.sync();
  const before = await fleet.processes('absent');
  fleet.commit(services('absent', { web: { image: late, replicas: 2 } }));
  expect(await fleet.sync()).toMatchObject({ absent: 'failed' });
  expect(await fleet.processes('absent')).toEqual(before);
  const [attempt] = await fleet.history('absent');
  expect(attempt?.error).toMatchObject({ code: 'ImageNotFound', message: expect.stringContaining(late) });
  expect((await fleet.heal())['absent']).toBeUndefined();

  await copyInRegistry(images.web1, late);
  expect(await fleet.ask('absent')).toMatchObject({ absent: 'succeeded' });
  expect((await fleet.inspect('absent-web-1')).Config.Image).toBe(late);
});

test('a service that must be recreated comes back in its stable version after a failure', async () => {
  const spec: Spec = { image: images.checked, rollout: { ...patience, strategy: 'recreate' } };
  fleet.commit(services('reverted', { web: spec, other: { image: images.web1 } }));
  await fleet.sync();
  const other = await fleet.inspect('reverted-other-1');

  fleet.commit(
    services('reverted', { web: { ...spec, environment: { BROKEN: 'yes' }, command: ['false'] } }),
  );
  expect(await fleet.sync()).toMatchObject({ reverted: 'failed, succeeded' });
  const web = await fleet.inspect('reverted-web-1');
  expect(web.State.Health?.Status).toBe('healthy');
  expect(web.Config.Env ?? []).not.toContain('BROKEN=yes');
  expect((await fleet.inspect('reverted-other-1')).Id).toBe(other.Id);
});

realTest('an image that fails behind a moved tag is held, until the tag moves on', async () => {
  const moving = images.web1.replace('/web:1', '/moving:1');
  await copyInRegistry(images.web1, moving);
  fleet.commit(services('moved', { web: { image: moving, pull_policy: 'always', rollout: patience } }));
  expect(await fleet.sync(), fleet.story()).toEqual({ moved: 'succeeded' });
  const first = await fleet.inspect('moved-web-1');

  await copyInRegistry(images.crash, moving);
  expect(await fleet.ask('moved'), fleet.story()).toEqual({ moved: 'failed, succeeded' });
  expect((await fleet.inspect('moved-web-1')).Image).toBe(first.Image);
  expect(await fleet.world.store.holds(name('moved'))).toMatchObject([
    { kind: 'rejected', service: 'web', digest: expect.stringMatching(/^sha256:/) },
  ]);
  const attempts = (await fleet.history('moved')).length;
  expect((await fleet.ask('moved'))['moved']).toBe('waiting');
  expect(verdictOf(await fleet.plan('moved'))).toBe('held');
  expect((await fleet.heal())['moved']).toBeUndefined();
  expect(await fleet.history('moved')).toHaveLength(attempts + 1);

  await copyInRegistry(images.web2, moving);
  expect(await fleet.ask('moved'), fleet.story()).toEqual({ moved: 'succeeded' });
  expect((await fleet.inspect('moved-web-1')).Image).not.toBe(first.Image);
  expect(await fleet.world.store.holds(name('moved'))).toEqual([]);
});

test('a first version that fails is recorded, and nothing is left that pretends to work', async () => {
  fleet.commit(services('stillborn', { web: { image: images.crash, rollout: patience } }));
  expect((await fleet.sync())['stillborn']).toMatch(/^failed/);
  const attempts = await fleet.history('stillborn');
  expect(attempts.at(-1)?.steps.find(({ status }) => status === 'failed')?.error?.code).toBe(
    'ContainerExited',
  );
  fleet.commit(services('stillborn', { web: { image: images.web1 } }));
  expect(await fleet.sync()).toMatchObject({ stillborn: 'succeeded' });
  expect(await fleet.containers('stillborn')).toHaveLength(1);
});

test('one service that fails leaves the others of its stack their new version', async () => {
  const rollout = patience;
  fleet.commit(services('half', { good: { image: images.web1 }, bad: { image: images.web1, rollout } }));
  await fleet.sync();
  fleet.commit(services('half', { good: { image: images.web2 }, bad: { image: images.crash, rollout } }));
  expect((await fleet.sync())['half']).toBe('partial, succeeded');
  expect((await fleet.inspect('half-good-1')).Config.Image).toBe(images.web2);
  expect((await fleet.inspect('half-bad-1')).Config.Image).toBe(images.web1);
});

test('a job that fails stops what waits for it, and runs again only in another version', async () => {
  const specs = (job: Spec): Readonly<Record<string, Spec>> => ({
    migrate: { image: images.job, ...job },
    web: { image: images.web1, depends_on: { migrate: { condition: 'service_completed_successfully' } } },
  });
  fleet.commit(services('migrated', specs({ environment: { EXIT_CODE: '3' } })));
  expect((await fleet.sync())['migrated']).toMatch(/^(failed|partial)/);
  const early = (await fleet.containers('migrated')).filter(({ Name }) => Name.includes('web'));
  expect(early.filter(({ State }) => State.Status !== 'created')).toEqual([]);

  fleet.commit(services('migrated', specs({})));
  expect(await fleet.sync()).toMatchObject({ migrated: 'succeeded' });
  const ran = await fleet.inspect('migrated-migrate-1');
  expect(ran.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
  expect(Date.parse((await fleet.inspect('migrated-web-1')).State.StartedAt)).toBeGreaterThan(
    Date.parse(ran.State.FinishedAt),
  );
  expect((await fleet.heal())['migrated']).toBeUndefined();
  expect((await fleet.inspect('migrated-migrate-1')).State.StartedAt).toBe(ran.State.StartedAt);
});

function verdictOf({ decisions }: Plan): string | undefined {
  return decisions.find(({ resource }) => resource.kind === 'service' && resource.service === 'web')?.verdict;
}
