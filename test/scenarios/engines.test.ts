import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import { name } from '../../reconciler/model/ids.ts';
import { sweepEngine } from '../../reconciler/sync/drift.ts';
import { createPlace, deployAt, type Deployment, type Place } from '../support/deployment.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { exampleConfig, exampleFiles } from '../support/example.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const files = exampleFiles('two-engines');
const web = files['stacks/web/web.yaml']!;
const directory = join(temporaryDirectory(), 'back');
let back: TestEngine;
let place: Place;
let fleet: Deployment;

beforeAll(async () => {
  back = await startTestEngine(directory);
  const DOCKER_HOST = `unix://${inject('engine').socketPath}`;
  const BACK_ENGINE = `unix://${back.socketPath}`;
  const configFile = exampleConfig('two-engines');
  place = createPlace({ configFile, environment: { DOCKER_HOST, BACK_ENGINE } });
  fleet = await deployAt(place);
  for (const docker of [fleet.docker, back.docker]) {
    await makeStandInImage(docker, 'busybox:1.36', { say: () => undefined });
  }
});

afterAll(async () => {
  await fleet.close();
  await back.close();
});

/** Names of the containers of ours on an engine. */
async function containersOn(docker: Docker): Promise<readonly string[]> {
  const filters = JSON.stringify({ label: ['dev.plimsoll.installation'] });
  const listed = await docker.listContainers({ all: true, filters });
  return listed.flatMap(({ Names }) => Names).filter((found) => /^\/(web|records)-/.test(found));
}

function engineProblems(deployment: Deployment): Readonly<Record<string, string | null>> {
  const checks = deployment.world.engines.checks();
  return Object.fromEntries(checks.map(({ engine, error }) => [engine, error?.code ?? null]));
}

function reasonOf(deployment: Deployment, stack: string): string | undefined {
  const status = deployment.world.statuses.get(name(stack));
  return status?.conditions.find(({ type }) => type === 'Stalled')?.reason;
}

test('each stack runs on the engine that it names, or on the default one', async () => {
  fleet.commit(files);
  expect(await fleet.sync(), fleet.story()).toEqual({ web: 'succeeded', records: 'succeeded' });
  expect(await containersOn(fleet.docker)).toEqual(['/web-web-1']);
  expect(await containersOn(back.docker)).toEqual(['/records-keeper-1']);
  for (const stack of ['web', 'records']) expect((await fleet.plan(stack)).steps).toEqual([]);
});

test('drift is healed on either engine', async () => {
  await fleet.docker.getContainer('web-web-1').kill();
  await back.docker.getContainer('records-keeper-1').kill();
  expect(await fleet.heal()).toEqual({ web: 'succeeded', records: 'succeeded' });
});

test('a stack moves: it begins on the other engine and is gone from this one when it is healthy there', async () => {
  fleet.commit({ 'stacks/web/stack.yaml': stackOn('back') });
  expect(await fleet.sync(), fleet.story()).toEqual({ web: 'succeeded' });
  expect(await containersOn(fleet.docker)).toEqual([]);
  expect((await containersOn(back.docker)).toSorted()).toEqual(['/records-keeper-1', '/web-web-1']);
  expect(await fleet.world.store.inventory(name('web'))).toMatchObject([
    { engine: 'back', kind: 'network' },
    { engine: 'back', kind: 'service' },
  ]);
  expect((await fleet.plan('web')).steps).toEqual([]);
});

test('a move that fails leaves the stack where it is', async () => {
  const broken = web
    .replace('http://localhost/', 'http://localhost/nothing')
    .replace('min_healthy_time: 1s', 'min_healthy_time: 1s, healthy_deadline: 2s');
  fleet.commit({ 'stacks/web/stack.yaml': stackOn('front'), 'stacks/web/web.yaml': broken });
  expect((await fleet.sync())['web'], fleet.story()).toMatch(/^(failed|partial)/);
  expect(await containersOn(back.docker)).toContain('/web-web-1');
  fleet.commit({ 'stacks/web/stack.yaml': stackOn('front'), 'stacks/web/web.yaml': web });
  await fleet.sync();
  await fleet.settle('web');
  expect(await containersOn(fleet.docker), fleet.story()).toEqual(['/web-web-1']);
  expect(await containersOn(back.docker)).toEqual(['/records-keeper-1']);
});

test('a move of data waits for a person, and keeps the volume', async () => {
  fleet.commit({ 'stacks/records/stack.yaml': files['stacks/records/stack.yaml']!.replace('back', 'front') });
  expect(await fleet.sync()).toEqual({ records: 'waiting' });
  expect(await fleet.ask('records'), 'asked again, and nobody accepted it').toEqual({ records: 'waiting' });
  expect(await containersOn(fleet.docker)).toEqual(['/web-web-1']);
  expect(await fleet.ask('records', ['MV101']), fleet.story()).toEqual({ records: 'succeeded' });
  expect(await containersOn(back.docker)).toEqual([]);
  const { Volumes } = await back.docker.listVolumes();
  expect(Volumes.map(({ Name }) => Name)).toContain('records_records');
  expect(await fleet.heal()).toEqual({});
  fleet.commit({ 'stacks/records/stack.yaml': files['stacks/records/stack.yaml']! });
  expect(await fleet.sync()).toEqual({ records: 'waiting' });
  expect(await fleet.ask('records', ['MV101']), fleet.story()).toEqual({ records: 'succeeded' });
});

test('an engine that hangs delays nobody else', async () => {
  const given = new AbortController();
  process.kill(back.processId, 'SIGSTOP');
  onTestFinished(() => void process.kill(back.processId, 'SIGCONT'));
  const hanging = sweepEngine(fleet.world, name('back'), given.signal).catch(() => 'given up');
  const revision = fleet.commit({
    'stacks/web/web.yaml': `${web}  environment: { PACE: full }\n`,
    'stacks/records/keeper.yaml': `${files['stacks/records/keeper.yaml']!}  environment: { PACE: none }\n`,
  });
  const loops = fleet.run();
  try {
    await until('the other engine has what was committed', async () => {
      const status = fleet.world.statuses.get(name('web'));
      return status?.syncStatus === 'synced' && status.revision === revision;
    });
    expect(fleet.world.running.stacks()).toContain('records');
    process.kill(back.processId, 'SIGCONT');
    await until('it goes on where it was', () => isSynced(fleet, 'records'));
  } finally {
    given.abort();
    await Promise.all([hanging, loops.stop()]);
  }
});

test('one engine that is down is the matter of its own stacks, and is seen when it comes back', async () => {
  await back.stop();
  await fleet.disconnect();
  fleet = await deployAt(place);
  fleet.commit({ 'stacks/late/compose.yaml': late });
  const loops = fleet.run();
  try {
    await until('its stacks are unknown', () => reasonOf(fleet, 'late') === 'EngineUnreachable');
    await until('the other one is synced', () => isSynced(fleet, 'web'));
    expect(engineProblems(fleet)).toEqual({ front: null, back: 'EngineUnreachable' });
    back = await startTestEngine(directory);
    await until('all of it is there', () => isSynced(fleet, 'late') && isSynced(fleet, 'records'));
    expect(engineProblems(fleet)).toEqual({ front: null, back: null });
  } finally {
    await loops.stop();
  }
});

test('what is left on an engine that never comes back can be given up', async () => {
  await back.stop();
  fleet.commit({ 'stacks/late/compose.yaml': late.replace('engine: back', 'engine: front') });
  expect(await fleet.sync(), fleet.story()).toEqual({ late: 'waiting' });
  expect((await fleet.plan('late')).findings.map(({ code }) => code)).toContain('MV102');
  expect(await fleet.ask('late', ['MV102']), fleet.story()).toEqual({ late: 'succeeded' });
  expect((await fleet.plan('late')).findings.map(({ code }) => code)).toContain('MV103');
  expect(await fleet.ask('late', ['MV103'])).toEqual({ late: 'unchanged' });
  const engines = (await fleet.world.store.inventory(name('late'))).map(({ engine }) => engine);
  expect(new Set(engines)).toEqual(new Set(['front']));
  expect((await fleet.plan('late')).findings.filter(({ level }) => level !== 'info')).toEqual([]);
});

const late = `\
x-plimsoll: { engine: back }
services:
  one: { image: 'busybox:1.36', command: [sleep, '1000'], init: true }
`;

function isSynced(deployment: Deployment, stack: string): boolean {
  const status = deployment.world.statuses.get(name(stack));
  return status?.syncStatus === 'synced' && status.health === 'healthy';
}

function stackOn(engine: string): string {
  return `apiVersion: plimsoll.dev/v1\nkind: Stack\nspec: { engine: ${engine} }\n`;
}
