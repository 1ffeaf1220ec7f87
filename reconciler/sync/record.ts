import { isSyncError } from '../model/error.ts';
import type { StepRecord, SyncOutcome, SyncRecord, Trigger } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import { requestReport } from './report.ts';
import type { StackView } from './view.ts';
import type { World } from './world.ts';

/** One attempt from its beginning. */
export interface Attempt {
  readonly stack: Name;
  readonly trigger: Trigger;
  /** Null while no source has been read that knows the stack. */
  readonly view: StackView | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Tells the attempt to come to a safe point. */
  readonly signal: AbortSignal;
}

/** How an attempt ended, as its row and its notice say it. */
export interface Ending {
  readonly outcome: SyncOutcome;
  readonly summary: string;
  readonly error: SyncRecord['error'];
  readonly steps: readonly StepRecord[];
}

/** Opens the attempt's row; an unfinished one before it is marked as interrupted by this. */
export function openRecord(world: World, { stack, trigger, view, startedAt }: Attempt): Promise<string> {
  const from = world.statuses.get(stack)?.syncedRevision ?? null;
  return world.store.beginSync({ stack, trigger, from, to: view?.source.commit ?? null, at: startedAt });
}

export interface Closing extends Ending {
  readonly syncId: string;
}

/** A row that a successor has called interrupted keeps that name: this process was presumed dead. */
export async function closeRecord(
  world: World,
  { stack, trigger, view, startedAt }: Attempt,
  closing: Closing,
): Promise<void> {
  const { syncId, ...ending } = closing;
  const at = world.clock.now();
  const problems = view?.loaded?.problems ?? [];
  try {
    await world.store.finishSync(syncId, { ...ending, problems, to: view?.source.commit ?? null, at });
  } catch (error) {
    if (!isSyncError(error, 'LeaseLost')) throw error;
  }
  const { outcome, summary } = ending;
  const durationMs = at - startedAt;
  world.notifier.notify({ kind: 'syncFinished', stack, trigger, outcome, summary, durationMs });
  await requestReport(world, stack, view?.source.source ?? null);
}
