import { formatResource, type Change } from '../model/change.ts';
import { isSyncError } from '../model/error.ts';
import type { StepRecord, StopReason, SyncOutcome, SyncRecord } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import { firstFailure, outcomeOf } from '../plan/outcome.ts';
import { formatChange, formatDecision, formatDone } from '../plan/render.ts';
import { rejectionsOf } from '../plan/rollback.ts';
import { stackStatus, unknownStatus } from '../plan/status.ts';
import { nextAttemptAt } from './again.ts';
import { askFor } from './ask.ts';
import { keepInventory } from './inventory.ts';
import { keepDrift } from './keep-drift.ts';
import { preview, readIntent, type Preview } from './preview.ts';
import { closeRecord, type Attempt, type Ending } from './record.ts';
import { stopReasonOf } from './running.ts';
import { keepStable } from './stable.ts';
import type { SyncConclusion } from './sync.ts';
import { settleTakeover } from './takeover.ts';
import { forgetStack } from './unfollowed.ts';
import type { World } from './world.ts';

export interface Applied {
  readonly syncId: string;
  readonly before: Preview;
  readonly steps: readonly StepRecord[];
}

/** After a plan was walked: looks again, records what came of it, and asks for what follows from that. */
export async function settle(world: World, attempt: Attempt, applied: Applied): Promise<SyncConclusion> {
  const { before, syncId } = applied;
  const after = await lookAgain(world, attempt, before);
  const ending = endingOf(attempt, applied, after);
  const isRejected = await holdRejected(world, applied);
  const isLeft = after === null || (await keepInventory(world, after));
  if (after !== null) {
    await keepDrift(world, after, before);
    await keepStable(world, after);
  }
  await closeRecord(world, attempt, { syncId, ...ending });
  if (isLeft) await publish(world, attempt, { before, after, ending });
  else forgetStack(world, attempt.stack);
  if (isRejected) await askFor(world, attempt.stack, 'rollback');
  if (ending.outcome === 'succeeded') {
    await settleTakeover(world, attempt.stack, before.intent.view);
    await askDependents(world, attempt);
  }
  const { outcome, summary } = ending;
  return { outcome, summary, retryAt: await nextAttemptAt(world, attempt, outcome) };
}

/** Null when the engine cannot be asked now. Looks even after a stop: much may have changed before it. */
async function lookAgain(world: World, { stack, view }: Attempt, before: Preview): Promise<Preview | null> {
  const { signal } = new AbortController();
  try {
    const intent = view === null ? null : await readIntent(world, stack, view);
    return await preview(world, intent ?? before.intent, {
      approvals: [],
      curiosity: 'now and then',
      mayRecall: true,
      signal,
    });
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return null;
  }
}

function endingOf({ signal }: Attempt, { before: { plan }, steps }: Applied, after: Preview | null): Ending {
  const outcome = outcomeOf(plan, steps);
  const stopped = stopReasonOf(signal);
  if (outcome !== 'succeeded' && stopped !== null) {
    return { outcome: stopped, summary: summarizeStop(stopped, steps), error: null, steps };
  }
  const error = firstFailure(steps) ?? (after === null ? null : stillDifferent(plan, after.plan));
  if (error === null) return { ...unlessBlocked(outcome, plan), error, steps };
  return { outcome: outcome === 'succeeded' ? 'partial' : outcome, summary: error.message, error, steps };
}

/** All that could be done went well; what a stranger stands in the way of is still not there. */
function unlessBlocked(outcome: SyncOutcome, plan: Plan): Pick<Ending, 'outcome' | 'summary'> {
  const obstacle = plan.decisions.find(({ verdict }) => verdict === 'blocked');
  if (obstacle === undefined) return { outcome, summary: formatDone(plan) };
  return { outcome: 'partial', summary: `${formatDecision(obstacle)}.` };
}

function summarizeStop(reason: StopReason, steps: readonly StepRecord[]): string {
  const done = steps.filter(({ status }) => status === 'succeeded').length;
  const why = reason === 'superseded' ? 'A newer revision took its place' : 'It was stopped';
  return `${why} after ${done} of ${steps.length} steps.`;
}

/**
 * The next plan after a sync must be empty. What a container does by itself (its state) may move at any time, and what
 * this plan did not write was changed by somebody meanwhile: that is drift for the sweep. But a field that does not stay
 * as it was written would be written for ever, so the attempt says so and is not repeated.
 */
function stillDifferent(before: Plan, after: Plan): SyncRecord['error'] {
  const written = new Set(before.changes.filter(isWritten).map(({ resource }) => formatResource(resource)));
  const [first, ...rest] =
    after.steps.length === 0
      ? []
      : after.changes.filter((change) => isField(change) && isOneOf(written, change));
  if (first === undefined) return null;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const message = `Everything was applied, and the engine still shows a difference: ${formatChange(first)}${more}. Put its path into drift.ignore if it is harmless.`;
  return { code: 'StillDifferent', message };
}

/** A new service is one change for all its instances. */
function isOneOf(written: ReadonlySet<string>, { resource }: Change): boolean {
  return (
    written.has(formatResource(resource)) || (resource.kind === 'instance' && written.has(resource.service))
  );
}

/** A change that writes the fields of a resource, where `state` alone starts or stops it as it is. */
function isWritten(change: Change): boolean {
  return change.kind === 'add' || isField(change);
}

/** A container that only gets its name back is looked at in full for the first time after that. */
function isField(change: Change): boolean {
  return change.kind === 'modify' && change.path !== 'state' && change.path !== 'name';
}

/** True when a version was rejected, so that the stack must be planned anew with its last stable version. */
async function holdRejected(world: World, { before, steps }: Applied): Promise<boolean> {
  const { desired, holds, stable, view } = before.intent;
  const revision = view.source.commit.revision;
  const now = world.clock.now();
  const { plan, observed } = before;
  const rejections = rejectionsOf({ desired, observed, plan, steps, holds, stable, revision, now });
  for (const hold of rejections) await world.store.recordHold(hold);
  return rejections.length > 0;
}

/** Stacks that wait for this one. */
async function askDependents(world: World, { stack }: Attempt): Promise<void> {
  for (const name of world.views.stackNames()) {
    const dependsOn = world.views.stack(name)?.loaded?.desired?.dependsOn ?? [];
    if (dependsOn.includes(stack) && world.statuses.get(name)?.syncStatus !== 'synced') {
      await askFor(world, name, 'dependency');
    }
  }
}

interface Result {
  readonly before: Preview;
  readonly after: Preview | null;
  readonly ending: Ending;
}

async function publish(world: World, { stack }: Attempt, { before, after, ending }: Result): Promise<void> {
  const { source, commit } = before.intent.view.source;
  const { outcome, summary, error } = ending;
  const attempt = { outcome, summary, code: error?.code ?? null };
  const common = { source, revision: commit.revision, previous: world.statuses.get(stack), attempt };
  const now = world.clock.now();
  if (after === null) {
    const { engine } = before.intent.desired;
    return world.statuses.publish(unknownStatus({ ...common, stack, engine, now }));
  }
  const { intent, observed, plan } = after;
  return world.statuses.publish(stackStatus({ ...common, desired: intent.desired, observed, plan, now }));
}
