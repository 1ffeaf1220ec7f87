import { expect, test } from 'vitest';
import type { StepRecord, SyncEvent } from '../../reconciler/model/event.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import { describeOnServers } from './open.ts';
import { freshStack, sampleBegin, sampleCommit, sampleFinish, samplePlan } from './samples.ts';

const pending = {
  status: 'pending',
  startedAt: null,
  finishedAt: null,
  result: null,
  error: null,
  output: '',
  reason: '',
} as const satisfies Omit<StepRecord, 'step'>;

describeOnServers(({ store, sql }) => {
  test('an attempt that has just begun is there, running, with its commit', async () => {
    const stack = freshStack();
    const from = revision('f'.repeat(40));
    const id = await store.beginSync({ ...sampleBegin(stack), trigger: 'webhook', from });
    expect(await store.sync(id)).toEqual({
      id,
      stack,
      approvals: [],
      trigger: 'webhook',
      from,
      to: sampleCommit(),
      outcome: null,
      summary: '',
      error: null,
      problems: [],
      plan: null,
      steps: [],
      startedAt: 1_000,
      finishedAt: null,
    });
  });

  test('an attempt without a commit has none', async () => {
    const id = await store.beginSync({ ...sampleBegin(freshStack()), to: null });
    expect(await store.sync(id)).toMatchObject({ from: null, to: null });
  });

  test('a recorded plan comes back exactly, and its steps are pending, in its order', async () => {
    const stack = freshStack();
    const id = await store.beginSync(sampleBegin(stack));
    const plan = samplePlan(stack, ['web', 'cache', 'db']);
    await store.recordPlan(id, plan);
    const sync = await store.sync(id);
    expect(sync?.plan).toEqual(plan);
    expect(sync?.steps).toEqual([
      { step: 'restart web.1', ...pending },
      { step: 'restart cache.1', ...pending },
      { step: 'restart db.1', ...pending },
    ]);
  });

  test('events move the steps of a running attempt, and come back in order', async () => {
    const stack = freshStack();
    const id = await store.beginSync(sampleBegin(stack));
    await store.recordPlan(id, samplePlan(stack, ['web', 'db', 'cache', 'mail']));
    const result = { containerId: 'c0ffee', digest: 'acme/web@sha256:abc' };
    const events: readonly SyncEvent[] = [
      { kind: 'stepStarted', at: 10, step: 'restart web.1' },
      { kind: 'stepProgress', at: 11, step: 'restart web.1', message: 'pulling 3 of 7' },
      { kind: 'stepSucceeded', at: 12, step: 'restart web.1', result },
      { kind: 'stepStarted', at: 13, step: 'restart db.1' },
      {
        kind: 'stepFailed',
        at: 14,
        step: 'restart db.1',
        code: 'PortTaken',
        message: 'Port 80 is taken.',
        output: 'bind:\nno',
      },
      { kind: 'stepSkipped', at: 15, step: 'restart cache.1', reason: 'db failed' },
      { kind: 'stepStarted', at: 16, step: 'restart mail.1' },
    ];
    for (const event of events) await store.recordEvent(id, event);
    expect(await store.events(id)).toEqual(events);
    expect((await store.sync(id))?.steps).toEqual([
      { ...pending, step: 'restart web.1', status: 'succeeded', startedAt: 10, finishedAt: 12, result },
      {
        ...pending,
        step: 'restart db.1',
        status: 'failed',
        startedAt: 13,
        finishedAt: 14,
        error: { code: 'PortTaken', message: 'Port 80 is taken.' },
        output: 'bind:\nno',
      },
      { ...pending, step: 'restart cache.1', status: 'skipped', finishedAt: 15, reason: 'db failed' },
      { ...pending, step: 'restart mail.1', status: 'running', startedAt: 16 },
    ]);
  });

  test('an event of a step that the plan does not have is kept as an event', async () => {
    const id = await store.beginSync(sampleBegin(freshStack()));
    await store.recordEvent(id, { kind: 'stepStarted', at: 1, step: 'unplanned' });
    expect(await store.events(id)).toHaveLength(1);
    expect((await store.sync(id))?.steps).toEqual([]);
  });

  test('a finished attempt has what it was finished with', async () => {
    const stack = freshStack();
    const id = await store.beginSync({ ...sampleBegin(stack), to: null });
    const steps: readonly StepRecord[] = [
      { ...pending, step: 'b', status: 'succeeded', startedAt: 5, finishedAt: 6, result: {} },
      {
        ...pending,
        step: 'a',
        status: 'failed',
        startedAt: 7,
        finishedAt: 8,
        error: { code: 'JobFailed', message: 'No.' },
        output: 'line 1\nline 2',
      },
    ];
    const finish = sampleFinish({
      outcome: 'partial',
      summary: 'web is up, db is not.',
      error: { code: 'JobFailed', message: 'No.' },
      problems: [
        { code: 'UnknownKey', file: 'a.yaml', line: 1, column: 2, path: 'spec', message: 'No such key.' },
      ],
      steps,
    });
    await store.recordPlan(id, samplePlan(stack, ['web', 'db', 'cache']));
    await store.finishSync(id, finish);
    const { at, ...rest } = finish;
    expect(await store.sync(id)).toMatchObject({ ...rest, finishedAt: at, startedAt: 1_000 });
    expect((await store.sync(id))?.steps).toEqual(steps);
  });

  test('a new attempt records the unfinished one before it as interrupted, with the steps it got to', async () => {
    const stack = freshStack();
    const first = await store.beginSync(sampleBegin(stack));
    await store.recordPlan(first, samplePlan(stack, ['web']));
    await store.recordEvent(first, { kind: 'stepStarted', at: 10, step: 'restart web.1' });
    const other = await store.beginSync(sampleBegin(freshStack()));
    await store.beginSync(sampleBegin(stack, 5_000));
    expect(await store.sync(first)).toMatchObject({
      outcome: 'interrupted',
      finishedAt: 5_000,
      summary: 'The process that ran this sync ended before the sync did.',
      steps: [{ step: 'restart web.1', status: 'running', startedAt: 10 }],
    });
    expect(await store.sync(other)).toMatchObject({ outcome: null });
    const page = await store.history({ stack, service: name('web'), outcome: 'interrupted', limit: 5 });
    expect(page.syncs.map(({ id }) => id)).toEqual([first]);
  });

  test('an attempt that was recorded as interrupted takes no further word from its worker', async () => {
    const stack = freshStack();
    const first = await store.beginSync(sampleBegin(stack));
    await store.beginSync(sampleBegin(stack));
    const lost = { code: 'LeaseLost', message: expect.stringContaining(`Sync ${first} has ended already`) };
    await expect(store.recordPlan(first, samplePlan(stack, ['web']))).rejects.toMatchObject(lost);
    await expect(store.recordEvent(first, { kind: 'stepStarted', at: 1, step: 'x' })).rejects.toMatchObject(
      lost,
    );
    await expect(store.finishSync(first, sampleFinish())).rejects.toMatchObject(lost);
    expect(await store.events(first)).toEqual([]);
    expect(await store.sync(first)).toMatchObject({ outcome: 'interrupted', plan: null });
  });

  test('an attempt is finished once', async () => {
    const id = await store.beginSync(sampleBegin(freshStack()));
    await store.finishSync(id, sampleFinish());
    await expect(store.finishSync(id, sampleFinish({ outcome: 'failed' }))).rejects.toMatchObject({
      code: 'LeaseLost',
    });
    expect(await store.sync(id)).toMatchObject({ outcome: 'succeeded' });
  });

  test('recent outcomes are those of finished attempts of that stack, newest first', async () => {
    const stack = freshStack();
    for (const [outcome, at] of [
      ['failed', 10],
      ['unknown', 20],
      ['succeeded', 30],
    ] as const) {
      await store.beginSync(sampleBegin(freshStack()));
      const id = await store.beginSync(sampleBegin(stack));
      const error = outcome === 'failed' ? { code: 'PortTaken' as const, message: 'No.' } : null;
      await store.finishSync(
        id,
        sampleFinish({ outcome, at, error, to: outcome === 'unknown' ? null : sampleCommit() }),
      );
    }
    await store.beginSync(sampleBegin(stack));
    const { revision: to } = sampleCommit();
    expect(await store.recentOutcomes(stack, 2)).toEqual([
      { outcome: 'succeeded', to, errorCode: null, finishedAt: 30 },
      { outcome: 'unknown', to: null, errorCode: null, finishedAt: 20 },
    ]);
    expect((await store.recentOutcomes(stack, 9)).at(-1)).toEqual({
      outcome: 'failed',
      to,
      errorCode: 'PortTaken',
      finishedAt: 10,
    });
  });

  test('there is no attempt under an id that never was, whatever its form', async () => {
    for (const id of ['0', '999999999999', '9'.repeat(40), '-1', '1.5', '', "1' or true", 'abc']) {
      expect(await store.sync(id)).toBeNull();
      expect(await store.events(id)).toEqual([]);
    }
  });

  test('a thousand steps are recorded and read in the order of the plan', async () => {
    const stack = freshStack();
    const id = await store.beginSync(sampleBegin(stack));
    const services = Array.from({ length: 1_000 }, (_, index) => `service-${index}`);
    await store.recordPlan(id, samplePlan(stack, services));
    const steps = (await store.sync(id))?.steps.map(({ step }) => step);
    expect(steps).toEqual(services.map((service) => `restart ${service}.1`));
    const [row] = await sql<
      { count: number }[]
    >`select count(*) from plimsoll.sync_services where sync_id = ${id}`;
    expect(row?.count).toBe(1_000);
  });
});
