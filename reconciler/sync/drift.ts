import { isSyncError } from '../model/error.ts';
import type { Trigger } from '../model/event.ts';
import { isName, type Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import { isEmptyPlan } from '../model/plan.ts';
import { stackStatus, unknownStatus } from '../plan/status.ts';
import { earliestHealAt } from './again.ts';
import { askFor } from './ask.ts';
import { imagesOf, previewAgainst, readIntent, type Intent } from './preview.ts';
import type { World } from './world.ts';

/**
 * Compares every stack with one snapshot of the engine and asks for a sync of those that differ. A pass that finds
 * nothing reads three lists and writes nothing.
 */
export async function sweep(world: World, signal: AbortSignal): Promise<void> {
  await lookForDrift(world, { stacks: world.views.stackNames(), trigger: 'sweep', signal });
}

/** The same for the one stack that a hint names. */
export async function followHint(world: World, key: string, signal: AbortSignal): Promise<void> {
  if (isName(key)) await lookForDrift(world, { stacks: [key], trigger: 'event', signal });
}

interface Look {
  readonly stacks: readonly Name[];
  readonly trigger: Trigger;
  readonly signal: AbortSignal;
}

async function lookForDrift(world: World, { stacks, trigger, signal }: Look): Promise<void> {
  const intents = await readIntents(world, stacks);
  if (intents.length === 0) return;
  const observed = await observe(world, intents, signal);
  for (const intent of intents) await compare(world, intent, { observed, trigger });
}

/** Throws when the engine cannot be read; the stacks are unknown from then on. */
async function observe(
  world: World,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<ObservedState> {
  try {
    return await world.engine.observe(imagesOf(intents), signal);
  } catch (error) {
    if (isSyncError(error) && !signal.aborted) {
      for (const intent of intents) await publishUnknown(world, intent, error.message);
    }
    throw error;
  }
}

async function publishUnknown(world: World, { stack, view }: Intent, summary: string): Promise<void> {
  const { source, commit } = view.source;
  const previous = world.statuses.get(stack);
  const attempt = { outcome: 'unknown', summary } as const;
  const now = world.clock.now();
  await world.statuses.publish(
    unknownStatus({ stack, source, revision: commit.revision, previous, attempt, now }),
  );
}

/** A stack that is being synced is left out: what it does now is not drift, and it looks again at its end. */
async function readIntents(world: World, stacks: readonly Name[]): Promise<readonly Intent[]> {
  const running = new Set(world.running.stacks());
  const intents = await Promise.all(
    stacks.map(async (stack) => {
      const view = world.views.stack(stack);
      return view === null || running.has(stack) ? null : readIntent(world, stack, view);
    }),
  );
  return intents.filter((intent) => intent !== null);
}

interface Seen {
  readonly observed: ObservedState;
  readonly trigger: Trigger;
}

async function compare(world: World, intent: Intent, { observed, trigger }: Seen): Promise<void> {
  const { stack, desired, view } = intent;
  if (world.running.stacks().includes(stack)) return;
  const { plan } = previewAgainst(world, intent, { observed, approvals: [] });
  const { source, commit } = view.source;
  const previous = world.statuses.get(stack);
  const now = world.clock.now();
  const common = { source, revision: commit.revision, previous, attempt: null, now };
  await world.statuses.publish(stackStatus({ ...common, desired, observed, plan }));
  if (isEmptyPlan(plan)) return;
  const notBefore = await earliestHealAt(world, stack, plan);
  if (notBefore !== null && notBefore <= world.clock.now()) await askFor(world, stack, trigger);
}
