import { expect, test } from 'vitest';
import type { Change } from '../../reconciler/model/change.ts';
import { diffStack } from '../../reconciler/plan/diff.ts';
import { formatChange } from '../../reconciler/plan/render.ts';
import {
  emptyEngine,
  image,
  inventoryOf,
  mountOf,
  network,
  running,
  service,
  stableOf,
  stack,
  volume,
  withSpec,
  withState,
} from './world.ts';

function lines(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => `${change.class} ${formatChange(change)}`);
}

const before = stack(
  [
    service('db', { container: { mounts: { '/data': mountOf('data') }, stop_signal: 'SIGINT' } }),
    service('web', {
      replicas: 2,
      container: { environment: { LOG: 'info', OLD: '1' }, labels: { team: 'a' }, user: '1000' },
    }),
    service('gone'),
  ],
  { volumes: [volume('data'), volume('old')], networks: [network('default'), network('old')] },
);

const after = stack(
  [
    service('db', {
      container: { mounts: { '/data': mountOf('data', { read_only: true }) }, stop_signal: 'SIGINT' },
    }),
    service('web', {
      replicas: 3,
      container: { environment: { LOG: 'debug', NEW: '1' }, labels: { team: 'b' }, user: '1000', init: true },
    }),
  ],
  { volumes: [volume('data')], networks: [network('default'), network('back')] },
);

test('a diff is total: every field, instance, network and volume that differs is one change with its cause and class', () => {
  const options = { stable: stableOf(before), inventory: inventoryOf(before) };
  expect(lines(diffStack(after, running(before), options))).toEqual([
    'rolling db.1: mounts./data.read_only false -> true (commit)',
    'rolling web.1: environment.LOG info -> debug (commit)',
    'rolling web.1: environment.NEW (none) -> 1 (commit)',
    'rolling web.1: environment.OLD 1 -> (none) (commit)',
    'rolling web.1: labels.team a -> b (commit)',
    'rolling web.1: init false -> true (commit)',
    'rolling web.2: environment.LOG info -> debug (commit)',
    'rolling web.2: environment.NEW (none) -> 1 (commit)',
    'rolling web.2: environment.OLD 1 -> (none) (commit)',
    'rolling web.2: labels.team a -> b (commit)',
    'rolling web.2: init false -> true (commit)',
    'create web.3: add (commit)',
    'delete gone.1: remove (commit)',
    'create network back: add (commit)',
    'delete network old: remove (commit)',
  ]);
});

test('a diff of what is as it should be is empty', () => {
  expect(diffStack(before, running(before))).toEqual([]);
  expect(diffStack(stack([], { networks: [] }), emptyEngine())).toEqual([]);
});

test('each cause is told apart: a commit, the world, an image, a dependency and a sync that was cut short', () => {
  const desired = stack([
    service('app'),
    service('proxy', { container: { network_mode: 'service:app' } }),
    service('web', { replicas: 2, container: { mem_limit: 256 * 1024 ** 2 } }),
  ]);
  const observed = running(desired);
  const drifted = withSpec(withState(observed, 'shop-web-1', { status: 'paused' }), 'shop-web-2', {
    cpu_shares: 2,
  });
  const cut = {
    ...drifted,
    images: { ...drifted.images, 'acme/app:1': image('acme/app:1', { user: 'new' }) },
  };
  const second = drifted.containers.find(({ name }) => name === 'shop-web-2')!;
  const doubled = { ...second, id: '7'.repeat(64), name: `shop-web-2.${'a'.repeat(8)}` };
  const world = { ...cut, containers: [...cut.containers, doubled] };
  const changes = diffStack(desired, world, { stable: stableOf(desired) });
  expect(
    changes.map(({ cause, resource }) => [cause.kind, resource.kind === 'instance' ? resource.service : '']),
  ).toEqual([
    ['image', 'app'],
    ['dependency', 'proxy'],
    ['drift', 'web'],
    ['drift', 'web'],
    ['unfinished', 'web'],
  ]);
});

test('a volume that somebody removed is missing, as drift', () => {
  const observed = running(before);
  const lost = { ...observed, volumes: observed.volumes.filter(({ name }) => name !== 'shop_old') };
  expect(lines(diffStack(before, lost, { inventory: inventoryOf(before) }))).toEqual([
    'create volume old: add (drift)',
  ]);
});
