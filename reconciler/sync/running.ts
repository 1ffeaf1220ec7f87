import { SyncError } from '../model/error.ts';
import type { StopReason } from '../model/event.ts';
import type { Name } from '../model/ids.ts';

/** The syncs that this process runs now, so that a newer revision or a person can stop one. */
export interface Running {
  /** Runs `work` with a signal that aborts when the parent does or when `stop` is called for the stack. */
  track<Result>(
    stack: Name,
    parent: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  /** False when no sync of that stack runs here. */
  stop(stack: Name, reason: StopReason): boolean;
  stacks(): readonly Name[];
  /** Something may have happened to a stack while its sync runs. */
  lookAfter(stack: Name): void;
  /** Whether that was so, once. */
  takeLookAfter(stack: Name): boolean;
}

export function createRunning(): Running {
  const controllers = new Map<Name, AbortController>();
  const lookAfter = new Set<Name>();
  return {
    async track(stack, parent, work) {
      const controller = new AbortController();
      controllers.set(stack, controller);
      try {
        return await work(AbortSignal.any([parent, controller.signal]));
      } finally {
        controllers.delete(stack);
      }
    },
    stop(stack, reason) {
      const controller = controllers.get(stack);
      controller?.abort(new StopRequest(reason));
      return controller !== undefined;
    },
    stacks: () => [...controllers.keys()].sort(),
    lookAfter: (stack) => void lookAfter.add(stack),
    takeLookAfter: (stack) => lookAfter.delete(stack),
  };
}

/** The abort reason of a stopped sync. */
class StopRequest extends SyncError {
  readonly stopReason: StopReason;

  constructor(stopReason: StopReason) {
    super(
      'Cancelled',
      stopReason === 'superseded' ? 'A newer revision took its place.' : 'It was cancelled.',
    );
    this.stopReason = stopReason;
  }
}

/** What an aborted signal means for the attempt: a shutdown counts as cancelled. */
export function stopReasonOf(signal: AbortSignal): StopReason | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof StopRequest ? signal.reason.stopReason : 'cancelled';
}
