import { afterEach, expect, inject, test } from 'vitest';
import { createReporter } from '../../reconciler/control/report.ts';
import { name } from '../../reconciler/model/ids.ts';
import { lookAtUnfollowed } from '../../reconciler/sync/unfollowed.ts';
import { createPaint } from '../../reconciler/terminal/paint.ts';
import { formatStatus } from '../../reconciler/terminal/status.ts';
import { createPlace, deployAt, type Deployment } from '../support/deployment.ts';
import { services, type Spec } from '../support/manifest.ts';
import { createRepository } from '../support/repository.ts';

const web: Spec = { image: inject('images').web1 };
let deployment: Deployment;

afterEach(() => deployment.close());

async function shownOf({ world }: Deployment): Promise<string> {
  return formatStatus(await createReporter(world, null).status(), createPaint(false, {}));
}

async function lookAround({ world }: Deployment): Promise<void> {
  await lookAtUnfollowed(world, new AbortController().signal);
}

test('a stack that no source follows any more is shown with what is left of it until nothing is, and its history stays', async () => {
  const place = createPlace();
  deployment = await deployAt(place);
  deployment.commit(services('forsaken', { web }));
  expect(await deployment.sync()).toEqual({ forsaken: 'succeeded' });
  const before = await deployment.processes('forsaken');
  await deployment.disconnect();

  const repository = createRepository();
  repository.commit(services('followed', { web }));
  deployment = await deployAt({ ...place, repository, source: 'other' });
  await deployment.sync();
  await lookAround(deployment);
  expect(await deployment.processes('forsaken')).toEqual(before);
  expect(await shownOf(deployment)).toMatch(
    /^forsaken +not followed +healthy .*No source follows it any more/m,
  );
  const [stalled] = (await statusOf('forsaken'))!.conditions;
  expect(stalled!.message).toContain('Left: container forsaken-web-1, network forsaken_default.');
  expect(stalled!.message).toContain('`docker rm -f forsaken-web-1`, `docker network rm forsaken_default`.');
  const reporter = createReporter(deployment.world, null);
  await expect(reporter.diff(name('forsaken'), new AbortController().signal)).rejects.toMatchObject({
    code: 'StackUnknown',
  });

  await deployment.docker.getContainer('forsaken-web-1').remove({ force: true });
  await deployment.docker.getNetwork('forsaken_default').remove();
  await lookAround(deployment);
  expect(await shownOf(deployment)).not.toContain('forsaken');
  expect((await deployment.world.store.statuses()).map(({ stack }) => stack)).toEqual(['followed']);
  expect((await reporter.history({ stack: name('forsaken'), limit: 5 })).syncs).toHaveLength(1);
});

async function statusOf(stack: string) {
  return (await createReporter(deployment.world, null).status()).stacks.find((one) => one.stack === stack);
}

test('a stack that left its source vanishes from the status with the last of it, however that went', async () => {
  deployment = await deployAt(createPlace());
  const stacks = ['approved', 'byhand', 'swept'];
  deployment.commit({ 'stacks/README.md': '' });
  for (const stack of stacks) deployment.commit(services(stack, { web }));
  expect(await deployment.sync()).toEqual({ approved: 'succeeded', byhand: 'succeeded', swept: 'succeeded' });
  for (const stack of stacks) deployment.commit({ [`stacks/${stack}/web.yaml`]: null });
  expect(await deployment.sync()).toEqual({ approved: 'waiting', byhand: 'waiting', swept: 'waiting' });

  expect(await deployment.ask('approved', ['MD101'])).toEqual({ approved: 'succeeded' });
  expect(await statusOf('approved')).toBeUndefined();
  for (const stack of ['byhand', 'swept']) {
    await deployment.docker.getContainer(`${stack}-web-1`).remove({ force: true });
    await deployment.docker.getNetwork(`${stack}_default`).remove();
  }
  expect(await deployment.ask('byhand')).toEqual({ byhand: 'unchanged' });
  expect(await statusOf('byhand')).toBeUndefined();
  expect(await statusOf('swept')).toBeDefined();
  await lookAround(deployment);
  expect(deployment.world.views.stackNames()).toEqual([]);
  expect(await deployment.heal()).toEqual({});
  expect((await deployment.world.store.statuses()).map(({ stack }) => stack)).toEqual([]);
});
