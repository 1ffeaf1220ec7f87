import { setTimeout as wait } from 'node:timers/promises';
import { SyncError } from './model/error.ts';
import type { Clock } from './model/ports.ts';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, { signal });
    } catch (cause) {
      throw new SyncError('Cancelled', 'The wait was cancelled.', { cause });
    }
  },
};
