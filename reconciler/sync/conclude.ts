import type { SyncError } from '../model/error.ts';
import { formatProblem } from '../model/problem.ts';
import { stackStatus, unknownStatus, type AttemptEnd } from '../plan/status.ts';
import type { Brake } from './brake.ts';
import { engineOf } from './engine-of.ts';
import { claimInventory, keepInventory } from './inventory.ts';
import type { Preview } from './preview.ts';
import { closeRecord, openRecord, type Attempt, type Ending } from './record.ts';
import { nextAttemptAt } from './again.ts';
import { stopReasonOf } from './running.ts';
import { keepStable } from './stable.ts';
import type { SyncConclusion } from './sync.ts';
import { settleTakeover } from './takeover.ts';
import { forgetStack } from './unfollowed.ts';
import type { StackView } from './view.ts';
import type { World } from './world.ts';

/** Why an attempt ends before anything was changed. */
export type EarlyEnd =
  | { readonly kind: 'unread' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'braked'; readonly brake: Brake; readonly before: Preview }
  | { readonly kind: 'failed'; readonly error: SyncError };

/** Records an attempt that changed nothing, and says when to look again. */
export async function conclude(world: World, attempt: Attempt, end: EarlyEnd): Promise<SyncConclusion> {
  const ending = endingOf(attempt, end);
  if (isWorthARow(world, attempt, ending)) {
    const syncId = await openRecord(world, attempt);
    if (end.kind === 'braked') await world.store.recordPlan(syncId, end.before.plan);
    await closeRecord(world, attempt, { syncId, ...ending });
  }
  const isLeft = end.kind !== 'braked' || (await adopt(world, end.before, ending));
  if (isLeft) await publish(world, attempt, { end, ending });
  else forgetStack(world, attempt.stack);
  const { outcome, summary } = ending;
  return { outcome, summary, retryAt: await againAt(world, attempt, { end, ending }) };
}

/** Another daemon may have read the source; and this one may, a moment later. */
const unreadAgainMs = 5_000;

async function againAt(world: World, attempt: Attempt, { end, ending }: Ended): Promise<number | null> {
  switch (end.kind) {
    case 'braked':
      return end.brake.againAt;
    case 'unread':
      return world.clock.now() + unreadAgainMs;
    case 'invalid':
    case 'failed':
      return nextAttemptAt(world, attempt, ending.outcome);
    default:
      return end satisfies never;
  }
}

function endingOf({ stack, view, signal }: Attempt, end: EarlyEnd): Ending {
  const nothing = { error: null, steps: [] };
  switch (end.kind) {
    case 'unread':
      return {
        ...nothing,
        outcome: 'unknown',
        summary: `No source that has stack ${stack} could be read yet.`,
      };
    case 'invalid':
      return { ...nothing, outcome: 'invalid', summary: summarizeProblems(view) };
    case 'braked':
      return { ...nothing, outcome: end.brake.outcome, summary: end.brake.reason };
    case 'failed': {
      const { code, message } = end.error;
      const stopped = stopReasonOf(signal);
      if (stopped !== null)
        return { ...nothing, outcome: stopped, summary: 'Stopped before anything was changed.' };
      return { steps: [], outcome: 'unknown', summary: message, error: { code, message } };
    }
    default:
      return end satisfies never;
  }
}

function summarizeProblems(view: StackView | null): string {
  const [first, ...rest] = view?.loaded?.problems ?? [];
  if (first === undefined) return 'The manifests could not be understood.';
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `Nothing was changed, because the manifests have problems: ${formatProblem(first)}${more}`;
}

/**
 * Looking again and finding the same is no news; a failure is, since the back-off counts it, and so is whatever a person
 * asked for.
 */
function isWorthARow(world: World, { stack, trigger, view }: Attempt, { outcome }: Ending): boolean {
  if (trigger === 'manual') return true;
  if (view === null) return false;
  if (outcome === 'unknown') return true;
  const before = world.statuses.get(stack);
  const isSameRevision = before?.revision === view.source.commit.revision;
  if (outcome === 'unchanged')
    return before?.syncedRevision !== view.source.commit.revision && trigger !== 'start';
  return !isSameRevision || before.lastOutcome !== outcome;
}

/**
 * What is already as it should be may be new to the store: after its loss, or when a version has proven itself. False
 * when the stack left its source and nothing of it is left.
 */
async function adopt(world: World, before: Preview, { outcome }: Ending): Promise<boolean> {
  const { intent, left } = before;
  const { stack, view } = intent;
  await keepStable(world, before);
  if (outcome === 'unchanged') await settleTakeover(world, stack, view);
  const mayBeGone = view.loaded === null || left.size > 0;
  if (outcome === 'unchanged' && mayBeGone) return keepInventory(world, before);
  // What waits to be moved is not there yet, and must not pass for being there.
  if (outcome === 'unchanged' || left.size === 0) await claimInventory(world, intent);
  return true;
}

interface Ended {
  readonly end: EarlyEnd;
  readonly ending: Ending;
}

async function publish(world: World, { stack, view }: Attempt, { end, ending }: Ended): Promise<void> {
  if (view === null) return;
  const { source, commit } = view.source;
  const { outcome, summary, error } = ending;
  const attempt: AttemptEnd = { outcome, summary, code: error?.code ?? null };
  const common = { source, revision: commit.revision, previous: world.statuses.get(stack), attempt };
  const now = world.clock.now();
  if (end.kind !== 'braked') {
    const engine = engineOf(world, stack);
    return world.statuses.publish(unknownStatus({ ...common, stack, engine, now }));
  }
  const { intent, observed, plan } = end.before;
  return world.statuses.publish(stackStatus({ ...common, desired: intent.desired, observed, plan, now }));
}
