import { afterEach, expect, inject, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { createPlace, deployAt, type Deployment, type Place } from '../support/deployment.ts';
import { services, type Spec } from '../support/manifest.ts';
import { createRepository } from '../support/repository.ts';

const web: Spec = { image: inject('images').web1 };
let deployment: Deployment | undefined;

afterEach(() => deployment?.close());

/** The same engine and store, but followed from another source with a repository of its own. */
async function moveTo(place: Place, files: Readonly<Record<string, string>>): Promise<Deployment> {
  await deployment?.disconnect();
  const repository = createRepository();
  repository.commit(files);
  deployment = await deployAt({ ...place, repository, source: 'renamed' });
  return deployment;
}

test('a stack that another source claims loses a service only after that was accepted, and belongs to it from then on', async () => {
  const place = createPlace();
  deployment = await deployAt(place);
  deployment.commit(services('moved', { a: web, b: web, c: web }));
  expect(await deployment.sync()).toEqual({ moved: 'succeeded' });
  const before = await deployment.processes('moved');

  const next = await moveTo(place, services('moved', { a: web, b: web }));
  expect(await next.sync()).toEqual({ moved: 'waiting' });
  expect(await next.processes('moved')).toEqual(before);
  expect(next.story()).toContain(
    'TO101: Source renamed takes stack moved over from source test, and would remove what only test had: c.',
  );

  expect(await next.ask('moved', ['TO101'])).toEqual({ moved: 'succeeded' });
  expect(await next.processes('moved')).toEqual(before.filter((line) => !line.startsWith('/moved-c-1 ')));
  next.commit({ 'stacks/moved/b.yaml': null });
  expect(await next.sync()).toEqual({ moved: 'succeeded' });
});

test('a stack that another source has entirely is its own at once, and a later removal needs no approval', async () => {
  const place = createPlace();
  deployment = await deployAt(place);
  deployment.commit(services('kept', { a: web, b: web, c: web, d: web }));
  expect(await deployment.sync()).toEqual({ kept: 'succeeded' });
  const before = await deployment.processes('kept');

  const next = await moveTo(place, services('kept', { a: web, b: web, c: web, d: web }));
  expect(await next.sync()).toEqual({});
  expect(next.world.statuses.get(name('kept'))).toMatchObject({ source: 'renamed', syncStatus: 'synced' });
  expect(await next.processes('kept')).toEqual(before);
  next.commit({ 'stacks/kept/d.yaml': null });
  expect(await next.sync()).toEqual({ kept: 'succeeded' });
});
