import type { SyncEvent } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { ApplyOptions } from '../model/ports.ts';
import type { World } from './world.ts';

/**
 * Carries a plan out, each step on its engine. Steps of several engines come in turns: the next one begins only when
 * all before it succeeded, so that nothing is given up on one engine before it is there on the other.
 */
export async function* carryPlan(world: World, plan: Plan, options: ApplyOptions): AsyncIterable<SyncEvent> {
  const done = new Set<string>();
  for (const { engine, steps } of turnsOf(plan)) {
    const isReady = steps.every(({ after }) => after.every((id) => done.has(id) || isOneOf(steps, id)));
    if (!isReady) {
      yield* skip(world, steps, `what it comes after on the other engine did not succeed`);
      continue;
    }
    for await (const event of world.engines.get(engine).apply(partOf(plan, engine, steps), options)) {
      if (event.kind === 'stepSucceeded') done.add(event.step);
      yield event;
    }
  }
}

interface Turn {
  readonly engine: Name;
  readonly steps: Step[];
}

/** Steps in a row on one engine. */
function turnsOf(plan: Plan): readonly Turn[] {
  const turns: Turn[] = [];
  for (const step of plan.steps) {
    const engine = step.resource.kind === 'elsewhere' ? step.resource.engine : plan.engine;
    const last = turns.at(-1);
    if (last?.engine === engine) last.steps.push(step);
    else turns.push({ engine, steps: [step] });
  }
  return turns;
}

function isOneOf(steps: readonly Step[], id: string): boolean {
  return steps.some((step) => step.id === id);
}

/** What another turn did need not be waited for any more. */
function partOf(plan: Plan, engine: Name, steps: readonly Step[]): Plan {
  const own = new Set(steps.map(({ id }) => id));
  const waiting = steps.map((step) => ({ ...step, after: step.after.filter((id) => own.has(id)) }));
  return { ...plan, engine, steps: waiting };
}

function* skip(world: World, steps: readonly Step[], reason: string): Iterable<SyncEvent> {
  for (const { id } of steps) yield { kind: 'stepSkipped', at: world.clock.now(), step: id, reason };
}
