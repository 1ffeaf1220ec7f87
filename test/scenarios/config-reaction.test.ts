import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { exec } from '../support/exec.ts';
import { services, stack, type Spec } from '../support/manifest.ts';

let fleet: Deployment;

/** Serves what it read last: at its start, and whenever it is told. */
const loop = 'while true; do sleep 0.1; done';
const reader = `seen() { cat /etc/app/app.conf > /tmp/seen; }; trap seen HUP; trap "exit 0" TERM; seen; ${loop}`;
const dyingOnBad = `trap 'grep -q bad /etc/app/app.conf && exit 3' HUP; trap "exit 0" TERM; ${loop}`;

function spec(content: string, config: Spec, options: Spec = {}): Spec {
  return {
    image: inject('images').web1,
    command: ['sh', '-c', reader],
    healthcheck: { disable: true },
    configs: [{ target: '/etc/app/app.conf', content, ...config }],
    ...options,
  };
}

const told: Spec = { reaction: 'signal' };
const restarted: Spec = { reaction: 'restart' };
const volatile: Spec = { tmpfs: ['/tmp'] };

function files(content: string) {
  return services('react', {
    told: spec(content, told),
    restarted: spec(content, restarted),
    sealed: spec(content, told, { read_only: true, ...volatile }),
    stored: spec(content, told, { volumes: ['data:/etc/app'] }),
    replaced: spec(content, {}),
  });
}

beforeAll(async () => {
  fleet = await createDeployment();
  fleet.commit({ 'stacks/react/stack.yaml': stack({ volumes: { data: {} } }), ...files('one') });
  expect(await fleet.sync(), fleet.story()).toEqual({ react: 'succeeded' });
});

afterAll(() => fleet.close());

test('new content reaches the running process as its manifest says, and the next plan is empty', async () => {
  const before = await states();
  fleet.commit(files('two'));
  expect(await fleet.sync(), fleet.story()).toEqual({ react: 'succeeded' });
  const after = await states();
  for (const name of ['told', 'sealed', 'stored']) expect(after[name]).toEqual(before[name]);
  expect(after['restarted']?.id).toBe(before['restarted']?.id);
  expect(after['restarted']?.startedAt).not.toBe(before['restarted']?.startedAt);
  expect(after['replaced']?.id).not.toBe(before['replaced']?.id);
  for (const name of Object.keys(after)) {
    await expect.poll(() => seen(name), { timeout: 5_000 }).toBe('two');
  }
  expect((await fleet.plan('react')).steps).toEqual([]);
  const [last] = await fleet.history('react');
  expect(last?.steps.map(({ step }) => step)).toEqual(
    expect.arrayContaining(['write configs of told.1', 'signal told.1 with SIGHUP', 'restart restarted.1']),
  );
});

test('another process finds the new content in the container and not the one of its creation', async () => {
  const { Id } = await fleet.inspect('react-told-1');
  await exec(fleet.docker, 'react-told-1', [
    'sh',
    '-c',
    'rm /etc/app/app.conf; echo edited > /etc/app/app.conf',
  ]);
  fleet.commit({ 'stacks/react/told.yaml': files('two')['stacks/react/told.yaml']!.replace('two', 'three') });
  expect(await fleet.sync(), fleet.story()).toEqual({ react: 'succeeded' });
  expect((await fleet.inspect('react-told-1')).Id).toBe(Id);
  await expect.poll(() => seen('told'), { timeout: 5_000 }).toBe('three');
});

test('what somebody copies over a file is drift, and is put right without a new container', async () => {
  const { Id } = await fleet.inspect('react-sealed-1');
  const loops = fleet.run();
  try {
    await exec(fleet.docker, 'react-told-1', ['sh', '-c', 'echo edited > /etc/app/app.conf; : > /tmp/seen']);
    await fleet.docker.getContainer('react-told-1').restart({ t: 1 });
    await expect.poll(() => seen('told'), { timeout: 15_000 }).toBe('three');
    await expect
      .poll(async () => (await fleet.history('react'))[0], { timeout: 15_000 })
      .toMatchObject({ trigger: expect.stringMatching(/^(event|sweep)$/), outcome: 'succeeded' });
  } finally {
    await loops.stop();
  }
  expect((await fleet.inspect('react-sealed-1')).Id).toBe(Id);
});

test('a later recreation keeps the content', async () => {
  await fleet.docker.getContainer('react-sealed-1').remove({ force: true });
  expect(await fleet.heal(), fleet.story()).toEqual({ react: 'succeeded' });
  expect(await seen('sealed')).toBe('two');
  expect((await fleet.plan('react')).steps).toEqual([]);
});

test('content that the process cannot live with is a failed step, and the old one comes back', async () => {
  const fragile = (content: string) =>
    services('react', { fragile: spec(content, told, { command: ['sh', '-c', dyingOnBad] }) });
  fleet.commit(fragile('good'));
  expect(await fleet.sync(), fleet.story()).toEqual({ react: 'succeeded' });
  const manifest = JSON.parse(fragile('bad')['stacks/react/fragile.yaml']!) as { spec: Spec };
  const rollout = { min_healthy_time: '1s', healthy_deadline: '20s', progress_deadline: '40s' };
  const path = 'stacks/react/fragile.yaml';
  fleet.commit({ [path]: JSON.stringify({ ...manifest, spec: { ...manifest.spec, rollout } }) });
  expect(await fleet.sync(), fleet.story()).toEqual({
    react: expect.stringMatching(/^(failed|partial), succeeded$/),
  });
  const failed = (await fleet.history('react')).find(({ error }) => error !== null);
  expect(failed?.error?.code).toBe('ContainerExited');
  expect(failed?.steps.find(({ step }) => step === 'await fragile.1')?.status).toBe('failed');
  expect(await exec(fleet.docker, 'react-fragile-1', ['cat', '/etc/app/app.conf'])).toBe('good');
  expect((await fleet.plan('react')).steps).toEqual([]);
});

interface State {
  readonly id: string;
  readonly startedAt: string;
}

async function states(): Promise<Readonly<Record<string, State>>> {
  const containers = await fleet.containers('react');
  const entries = containers.map(({ Name, Id, State }) => [
    Name.slice('/react-'.length, -'-1'.length),
    { id: Id, startedAt: State.StartedAt },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, State>>;
}

function seen(service: string): Promise<string> {
  return exec(fleet.docker, `react-${service}-1`, ['cat', '/tmp/seen']);
}
