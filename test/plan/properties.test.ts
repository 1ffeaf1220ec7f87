import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import type { ObservedState } from '../../reconciler/model/observed.ts';
import type { Plan, Step } from '../../reconciler/model/plan.ts';
import type { PlanInput } from '../../reconciler/plan/plan.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { simulatePlan, type SimulationOptions } from '../../reconciler/plan/simulate.ts';
import { anyStack } from './generated.ts';
import {
  expectAtItsLine,
  expectOthersUntouched,
  expectVolumesKept,
  mayOverlap,
  runningOf,
} from './oracle.ts';
import { converge, emptyEngine, imagesOf, inventoryOf, planFor, stableOf } from './world.ts';

/** Two versions of a stack, a world in which the first one runs beside things of others, and the way to the second. */
interface Journey {
  readonly from: DesiredStack;
  readonly to: DesiredStack;
  readonly before: ObservedState;
  readonly plan: Plan;
  readonly planning: Partial<PlanInput>;
  readonly simulation: SimulationOptions;
}

const anyJourney: fc.Arbitrary<Journey> = fc.tuple(anyStack, anyStack).map(([from, to]) => journey(from, to));

function journey(from: DesiredStack, to: DesiredStack): Journey {
  const simulation = { registry: imagesOf(from, to) };
  const before = converge(from, sharedEngine(), { simulation });
  const planning = {
    inventory: [...inventoryOf(from), ...inventoryOf(to)],
    stable: stableOf(from),
    approvals: ['MD101'],
  };
  return { from, to, before, planning, simulation, plan: planFor(to, before, planning) };
}

function sharedEngine(): ObservedState {
  const stranger = {
    id: 'f'.repeat(64),
    name: 'traefik',
    hostPorts: [':443/tcp'],
    networks: [],
    forged: false,
    claim: null,
  };
  const foreign = {
    name: 'precious',
    ownership: null,
    driver: 'local',
    options: {},
    labels: {},
    saidOptions: null,
  };
  return { ...emptyEngine(), strangers: [stranger], volumes: [foreign] };
}

function expectArrived({ to, before, planning }: Journey, after: ObservedState): void {
  expectAtItsLine(to, after);
  expectVolumesKept(before, after);
  expectOthersUntouched(before, after, to);
  expect(planFor(to, after, planning).steps).toEqual([]);
}

function finish({ to, planning, simulation }: Journey, from: ObservedState): ObservedState {
  return converge(to, from, { ...planning, simulation });
}

test('a converged world gives an empty plan, and everything in it is as it was said', () => {
  fc.assert(
    fc.property(anyStack, (desired) => {
      const before = sharedEngine();
      const after = converge(desired, before);
      expectAtItsLine(desired, after);
      expectOthersUntouched(before, after, desired);
      expect(planFor(desired, after, { stable: stableOf(desired) }).steps).toEqual([]);
      expect(planFor(desired, after).changes).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('from any version to any other, nothing fails on the way and one plan is enough', () => {
  fc.assert(
    fc.property(anyJourney, (way) => {
      const { observed, events } = simulatePlan(way.before, way.plan, way.simulation);
      expect(
        events.filter(({ kind }) => kind === 'stepFailed'),
        formatPlan(way.plan),
      ).toEqual([]);
      expectArrived(way, observed);
    }),
    { numRuns: 120 },
  );
});

test('the edges alone are enough: any order that they allow arrives without a failure', () => {
  fc.assert(
    fc.property(anyJourney, fc.infiniteStream(fc.nat()), (way, choices) => {
      const steps = anyAllowedOrder(way.plan.steps, choices);
      const { observed, events } = simulatePlan(way.before, { ...way.plan, steps }, way.simulation);
      const order = steps.map(({ id }) => id).join('\n');
      expect(
        events.filter(({ kind }) => kind === 'stepFailed'),
        order,
      ).toEqual([]);
      expectArrived(way, observed);
    }),
    { numRuns: 80 },
  );
});

function anyAllowedOrder(steps: readonly Step[], choices: Iterator<number>): readonly Step[] {
  const waiting = new Set(steps);
  const done = new Set<string>();
  const order: Step[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(({ after }) => after.every((id) => done.has(id)));
    const next = ready[Number(choices.next().value) % ready.length];
    if (next === undefined) throw new Error('no step is ready');
    waiting.delete(next);
    done.add(next.id);
    order.push(next);
  }
  return order;
}

test('a sync that dies after any step is finished by the next ones, with nothing left over or doubled', () => {
  fc.assert(
    fc.property(anyJourney, (way) => {
      for (let dieAfter = 0; dieAfter < way.plan.steps.length; dieAfter += 1) {
        const { observed } = simulatePlan(way.before, way.plan, { ...way.simulation, dieAfter });
        expectArrived(way, finish(way, observed));
      }
    }),
    { numRuns: 15 },
  );
});

test('a step that fails, whichever it is, is made good by the next plans', () => {
  fc.assert(
    fc.property(anyJourney, (way) => {
      for (let failAt = 1; failAt <= way.plan.steps.length; failAt += 1) {
        const { observed } = simulatePlan(way.before, way.plan, { ...way.simulation, failAt });
        expectArrived(way, finish(way, observed));
      }
    }),
    { numRuns: 15 },
  );
});

test('a commit in the middle of another commit, wherever it comes, is arrived at', () => {
  fc.assert(
    fc.property(fc.tuple(anyStack, anyStack, anyStack), fc.nat(), ([first, second, third], stop) => {
      const way = journey(first, second);
      const dieAfter = stop % (way.plan.steps.length + 1);
      const simulation = { registry: imagesOf(first, second, third) };
      const { observed } = simulatePlan(way.before, way.plan, { ...simulation, dieAfter });
      const inventory = [...(way.planning.inventory ?? []), ...inventoryOf(third)];
      const onward = { ...way, to: third, simulation, planning: { ...way.planning, inventory } };
      expectArrived(onward, finish(onward, observed));
    }),
    { numRuns: 80 },
  );
});

test('where two generations may overlap, no fewer instances run at any moment than before or after', () => {
  fc.assert(
    fc.property(anyJourney, (way) => {
      const states = Array.from(
        { length: way.plan.steps.length + 1 },
        (_, dieAfter) => simulatePlan(way.before, way.plan, { ...way.simulation, dieAfter }).observed,
      );
      for (const after of way.to.services) {
        const before = way.from.services.find(({ name }) => name === after.name);
        if (before === undefined || !mayOverlap(before, after)) continue;
        const isRestarted = after.dependsOn.some(({ restart }) => restart);
        const fewest = Math.min(before.replicas, after.replicas) - (isRestarted ? 1 : 0);
        const running = states.map((state) => runningOf(state, after.name));
        expect(Math.min(...running), formatPlan(way.plan)).toBeGreaterThanOrEqual(fewest);
      }
    }),
    { numRuns: 60 },
  );
});

test('shuffled input gives the same plan', () => {
  fc.assert(
    fc.property(anyJourney, fc.nat(), ({ to, before, planning, plan }, seed) => {
      const shuffled = {
        ...before,
        containers: rotated(before.containers, seed),
        networks: rotated(before.networks, seed),
        volumes: rotated(before.volumes, seed),
        images: Object.fromEntries(rotated(Object.entries(before.images), seed)),
      };
      const desired = {
        ...to,
        services: rotated(to.services, seed),
        networks: rotated(to.networks, seed),
        volumes: rotated(to.volumes, seed),
      };
      const inventory = rotated(planning.inventory ?? [], seed);
      const stable = rotated(planning.stable ?? [], seed);
      expect(planFor(desired, shuffled, { ...planning, inventory, stable })).toEqual(plan);
    }),
    { numRuns: 60 },
  );
});

function rotated<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const at = items.length === 0 ? 0 : seed % items.length;
  return [...items.slice(at), ...items.slice(0, at)].reverse();
}
