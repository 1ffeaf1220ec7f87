import type { ConfigFile } from '../model/container.ts';
import { isSyncError } from '../model/error.ts';
import type { StepRecord, SyncEvent, SyncOutcome, Trigger } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Operation } from '../model/plan.ts';
import { foldSteps } from '../plan/outcome.ts';
import { acceptMerged, type Acceptance } from './accept.ts';
import { brakeOn } from './brake.ts';
import { carryPlan } from './carry.ts';
import { catchUp } from './catch-up.ts';
import { conclude } from './conclude.ts';
import { claimInventory } from './inventory.ts';
import { keepDrift } from './keep-drift.ts';
import { liftServed } from './lift.ts';
import { preview, readIntent, type Curiosity, type Preview } from './preview.ts';
import { openRecord, type Attempt } from './record.ts';
import { requestReport } from './report.ts';
import { settle } from './settle.ts';
import type { World } from './world.ts';

export interface SyncRequest {
  readonly stack: Name;
  readonly trigger: Trigger;
  /** Finding codes that a person accepted for this attempt. */
  readonly approvals: readonly string[];
}

/** How one attempt ended, and when to try again by itself (null: when something new is asked for). */
export interface SyncConclusion {
  readonly outcome: SyncOutcome;
  readonly summary: string;
  readonly retryAt: number | null;
}

/**
 * One attempt to bring one stack to its line: read, compare, decide, apply, look again, record. The caller holds the
 * stack's lease. Whatever the world does is recorded as this attempt's outcome; only bugs are thrown.
 */
export async function syncStack(
  world: World,
  request: SyncRequest,
  signal: AbortSignal,
): Promise<SyncConclusion> {
  const { stack, trigger, approvals } = request;
  const common = { stack, trigger, startedAt: world.clock.now(), signal };
  let attempt: Attempt = { ...common, view: world.views.stack(stack) };
  try {
    const behind = await catchUp(world, signal);
    attempt = { ...common, view: world.views.stack(stack) };
    const lag = attempt.view === null ? undefined : behind.get(attempt.view.source.source);
    if (lag !== undefined) return await conclude(world, attempt, { kind: 'failed', error: lag });
    // Another daemon, or a command beside this one, may have synced it last.
    await world.statuses.refresh([stack, ...(attempt.view?.loaded?.desired?.dependsOn ?? [])]);
    if (attempt.view === null) return await conclude(world, attempt, { kind: 'unread' });
    const intent = await readIntent(world, stack, attempt.view);
    if (intent === null) return await conclude(world, attempt, { kind: 'invalid' });
    const curiosity = curiosityOf[trigger];
    const found = await preview(world, await liftServed(world, intent), {
      approvals,
      curiosity,
      mayRecall: trigger !== 'manual' && trigger !== 'retry',
      isForced: trigger === 'manual',
      signal,
    });
    await keepDrift(world, found);
    const accepted = await acceptMerged(world, found, { approvals, isForced: trigger === 'manual' });
    const before = accepted.preview;
    const brake = brakeOn(world, before, { trigger, approvals: accepted.codes });
    if (brake !== null) return await conclude(world, attempt, { kind: 'braked', brake, before });
    return await carryOut(world, attempt, accepted);
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return conclude(world, attempt, { kind: 'failed', error });
  }
}

/** Whoever asks for a sync wants to know what a tag means now; what we look at by ourselves can wait. */
const curiosityOf: Readonly<Record<Trigger, Curiosity>> = {
  start: 'anew',
  poll: 'anew',
  webhook: 'anew',
  manual: 'anew',
  event: 'now and then',
  sweep: 'now and then',
  retry: 'now and then',
  dependency: 'now and then',
  rollback: 'now and then',
};

async function carryOut(world: World, attempt: Attempt, accepted: Acceptance): Promise<SyncConclusion> {
  const { stack, trigger, view } = attempt;
  const { preview: before, approvals, merged } = accepted;
  const commit = view?.source.commit ?? null;
  const syncId = await openRecord(world, attempt);
  await world.store.recordPlan(syncId, before.plan);
  if (approvals.length > 0) await world.store.recordApprovals(syncId, approvals);
  await requestReport(world, stack, view?.source.source ?? null);
  world.notifier.notify({ kind: 'syncPlanned', stack, trigger, commit, plan: before.plan });
  const contents = await contentsFor(world, before);
  await claimInventory(world, before.intent);
  const steps = await applySteps(world, attempt, { syncId, before, contents });
  const conclusion = await settle(world, attempt, { syncId, before, steps });
  if (conclusion.outcome === 'succeeded') await world.store.useMergedApprovals(merged, world.clock.now());
  return conclusion;
}

interface Application {
  readonly syncId: string;
  readonly before: Preview;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

async function applySteps(
  world: World,
  { stack, signal }: Attempt,
  { syncId, before: { plan }, contents }: Application,
): Promise<readonly StepRecord[]> {
  const events: SyncEvent[] = [];
  for await (const event of carryPlan(world, plan, { contents, signal })) {
    events.push(event);
    await world.store.recordEvent(syncId, event);
    world.notifier.notify({ kind: 'syncProgress', stack, event });
  }
  return foldSteps(plan, events);
}

/** The commit's config files, and those of held versions, which an older commit had. */
async function contentsFor(
  world: World,
  { intent, plan }: Preview,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const own = intent.view.loaded?.contents ?? new Map<string, Uint8Array>();
  await world.store.recordContents(own);
  const wanted = plan.steps.flatMap(({ operation }) => Object.values(configsOf(operation)));
  const missing = wanted.map(({ digest }) => digest).filter((digest) => !own.has(digest));
  if (missing.length === 0) return own;
  return new Map([...own, ...(await world.store.contents(missing))]);
}

function configsOf(operation: Operation): Readonly<Record<string, ConfigFile>> {
  switch (operation.kind) {
    case 'createContainer':
      return operation.intent.configs ?? {};
    case 'writeConfigs':
      return operation.configs;
    default:
      return {};
  }
}
