import { systemClock } from '../../reconciler/clock.ts';
import type { Clock } from '../../reconciler/model/ports.ts';

/** The machine's time, and as much more as was skipped: a back-off of minutes costs a run nothing. */
export interface VirtualClock extends Clock {
  skipTo(at: number): void;
}

export function createVirtualClock(): VirtualClock {
  let skippedMs = 0;
  const now = (): number => Date.now() + skippedMs;
  return {
    now,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    skipTo(at) {
      skippedMs += Math.max(0, at - now());
    },
  };
}
