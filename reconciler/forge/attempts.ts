import { setTimeout as sleep } from 'node:timers/promises';
import { isSyncError } from '../model/error.ts';

/** Pauses before further attempts at something that does no harm when it is done twice. */
const pausesMs = [500, 2_000];

/** Repeats what failed because the forge was away for a moment. */
export async function withAttempts<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!isSyncError(error, 'ForgeUnreachable') || signal.aborted) throw error;
      await sleep(pauseMs, undefined, { signal });
    }
  }
  return work();
}
