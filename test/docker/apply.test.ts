import { expect, test } from 'vitest';
import { applyPlan } from '../../reconciler/docker/apply.ts';
import { SyncError } from '../../reconciler/model/error.ts';
import type { SyncEvent } from '../../reconciler/model/event.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Operation, Plan, Step } from '../../reconciler/model/plan.ts';
import { planFrom } from './fixture.ts';

const target = { kind: 'container', id: 'c', name: 'c' } as const;
const work: Operation = { kind: 'startContainer', target };
const wait: Operation = { kind: 'awaitCompleted', target, deadlineMs: 1 };

/** `a`, `b < a`, `c < a b`: a step and what it comes after; `~` marks a wait. */
function graph(...lines: readonly string[]): Plan {
  const steps = lines.map((line): Step => {
    const [id = '', after = ''] = line.split(' < ');
    const operation = id.startsWith('~') ? wait : work;
    const resource = { kind: 'stack' } as const;
    return { id, after: after.split(' ').filter((each) => each !== ''), resource, operation, because: '' };
  });
  return planFrom(name('shop'), steps);
}

interface Run {
  readonly events: readonly SyncEvent[];
  /** `+a` begun, `-a` ended. */
  readonly order: readonly string[];
  readonly mostAtOnce: number;
}

interface RunOptions {
  readonly concurrency?: number;
  readonly fails?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly onBegin?: (step: string) => void;
  readonly stopAfter?: number;
  readonly onEndWaits?: () => unknown;
}

async function walk(plan: Plan, options: RunOptions = {}): Promise<Run> {
  const { concurrency = 6, fails = {}, signal = new AbortController().signal } = options;
  const order: string[] = [];
  const events: SyncEvent[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const run = async ({ id, operation }: Step, progress: (message: string) => void) => {
    order.push(`+${id}`);
    if (operation !== wait) mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    options.onBegin?.(id);
    progress(`working on ${id}`);
    // A random number of turns, so that ends come in any order.
    for (let turn = Math.random() * 20; turn > 0; turn--) await Promise.resolve();
    if (operation !== wait) atOnce -= 1;
    order.push(`-${id}`);
    if (id in fails) throw fails[id];
    return { containerId: id };
  };
  const endWaits = (): void => void options.onEndWaits?.();
  for await (const event of applyPlan(plan, { concurrency, signal, run, endWaits })) {
    events.push(event);
    if (events.length === options.stopAfter) break;
  }
  return { events, order, mostAtOnce };
}

function ends({ events }: Run): Readonly<Record<string, string>> {
  const found = events.flatMap((event) =>
    event.kind === 'stepStarted' || event.kind === 'stepProgress' ? [] : [[event.step, event.kind] as const],
  );
  expect(new Set(found.map(([step]) => step)).size).toBe(found.length);
  return Object.fromEntries(found);
}

const diamond = graph('a', 'b < a', 'c < a', 'd < b c');

test('an empty plan ends at once, without an event', async () => {
  expect((await walk(graph())).events).toEqual([]);
});

test('a step begins after all that it comes after have ended, for any order of ends', async () => {
  for (let round = 0; round < 200; round++) {
    const { order } = await walk(diamond);
    expect(order).toHaveLength(8);
    for (const [before, after] of ['-a +b', '-a +c', '-b +d', '-c +d'].map((pair) => pair.split(' '))) {
      expect(order.indexOf(before!)).toBeLessThan(order.indexOf(after!));
    }
  }
});

test('events come in order: started, progress, succeeded, with the result', async () => {
  const { events } = await walk(graph('a'));
  expect(events.map(({ kind }) => kind)).toEqual(['stepStarted', 'stepProgress', 'stepSucceeded']);
  expect(events[2]).toMatchObject({ step: 'a', result: { containerId: 'a' } });
});

test('steps that do not depend on each other go side by side, up to the limit', async () => {
  const many = graph(...Array.from({ length: 40 }, (_, index) => `s${index}`));
  expect((await walk(many, { concurrency: 3 })).mostAtOnce).toBe(3);
  expect((await walk(many, { concurrency: 1 })).mostAtOnce).toBe(1);
});

test('a step that waits takes no place from those that work', async () => {
  const waiting = graph('~a', '~b', '~c', 'd', 'e');
  const { order } = await walk(waiting, { concurrency: 1 });
  expect(order.slice(0, 4).sort()).toEqual(['+d', '+~a', '+~b', '+~c']);
});

test('a failed step skips all that depend on it and lets the rest go on, for any order of ends', async () => {
  const failure = new SyncError('PortTaken', 'Could not start container c: port is taken. Free it.');
  for (let round = 0; round < 200; round++) {
    const run = await walk(graph('a', 'b < a', 'c < b', 'x', 'y < x', 'z < c y'), { fails: { a: failure } });
    expect(ends(run)).toEqual({
      a: 'stepFailed',
      b: 'stepSkipped',
      c: 'stepSkipped',
      x: 'stepSucceeded',
      y: 'stepSucceeded',
      z: 'stepSkipped',
    });
    const failed = run.events.find(({ kind }) => kind === 'stepFailed');
    expect(failed).toMatchObject({ code: 'PortTaken', message: failure.message });
    const skipped = run.events.find((event) => event.kind === 'stepSkipped' && event.step === 'b');
    expect(skipped).toMatchObject({ reason: '`a` did not succeed' });
  }
});

test('after an abort nothing is begun, what runs is finished, the rest is skipped', async () => {
  const controller = new AbortController();
  const run = await walk(graph('a', 'b', 'c < a b', 'd'), {
    concurrency: 2,
    signal: controller.signal,
    onBegin: (step) => step === 'b' && controller.abort(),
  });
  expect(ends(run)).toEqual({ a: 'stepSucceeded', b: 'stepSucceeded', c: 'stepSkipped', d: 'stepSkipped' });
});

test('whoever stops listening leaves nothing running and nothing more begun', async () => {
  const { order } = await walk(graph('a', 'b', 'c < a', 'd < b'), { stopAfter: 1 });
  expect([...order].sort()).toEqual(['+a', '+b', '-a', '-b']);
});

test('whoever stops listening ends the waits, and whoever hears it out does not', async () => {
  let ended = 0;
  const onEndWaits = (): number => ended++;
  await walk(graph('~a', 'b'), { onEndWaits });
  expect(ended).toBe(0);
  await walk(graph('~a', 'b'), { onEndWaits, stopAfter: 1 });
  expect(ended).toBe(1);
});

test('a mistake of ours ends the walk with that mistake, once what runs has ended', async () => {
  const order: string[] = [];
  const walking = walk(graph('a', 'b', 'c < a'), {
    fails: { a: new TypeError('a bug') },
    onBegin: (step) => order.push(step),
  });
  await expect(walking).rejects.toThrow('a bug');
  expect(order).toEqual(['a', 'b']);
});

test('a plan whose steps wait for each other is refused, not waited for', async () => {
  await expect(walk(graph('a < b', 'b < a'))).rejects.toThrow('steps that can never begin: a, b');
});
