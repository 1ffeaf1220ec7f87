import type { SyncEvent } from '../model/event.ts';
import type { Plan, Target } from '../model/plan.ts';
import type { ApplyOptions } from '../model/ports.ts';
import { onAbort } from './abort.ts';
import { applyPlan } from './apply.ts';
import type { ContainerRef } from './container-calls.ts';
import type { FactSource } from './facts.ts';
import type { OperationContext } from './operation-context.ts';
import { isWait, runOperation } from './operations.ts';

export interface PlanRunner extends Omit<
  OperationContext,
  'cancel' | 'contents' | 'facts' | 'progress' | 'resolve' | 'stack'
> {
  readonly factSource: FactSource;
  /** How many calls that change something are under way at once. */
  readonly concurrency: number;
}

/** Gives each step of a plan to its operation, and follows the engine's events for as long as steps wait for them. */
export async function* runPlan(
  runner: PlanRunner,
  plan: Plan,
  { contents, signal }: ApplyOptions,
): AsyncIterable<SyncEvent> {
  const created = new Map<string, string>();
  const facts = await runner.factSource.read(signal);
  const waits = new AbortController();
  const endWaits = (): void => waits.abort();
  const forgetSignal = onAbort(signal, endWaits);
  if (signal.aborted) endWaits();
  const resolve = (target: Target): ContainerRef => resolveTarget(target, created);
  const shared = { ...runner, contents, facts, resolve, stack: plan.stack, cancel: waits.signal };
  const following = new AbortController();
  if (!plan.steps.some(({ operation }) => isWait(operation))) following.abort();
  // What keeps the stream from opening keeps the steps from succeeding too, and is told by them.
  const followed = runner.feed.follow(following.signal).catch(() => undefined);
  try {
    yield* applyPlan(plan, {
      concurrency: runner.concurrency,
      signal,
      endWaits,
      async run({ id, operation }, progress) {
        const result = await runOperation(operation, { ...shared, progress });
        if (result.containerId !== undefined) created.set(id, result.containerId);
        return result;
      },
    });
  } finally {
    forgetSignal();
    following.abort();
    await followed;
  }
}

function resolveTarget(target: Target, created: ReadonlyMap<string, string>): ContainerRef {
  if (target.kind === 'container') return { id: target.id, name: target.name };
  const id = created.get(target.step);
  if (id === undefined) throw new TypeError(`step ${target.step} has created no container yet`);
  return { id, name: target.name };
}
