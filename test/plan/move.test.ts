import { expect, test } from 'vitest';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import type { LeftEngine, MoveInput } from '../../reconciler/plan/left-engine.ts';
import { planMove } from '../../reconciler/plan/move.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import {
  anything,
  commit,
  emptyEngine,
  inventoryOf,
  mountOf,
  running,
  service,
  stableOf,
  stack,
  volume,
  withState,
  type ServiceOptions,
} from './world.ts';

const berlin = name('berlin');
const web = service('web');

function on(engine: string, desired: DesiredStack): DesiredStack {
  return { ...desired, engine: name(engine) };
}

function withData(options: ServiceOptions = {}): DesiredStack {
  const container = { mounts: { '/data': mountOf('data') } };
  return stack([service('db', { container, ...options })], { volumes: [volume('data')] });
}

function seen(before: DesiredStack, engine = berlin): LeftEngine {
  return { kind: 'seen', engine, observed: running(before) };
}

/** The plan of a stack that ran on berlin and is to run on paris, where there is nothing yet. */
function moving(desired: DesiredStack, options: Partial<MoveInput> = {}): Plan {
  const observed = emptyEngine();
  return planMove({
    desired: on('paris', desired),
    observed,
    inventory: inventoryOf(on('berlin', desired)),
    left: [seen(desired)],
    complete: true,
    policy: anything,
    takeover: null,
    holds: [],
    stable: [],
    revision: commit,
    drift: { open: [], heals: [], reached: new Set() },
    approvals: [],
    now: observed.at,
    ...options,
  });
}

function stepsOf({ steps }: Plan): readonly string[] {
  return steps.map(({ id }) => id);
}

test('a stack that moves begins on the new engine, and goes from the old one when it is healthy there', () => {
  expect(formatPlan(moving(stack([web])))).toBe(`\
shop at 0123456 on paris: 0 to change, 2 to add, 2 to delete · no downtime · policy ok

  + web                       create      it is not there yet
  + network default           create      it is missing
  - web on berlin             delete      the stack runs on paris now
  - network default on berlin  delete      the stack runs on paris now

  1. pull acme/web:1
  2. create network default
  3. create web.1                           after 1, 2
  4. start web.1                            after 3
  5. await web.1                            after 4
  6. stop web.1 on berlin                   after 5
  7. remove web.1 on berlin                 after 6
  8. remove network shop_default on berlin  after 7
`);
});

test('where two side by side would do harm, the old one goes first, once every image is there', () => {
  const once = stack([service('web', { rollout: { strategy: 'recreate' } })]);
  expect(stepsOf(moving(once))).toEqual([
    'pull acme/web:1',
    'stop web.1 on berlin',
    'remove web.1 on berlin',
    'remove network shop_default on berlin',
    'create network default',
    'create web.1',
    'start web.1',
    'await web.1',
  ]);
});

test('data does not move, which a person must accept; the volume stays where it is', () => {
  const plan = moving(withData());
  expect(plan.findings.filter(({ level }) => level === 'approve')).toMatchObject([
    {
      code: 'MV101',
      message: 'Stack shop moves from berlin to paris, and its data does not: volume shop_data.',
    },
  ]);
  expect(stepsOf(plan).filter((id) => id.includes('volume'))).toEqual(['create volume data']);
  expect(plan.decisions.find(({ verdict }) => verdict === 'ignored')).toMatchObject({
    resource: { kind: 'elsewhere', engine: 'berlin', resource: { kind: 'volume', name: 'data' } },
  });
});

test('coming back to an engine where old data was left is a move like the first', () => {
  const desired = withData();
  const leftThere = inventoryOf(on('paris', desired)).filter(({ kind }) => kind === 'volume');
  const inventory = [...inventoryOf(on('berlin', desired)), ...leftThere];
  expect(moving(desired, { inventory }).findings.map(({ code }) => code)).toContain('MV101');
});

test('nothing goes from the old engine while it is not healthy on the new one', () => {
  const desired = stack([web]);
  const inventory = [...inventoryOf(on('berlin', desired)), ...inventoryOf(on('paris', desired))];
  const ill = withState(running(desired), 'shop-web-1', { health: 'unhealthy' });
  const waiting = moving(desired, { inventory, observed: ill });
  expect(stepsOf(waiting)).toEqual([]);
  expect(waiting.decisions.at(-1)?.because).toBe('it stays for now, because web is not healthy on paris yet');
  const well = moving(desired, { inventory, observed: running(desired) });
  expect(stepsOf(well)).toEqual([
    'stop web.1 on berlin',
    'remove web.1 on berlin',
    'remove network shop_default on berlin',
  ]);
});

test('what moves is no drift on the new engine, even where drift is only shown', () => {
  const desired = stack([service('web', { drift: { mode: 'warn' } })]);
  const plan = moving(desired, { stable: stableOf(desired) });
  expect(plan.decisions[0]).toMatchObject({ verdict: 'create', because: 'it is not there yet' });
  expect(stepsOf(plan)).toContain('create web.1');
});

test('what stands in the way on the new engine keeps the old one as it is', () => {
  const stranger = {
    id: '1'.repeat(64),
    name: 'shop-web-1',
    hostPorts: [],
    networks: [],
    forged: false,
    claim: null,
  };
  const plan = moving(stack([web]), { observed: { ...emptyEngine(), strangers: [stranger] } });
  expect(stepsOf(plan).filter((id) => id.endsWith('on berlin'))).toEqual([]);
});

test('a move from an engine that cannot be reached waits for a person, what is left there for the engine', () => {
  const desired = stack([web]);
  const left: readonly LeftEngine[] = [{ kind: 'unseen', engine: berlin, why: 'It is away.' }];
  const before = moving(desired, { left });
  expect(before.findings).toMatchObject([
    {
      code: 'MV102',
      level: 'approve',
      message:
        'Stack shop moves from berlin, which cannot be reached, so that it may go on there beside paris. It is away.',
    },
  ]);
  const inventory = [...inventoryOf(on('berlin', desired)), ...inventoryOf(on('paris', desired))];
  const after = moving(desired, { left, inventory, observed: running(desired) });
  expect([after.steps, after.changes, after.findings]).toMatchObject([
    [],
    [],
    [{ code: 'MV103', level: 'warn' }],
  ]);
});

test('a stack that left its source goes from every engine, which a person must accept', () => {
  const desired = stack([web]);
  const nothing = on('paris', { ...stack([]), networks: [] });
  const inventory = [...inventoryOf(on('berlin', desired)), ...inventoryOf(on('paris', desired))];
  const plan = moving(nothing, { inventory, observed: running(desired), left: [seen(desired)] });
  expect(plan.findings.map(({ code, resource }) => [code, resource.kind])).toEqual([
    ['MD101', 'stack'],
    ['MD101', 'elsewhere'],
  ]);
  expect(stepsOf(plan).filter((id) => id.startsWith('remove'))).toEqual([
    'remove web.1',
    'remove network shop_default',
    'remove web.1 on berlin',
    'remove network shop_default on berlin',
  ]);
});

test('a stack that never moved is planned as ever', () => {
  const desired = stack([web]);
  const plan = moving(desired, { desired: on('berlin', desired), left: [], observed: running(desired) });
  expect([plan.engine, plan.steps, plan.findings.map(({ level }) => level)]).toEqual(['berlin', [], []]);
});
