import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import type { ObservedState } from '../../reconciler/model/observed.ts';
import { mountOf, planFor, port, running, service, stack, volume, withState } from './world.ts';

const codesOf = (...input: Parameters<typeof planFor>): readonly string[] =>
  planFor(...input).findings.map(({ code }) => code);

/** The same world, with the stack's own containers as those of another stack. */
function asAnother(observed: ObservedState): ObservedState {
  const containers = observed.containers.map((container) => ({
    ...container,
    id: `b${container.id.slice(1)}`,
    name: container.name.replace('shop-', 'blog-'),
    ownership: { ...container.ownership, stack: name('blog') },
  }));
  return { ...observed, containers };
}

const writing = (options: Parameters<typeof mountOf>[1] = {}) =>
  stack([service('web', { container: { mounts: { '/data': mountOf('data', options) } } })], {
    volumes: [volume('data')],
  });

test('a volume that another stack writes to is told', () => {
  const plan = planFor(writing(), asAnother(running(writing())));
  expect(plan.findings.find(({ code }) => code === 'VL104')).toMatchObject({
    level: 'warn',
    message: 'web writes to volume shop_data, and so does blog-web-1 of stack blog.',
  });
});

test.each([
  ['only read here', writing({ read_only: true }), asAnother(running(writing()))],
  ['only read there', writing(), asAnother(running(writing({ read_only: true })))],
  [
    'mounted there by what does not run',
    writing(),
    withState(asAnother(running(writing())), 'blog-web-1', { status: 'exited' }),
  ],
])('a volume that is %s is not', (_, desired, observed) => {
  expect(codesOf(desired, observed)).not.toContain('VL104');
});

test('a host port that another stack holds is told with the name of the stack', () => {
  const publishing = stack([service('web', { container: { ports: [port('8080')] } })]);
  const plan = planFor(publishing, asAnother(running(publishing)));
  expect(plan.findings.find(({ code }) => code === 'PT101')?.message).toContain(
    'host port 8080 is held by container blog-web-1 of stack blog',
  );
});

const at = (image: string, mounts: Parameters<typeof mountOf>[1] | null = null) =>
  stack(
    [
      service('db', {
        container: { image, ...(mounts && { mounts: { '/data': mountOf('data', mounts) } }) },
      }),
    ],
    { volumes: [volume('data')] },
  );

test.each([
  ['postgres:16.4', 'postgres:15.8', ['IM104']],
  ['postgres:16-alpine', 'docker.io/library/postgres:15-alpine', ['IM104']],
  ['acme/web:v2', 'acme/web:v1.9', ['IM104']],
  ['postgres:16.4', 'postgres:16.1', []],
  ['postgres:15', 'postgres:16', []],
  ['postgres:16', 'mysql:8', []],
  ['acme/web:stable', 'acme/web:1', []],
  ['acme/web:2', `acme/web@sha256:${'1'.repeat(64)}`, []],
])('from %s to %s', (from, to, codes) => {
  expect(codesOf(at(to), running(at(from))).filter((code) => code.startsWith('IM1'))).toEqual(codes);
});

test('a downgrade over data waits for a person, and is over once it was accepted', () => {
  const [before, after] = [at('postgres:16', {}), at('postgres:15', {})];
  const plan = planFor(after, running(before));
  expect(plan.findings.find(({ code }) => code === 'IM105')).toMatchObject({
    level: 'approve',
    message:
      'db goes back from postgres:16 to postgres:15, an earlier major version, which may not read what the later one has written to volume shop_data.',
  });
  expect(codesOf(after, running(after))).not.toContain('IM105');
});

test('data that is only read is not at risk', () => {
  const plan = codesOf(
    at('postgres:15', { read_only: true }),
    running(at('postgres:16', { read_only: true })),
  );
  expect(plan).toContain('IM104');
  expect(plan).not.toContain('IM105');
});
