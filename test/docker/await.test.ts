import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import type { Operation } from '../../reconciler/model/plan.ts';
import {
  applyAll,
  createOperation,
  lookAtOne,
  made,
  makeTestImage,
  openBench,
  planFrom,
  planOf,
  targetOf,
  type Applied,
  type Bench,
} from './fixture.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const image = 'plimsoll-test/await:1';
let bench: Bench;

beforeAll(async () => {
  bench = openBench();
  await makeTestImage(bench.docker, image);
});
afterAll(async () => {
  await bench.close();
});

interface Gate {
  readonly minHealthyTimeMs: number;
  readonly healthyDeadlineMs: number;
}

interface Case {
  readonly service: string;
  readonly intent?: Partial<ContainerIntent>;
  readonly gate: Gate;
  readonly signal?: AbortSignal;
}

async function upAndWait({
  service,
  intent = {},
  gate,
  signal,
}: Case): Promise<Applied & { readonly tookMs: number }> {
  const create = createOperation(bench.stack, { image, ...intent }, { service });
  const target = made('create', create);
  const plan = planOf(bench.stack, {
    create,
    start: { kind: 'startContainer', target },
    wait: { kind: 'awaitHealthy', target, isAnew: false, progressDeadlineMs: 60_000, ...gate },
  });
  const applied = await applyAll(bench.engine, plan, signal === undefined ? {} : { signal });
  const times = applied.events.filter(({ step }) => step === 'wait').map(({ at }) => at);
  return { ...applied, tookMs: Math.max(...times) - Math.min(...times) };
}

const check = (test: string) => ({
  test: ['CMD-SHELL', test],
  interval: 300,
  timeout: 1_000,
  retries: 2,
  start_period: 0,
  start_interval: 0,
});

describe('waiting for health', () => {
  test('ends as soon as a container without a check has run for its time', async () => {
    const { failure, events } = await upAndWait({
      service: 'plain',
      gate: { minHealthyTimeMs: 1_200, healthyDeadlineMs: 30_000 },
    });
    expect(failure).toBeNull();
    const { state } = await lookAtOne(bench.engine, `${bench.stack}-plain-1`);
    const ranMs = events.at(-1)!.at - state.startedAt!;
    expect(ranMs).toBeGreaterThan(1_100);
    expect(ranMs).toBeLessThan(10_000);
  });

  test('begins with the first good check, and lasts its time from there', async () => {
    const { failure, tookMs } = await upAndWait({
      service: 'checked',
      intent: { healthcheck: check('true') },
      gate: { minHealthyTimeMs: 1_000, healthyDeadlineMs: 30_000 },
    });
    expect(failure).toBeNull();
    expect(tookMs).toBeGreaterThan(1_000);
    const { state } = await lookAtOne(bench.engine, `${bench.stack}-checked-1`);
    expect(state.health).toBe('healthy');
  });

  test('is over at once for a container that was healthy for long enough already', async () => {
    const { id, name } = await lookAtOne(bench.engine, `${bench.stack}-plain-1`);
    const wait: Operation = {
      kind: 'awaitHealthy',
      target: targetOf({ id, name }),
      minHealthyTimeMs: 1_000,
      isAnew: false,
      healthyDeadlineMs: 1_000,
      progressDeadlineMs: 1_000,
    };
    const { events } = await applyAll(bench.engine, planOf(bench.stack, { wait }));
    expect(events.map(({ kind }) => kind)).toEqual(['stepStarted', 'stepSucceeded']);
  });

  realTest(
    'fails as soon as the check has failed for good, and tells its output beside the message only',
    async () => {
      const { failure, tookMs } = await upAndWait({
        service: 'sick',
        intent: { healthcheck: check('echo topsecret; exit 3') },
        gate: { minHealthyTimeMs: 1_000, healthyDeadlineMs: 60_000 },
      });
      expect(failure?.code).toBe('ContainerUnhealthy');
      expect(failure?.message).toContain(
        `Container ${bench.stack}-sick-1 is unhealthy: its health check failed 2 times`,
      );
      expect(failure?.message).toContain('last with code 3');
      expect(failure?.output).toContain('health check: topsecret');
      expect(failure?.message).not.toContain('topsecret');
      expect(tookMs).toBeLessThan(20_000);
    },
  );

  test('fails as soon as the process has ended for good, with its code', async () => {
    const { failure, tookMs } = await upAndWait({
      service: 'exits',
      intent: { command: ['sh', '-c', 'echo topsecret; sleep 0.3; exit 7'] },
      gate: { minHealthyTimeMs: 5_000, healthyDeadlineMs: 60_000 },
    });
    expect(failure).toMatchObject({
      code: 'ContainerExited',
      message: expect.stringContaining('with code 7'),
    });
    expect(failure?.message).not.toContain('topsecret');
    expect(tookMs).toBeLessThan(20_000);
  });

  realTest('says that memory ran out', async () => {
    const { failure } = await upAndWait({
      service: 'hungry',
      // tail keeps the line that never ends in memory.
      intent: { command: ['sh', '-c', 'tail /dev/zero'], mem_limit: 16_777_216, memswap_limit: 16_777_216 },
      gate: { minHealthyTimeMs: 20_000, healthyDeadlineMs: 60_000 },
    });
    expect(failure).toMatchObject({
      code: 'ContainerExited',
      message: expect.stringContaining('out of memory'),
    });
  });

  test('is not fooled by a process that runs whenever somebody looks', async () => {
    const { failure } = await upAndWait({
      service: 'loops',
      intent: {
        command: ['sh', '-c', 'sleep 0.4; exit 5'],
        restart: { condition: 'always', max_attempts: 0 },
      },
      gate: { minHealthyTimeMs: 1_500, healthyDeadlineMs: 4_000 },
    });
    expect(failure?.code).toBe('ContainerExited');
    expect(failure?.message).toMatch(/keeps ending: it was restarted \d+ times and last ended with code 5/);
  });

  test('waits for a process that needs some restarts to come up', async () => {
    const { failure } = await upAndWait({
      service: 'patient',
      intent: {
        command: ['sh', '-c', 'test -e /data/ready && exec /bin/wait; touch /data/ready; exit 1'],
        mounts: { '/data': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' } },
        restart: { condition: 'on-failure', max_attempts: 5 },
      },
      gate: { minHealthyTimeMs: 1_000, healthyDeadlineMs: 30_000 },
    });
    expect(failure).toBeNull();
  });

  test('ends at its deadline and says what is missing', async () => {
    const { failure } = await upAndWait({
      service: 'slow',
      intent: { healthcheck: { ...check('exit 1'), start_period: 60_000 } },
      gate: { minHealthyTimeMs: 1_000, healthyDeadlineMs: 1_500 },
    });
    expect(failure?.code).toBe('DeadlineExceeded');
    expect(failure?.message).toContain('within 1.5 s: its health is starting');
  });

  test('says that the container is gone when somebody removes it', async () => {
    const waiting = upAndWait({
      service: 'gone',
      gate: { minHealthyTimeMs: 60_000, healthyDeadlineMs: 60_000 },
    });
    const container = bench.docker.getContainer(`${bench.stack}-gone-1`);
    await expect.poll(async () => (await container.inspect()).State.Running, { timeout: 20_000 }).toBe(true);
    await container.remove({ force: true });
    // An end may be seen before the removal is.
    expect((await waiting).failure?.code).toMatch(/^Container(Vanished|Exited)$/);
  });

  test('ends when it is cancelled, and what waited for it is skipped', async () => {
    const controller = new AbortController();
    const waiting = upAndWait({
      service: 'cancelled',
      gate: { minHealthyTimeMs: 60_000, healthyDeadlineMs: 60_000 },
      signal: controller.signal,
    });
    const container = bench.docker.getContainer(`${bench.stack}-cancelled-1`);
    await expect.poll(async () => (await container.inspect()).State.Running, { timeout: 20_000 }).toBe(true);
    controller.abort();
    const { ends } = await waiting;
    expect(ends.slice(0, 2)).toEqual(['create: succeeded', 'start: succeeded']);
    expect(ends[2]).toMatch(/^wait: (failed Cancelled|skipped)$/);
    expect((await container.inspect()).State.Running).toBe(true);
  });

  test('ends when nobody listens any more', async () => {
    const create = createOperation(bench.stack, { image }, { service: 'unheard' });
    const target = made('create', create);
    const gate = {
      minHealthyTimeMs: 100_000,
      isAnew: false,
      healthyDeadlineMs: 100_000,
      progressDeadlineMs: 100_000,
    };
    const plan = planOf(bench.stack, {
      create,
      start: { kind: 'startContainer', target },
      wait: { kind: 'awaitHealthy', target, ...gate },
    });
    const { signal } = new AbortController();
    for await (const { kind, step } of bench.engine.apply(plan, { contents: new Map(), signal })) {
      if (kind === 'stepStarted' && step === 'wait') break;
    }
    expect((await lookAtOne(bench.engine, create.name)).state.status).toBe('running');
  });

  test('holds nobody up: more waits than places go on while others work', async () => {
    const operations = Array.from({ length: 8 }, (_, index) => {
      const create = createOperation(bench.stack, { image }, { service: 'many', instance: index + 1 });
      return { create, target: made(`create ${index}`, create), index };
    });
    const steps = operations.flatMap(({ create, target, index }) => [
      { id: `create ${index}`, after: [], operation: create },
      {
        id: `start ${index}`,
        after: [`create ${index}`],
        operation: { kind: 'startContainer', target } as const,
      },
      {
        id: `wait ${index}`,
        after: [`start ${index}`],
        operation: {
          kind: 'awaitHealthy',
          target,
          minHealthyTimeMs: 6_000,
          isAnew: false,
          healthyDeadlineMs: 60_000,
          progressDeadlineMs: 60_000,
        } as const,
      },
    ]);
    const resource = { kind: 'stack' } as const;
    const plan = planFrom(
      bench.stack,
      steps.map(({ id, after, operation }) => ({ id, after, operation, resource, because: '' })),
    );
    const { events, failure } = await applyAll(bench.engine, plan);
    expect(failure).toBeNull();
    const lastStart = Math.max(...events.flatMap(({ step, at }) => (step.startsWith('start') ? [at] : [])));
    const firstWaitEnd = Math.min(
      ...events.flatMap(({ step, at, kind }) =>
        step.startsWith('wait') && kind === 'stepSucceeded' ? [at] : [],
      ),
    );
    expect(lastStart).toBeLessThan(firstWaitEnd);
  });
});

describe('waiting for a job', () => {
  async function job(service: string, command: readonly string[], deadlineMs = 30_000) {
    const create = createOperation(bench.stack, { image, command }, { service });
    const target = made('create', create);
    const plan = planOf(bench.stack, {
      create,
      start: { kind: 'startContainer', target },
      wait: { kind: 'awaitCompleted', target, deadlineMs },
    });
    return applyAll(bench.engine, plan);
  }

  test('ends with its end', async () => {
    expect((await job('job', ['sleep', '0.5'])).failure).toBeNull();
  });

  test('fails with its exit code, and shows nothing of its output', async () => {
    const { failure } = await job('bad-job', ['sh', '-c', 'echo topsecret; exit 4']);
    expect(failure).toMatchObject({
      code: 'JobFailed',
      message: expect.stringContaining('ended with code 4'),
    });
    expect(failure?.message).not.toContain('topsecret');
  });

  test('ends at its deadline and leaves the job alone', async () => {
    const { failure } = await job('long-job', ['sleep', '600'], 700);
    expect(failure).toMatchObject({ code: 'DeadlineExceeded', message: expect.stringContaining('goes on') });
    expect((await lookAtOne(bench.engine, `${bench.stack}-long-job-1`)).state.status).toBe('running');
  });
});
