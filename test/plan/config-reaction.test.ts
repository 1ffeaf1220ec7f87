import { expect, test } from 'vitest';
import type { ConfigFile, ConfigReaction } from '../../reconciler/model/container.ts';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import { converge, planFor, running, service, stableOf, stack, withContainer, withState } from './world.ts';

const path = '/etc/app.conf';
const hangUp: ConfigReaction = { kind: 'signal', signal: 'SIGHUP' };
const restart: ConfigReaction = { kind: 'restart' };

function file(content: string, options: Partial<ConfigFile> = {}): ConfigFile {
  return { digest: `sha256:${content.repeat(64)}`, mode: 0o444, uid: 0, gid: 0, ...options };
}

interface Version {
  readonly content: string;
  readonly reaction?: ConfigReaction | null;
  readonly replicas?: number;
  readonly lifecycle?: 'service' | 'job';
}

function web({ content, reaction = hangUp, replicas = 1, lifecycle = 'service' }: Version): DesiredStack {
  const reactions = reaction === null ? {} : { [path]: reaction };
  const container = { configs: { [path]: file(content) } };
  return stack([service('web', { container, reactions, replicas, lifecycle })]);
}

const stepsOf = (desired: DesiredStack, observed: Parameters<typeof planFor>[1]): readonly string[] =>
  planFor(desired, observed).steps.map(({ id }) => id);

test('a changed file is written into the running container, which is then told by the signal', () => {
  const plan = planFor(web({ content: 'b' }), running(web({ content: 'a' })));
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    configs./etc/app.conf.digest changed sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb
          configs./etc/app.conf.digest sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb  (commit)

      1. write configs of web.1
      2. signal web.1 with SIGHUP  after 1
      3. await web.1               after 2
      4. confirm configs of web.1  after 3
    "
  `);
});

test('with the reaction restart the container is restarted, which is told as downtime', () => {
  const plan = planFor(
    web({ content: 'b', reaction: restart }),
    running(web({ content: 'a', reaction: restart })),
  );
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · downtime for web · policy ok

      ~ web  in place    configs./etc/app.conf.digest changed sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb
          configs./etc/app.conf.digest sha256:aaaaaaaaaaaa -> sha256:bbbbbbbbbbbb  (commit)

      warn    DT101 web is away for a moment: configs./etc/app.conf.digest changed sha256:aaaaaaaaaaaa ->
                    sha256:bbbbbbbbbbbb.
                    Sync when it does no harm.

      1. write configs of web.1
      2. restart web.1             after 1
      3. await web.1               after 2
      4. confirm configs of web.1  after 3
    "
  `);
});

test.each([
  ['signal', hangUp],
  ['restart', restart],
])('after a %s the next plan is empty, and a later recreation keeps the new content', (_, reaction) => {
  const told = converge(web({ content: 'b', reaction }), running(web({ content: 'a', reaction })));
  expect(stepsOf(web({ content: 'b', reaction }), told)).toEqual([]);
  const gone = { ...told, containers: [] };
  const anew = converge(web({ content: 'b', reaction }), gone);
  expect(anew.containers[0]?.spec.configs[path]?.digest).toBe(file('b').digest);
});

test('instances are told one after the other', () => {
  const steps = planFor(
    web({ content: 'b', replicas: 2 }),
    running(web({ content: 'a', replicas: 2 })),
  ).steps;
  const second = steps.find(({ id }) => id === 'write configs of web.2');
  expect(second?.after).toEqual(['confirm configs of web.1']);
});

test('a sync that dies between writing and telling is caught up with by the next one', () => {
  const before = running(web({ content: 'a' }));
  const { observed } = simulatePlan(before, planFor(web({ content: 'b' }), before), { dieAfter: 1 });
  expect(stepsOf(web({ content: 'b' }), observed)).toEqual([
    'write configs of web.1',
    'signal web.1 with SIGHUP',
    'await web.1',
    'confirm configs of web.1',
  ]);
  expect(planFor(web({ content: 'b' }), observed).decisions[0]?.because).toBe(
    'an interrupted sync wrote /etc/app.conf and may not have told it',
  );
});

test('content that somebody edited in the container is drift, and is put right in the same way', () => {
  const desired = web({ content: 'a' });
  const observed = withContainer(running(desired), 'shop-web-1', ({ spec }) => ({
    spec: { ...spec, configs: { [path]: file('e') } },
  }));
  const plan = planFor(desired, observed, { stable: stableOf(desired) });
  expect(plan.changes.map(({ cause }) => cause.kind)).toEqual(['drift']);
  expect(plan.steps[0]?.id).toBe('write configs of web.1');
});

test.each<[string, Version, Version]>([
  ['without a reaction', { content: 'a', reaction: null }, { content: 'b', reaction: null }],
  ['made before the reaction was said', { content: 'a', reaction: null }, { content: 'b' }],
  ['whose reaction was taken back', { content: 'a' }, { content: 'b', reaction: null }],
  ['of a job', { content: 'a', lifecycle: 'job' }, { content: 'b', lifecycle: 'job' }],
])('a container %s is made anew', (_, from, to) => {
  expect(stepsOf(web(to), running(web(from)))).toContain('create web.1');
});

test('saying another reaction changes nothing that runs', () => {
  expect(stepsOf(web({ content: 'a', reaction: restart }), running(web({ content: 'a' })))).toEqual([]);
  expect(stepsOf(web({ content: 'a' }), running(web({ content: 'a', reaction: null })))).toEqual([]);
});

test('a container that has stopped gets the file and a process that is certainly newer', () => {
  const stopped = withState(running(web({ content: 'a' })), 'shop-web-1', { status: 'exited', exitCode: 0 });
  expect(stepsOf(web({ content: 'b' }), stopped)).toEqual([
    'write configs of web.1',
    'restart web.1',
    'await web.1',
    'confirm configs of web.1',
  ]);
});

test('a paused container is woken before it is told', () => {
  const paused = withState(running(web({ content: 'a' })), 'shop-web-1', { status: 'paused' });
  expect(stepsOf(web({ content: 'b' }), paused)).toEqual([
    'write configs of web.1',
    'unpause web.1',
    'signal web.1 with SIGHUP',
    'await web.1',
    'confirm configs of web.1',
  ]);
});
