import { SyncError } from './model/error.ts';
import type { SyncOutcome } from './model/event.ts';
import type { Name } from './model/ids.ts';
import type { Plan } from './model/plan.ts';
import { withLease } from './sync/lease.ts';
import { syncStack, type SyncConclusion } from './sync/sync.ts';
import type { World } from './sync/world.ts';

/** How the sync of one stack ended. */
export interface Applied {
  readonly stack: Name;
  readonly outcome: SyncOutcome;
  readonly summary: string;
  readonly durationMs: number;
  /** Finding codes that must be accepted first; empty unless it waits for that. */
  readonly needs: readonly string[];
  readonly plan: Plan;
}

export interface ApplyOptions {
  readonly approvals: readonly string[];
  readonly signal: AbortSignal;
}

/** Syncs each of the planned stacks once, those that others depend on first, independent ones side by side. */
export async function applyStacks(
  world: World,
  plans: readonly Plan[],
  options: ApplyOptions,
): Promise<readonly Applied[]> {
  const begun = new Map<Name, Promise<Applied>>();
  const apply = (plan: Plan): Promise<Applied> => {
    const known = begun.get(plan.stack);
    if (known !== undefined) return known;
    const dependencies = world.views.stack(plan.stack)?.loaded?.desired?.dependsOn ?? [];
    const first = plans.filter(({ stack }) => dependencies.includes(stack));
    const applied = applyAfter(first.map(apply), () => applyOne(world, plan, options));
    begun.set(plan.stack, applied);
    return applied;
  };
  return Promise.all(plans.map(apply));
}

async function applyAfter<Result>(
  first: readonly Promise<unknown>[],
  work: () => Promise<Result>,
): Promise<Result> {
  await Promise.all(first);
  return work();
}

async function applyOne(world: World, plan: Plan, options: ApplyOptions): Promise<Applied> {
  const { stack } = plan;
  const startedAt = world.clock.now();
  const { outcome, summary } = await syncLeased(world, stack, options);
  const open = plan.findings.filter(
    ({ level, code }) => level === 'approve' && !options.approvals.includes(code),
  );
  const needs = outcome === 'waiting' ? [...new Set(open.map(({ code }) => code))].sort() : [];
  const durationMs = world.clock.now() - startedAt;
  return { stack, outcome, summary, durationMs, needs, plan };
}

/** Longer than a lease that a killed process left behind. */
const mostTurns = 90;
const turnMs = 1_000;

/** A daemon may be at work on the same stack at this moment: its lease is waited for. */
async function syncLeased(
  world: World,
  stack: Name,
  { approvals, signal }: ApplyOptions,
): Promise<SyncConclusion> {
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const ended: SyncConclusion[] = [];
    await world.store.requestSync(stack, 'manual', world.clock.now());
    await withLease(world, {
      stack,
      signal,
      run: (_, leased) =>
        world.running.track(stack, leased, async (stopping) => {
          const conclusion = await syncStack(world, { stack, trigger: 'manual', approvals }, stopping);
          ended.push(conclusion);
          return conclusion.retryAt;
        }),
    });
    const [conclusion] = ended;
    if (conclusion !== undefined) return conclusion;
    await world.clock.sleep(turnMs, signal);
  }
  throw new SyncError(
    'LeaseLost',
    `Another Plimsoll is syncing stack ${stack} and does not come to an end; \`plimsoll status ${stack}\` shows how far it is.`,
  );
}
