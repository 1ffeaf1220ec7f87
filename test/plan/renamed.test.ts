import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import type { ObservedState, Stranger } from '../../reconciler/model/observed.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { planFor, running, service, shop, stableOf, stack, without } from './world.ts';

const of = (drift: Parameters<typeof service>[1] = {}) => stack([service('web', { replicas: 2, ...drift })]);

interface Renaming {
  readonly to: string;
  /** What the engine told of. */
  readonly told?: boolean;
}

/** The world after `docker rename shop-web-1`. */
function afterRenaming({ to, told = true }: Renaming, world: ObservedState = running(of())): ObservedState {
  const { id } = world.containers.find((container) => container.name === 'shop-web-1')!;
  const claim = { stack: shop, resource: name('web'), instance: 1 };
  const stranger: Stranger = { id, name: to, hostPorts: [], networks: ['shop_default'], forged: true, claim };
  const details = { oldName: '/shop-web-1' };
  const event = { at: world.at, subject: 'container', id, name: to, action: 'rename', details } as const;
  return {
    ...without(world, 'shop-web-1'),
    strangers: [stranger],
    events: told ? [event] : [],
  };
}

test('a container of ours that somebody renamed gets its name back, and runs on', () => {
  const plan = planFor(of(), afterRenaming({ to: 'mine' }), { stable: stableOf(of()) });
  expect(formatPlan(plan)).toMatchInlineSnapshot(`
    "shop at 0123456: 1 to change, 0 to add, 0 to delete · no downtime · policy ok

      ~ web  in place    somebody renamed it to mine
          name mine -> shop-web-1  (drift)

      1. rename web.1
    "
  `);
});

test('labels alone prove nothing: without word of the renaming a container is only named, and the instance made anew', () => {
  const plan = planFor(of(), afterRenaming({ to: 'mine', told: false }), { stable: stableOf(of()) });
  expect(plan.steps.map(({ id }) => id)).toEqual(['create web.1', 'start web.1', 'await web.1']);
  expect(plan.findings).toMatchObject([
    {
      code: 'NM104',
      level: 'warn',
      resource: { kind: 'service', service: 'web' },
      message:
        'Container mine bears the labels of web.1 and not its name, on shop_default; nobody looks after it.',
      remedy:
        'Remove it with `docker rm -f mine`; or, where shop-web-1 is gone, give it its name back: `docker rename mine shop-web-1`.',
    },
  ]);
});

test('a name that somebody else bears by now is not taken from him', () => {
  const world = afterRenaming({ to: 'mine' });
  const squatter = { ...world.strangers[0]!, id: '2'.repeat(64), name: 'shop-web-1', claim: null };
  const plan = planFor(of(), { ...world, strangers: [...world.strangers, squatter] });
  expect(plan.steps).toEqual([]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['NM101', 'NM104']);
});

test('a renamed container whose place is filled stays as it is, and is named', () => {
  const world = running(of());
  const renamed = afterRenaming({ to: 'mine' }, world);
  const plan = planFor(of(), { ...world, strangers: renamed.strangers, events: renamed.events });
  expect(plan.steps).toEqual([]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['NM104']);
});

test('one of a place that is no longer wanted stays too', () => {
  const one = stack([service('web', { replicas: 0 })]);
  const plan = planFor(one, without(afterRenaming({ to: 'mine' }), 'shop-web-2'));
  expect(plan.steps).toEqual([]);
  expect(plan.findings.map(({ code }) => code)).toEqual(['NM104']);
});

test.each([
  ['warn', 'ignored', ['name']],
  ['off', 'unchanged', []],
] as const)('under drift mode %s nothing is renamed', (mode, verdict, paths) => {
  const desired = of({ drift: { mode } });
  const plan = planFor(desired, afterRenaming({ to: 'mine' }, running(desired)));
  expect(plan.steps).toEqual([]);
  expect(plan.decisions.find(({ resource }) => resource.kind === 'service')?.verdict).toBe(verdict);
  expect(plan.changes.flatMap((change) => (change.kind === 'modify' ? [change.path] : []))).toEqual(paths);
});
