import { isSyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { Clock, Queue } from '../model/ports.ts';

/** "Look at this stack again at that time", for drift that waits. Lost with the process: the sweep finds it all. */
export interface Alarms {
  /** The earliest time of a stack counts. */
  set(stack: Name, at: number): void;
  /** Enqueues each stack when its time has come, until the signal aborts. */
  ring(hints: Queue, signal: AbortSignal): Promise<void>;
}

const longestSleepMs = 60_000;

export function createAlarms(clock: Clock): Alarms {
  const times = new Map<Name, number>();
  let wake = new AbortController();
  const due = (): readonly Name[] => [...times].flatMap(([stack, at]) => (at <= clock.now() ? [stack] : []));
  return {
    set(stack, at) {
      if (at >= (times.get(stack) ?? Number.POSITIVE_INFINITY)) return;
      times.set(stack, at);
      wake.abort();
    },
    async ring(hints, signal) {
      while (!signal.aborted) {
        for (const stack of due()) {
          times.delete(stack);
          await hints.enqueue(stack);
        }
        wake = new AbortController();
        const ms = Math.min(longestSleepMs, ...[...times.values()].map((at) => at - clock.now()));
        await sleep(clock, Math.max(ms, 0), AbortSignal.any([signal, wake.signal]));
      }
    },
  };
}

/** An abort ends it. */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}
