import { isSyncError } from '../model/error.ts';
import type { Clock } from '../model/ports.ts';

/** Ends a rest before its time. */
export interface Bell {
  ring(): void;
  /** Resolves after `ms`, at an abort, or when the bell rings or has rung since the last rest; never at once again. */
  rest(ms: number, signal: AbortSignal): Promise<void>;
}

/** However often it rings. */
const shortestRestMs = 50;

export function createBell(clock: Clock): Bell {
  let hasRung = false;
  let wake = doNothing;
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async rest(ms, signal) {
      await sleep(clock, Math.min(ms, shortestRestMs), signal);
      if (!hasRung) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await sleep(clock, ms - shortestRestMs, AbortSignal.any([signal, woken.signal]));
      }
      hasRung = false;
    },
  };
}

function doNothing(): void {
  // Nobody rests.
}

/** An abort ends it. */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}
