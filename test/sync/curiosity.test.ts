import { expect, test } from 'vitest';
import { imagesOf, type Intent } from '../../reconciler/sync/preview.ts';
import { service, stack } from '../plan/world.ts';

const intent = {
  desired: stack([
    service('always', { pullPolicy: 'always' }),
    service('daily', { pullPolicy: 'every:86400000' }),
    service('missing'),
    service('never', { pullPolicy: 'never' }),
  ]),
  stable: [],
} as unknown as Intent;

test('a sync that somebody asks for asks what a followed tag means now, unless the manifest says how often', () => {
  expect(imagesOf([intent], 'anew').freshImages).toEqual([
    { reference: 'acme/always:1', maxAgeMs: 0 },
    { reference: 'acme/daily:1', maxAgeMs: 86_400_000 },
  ]);
});

test('a look by ourselves asks every ten minutes at most', () => {
  expect(imagesOf([intent], 'now and then').freshImages).toEqual([
    { reference: 'acme/always:1', maxAgeMs: 600_000 },
    { reference: 'acme/daily:1', maxAgeMs: 86_400_000 },
  ]);
});
