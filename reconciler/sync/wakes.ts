import { isSyncError } from '../model/error.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { Clock } from '../model/ports.ts';

/** Why a source is looked at before its time. */
export interface Wake {
  /** The commit that was announced, or null. A server may show it a moment after it announced it. */
  readonly announced: Revision | null;
}

/**
 * Ends the pauses of the source loops. Any number of wakes during one look come to one more look, and a source that is
 * woken without end is looked at no more often than its server can bear.
 */
export interface Wakes {
  wake(source: Name, wake: Wake): void;
  /** The pause between two looks: resolves to the newest wake as soon as there is one, or after `ms` to null. */
  rest(source: Name, ms: number, signal: AbortSignal): Promise<Wake | null>;
}

/** Between two looks of one source, however often it is woken. */
const shortestRestMs = 250;

export function createWakes(clock: Clock): Wakes {
  const pending = new Map<Name, Wake>();
  const endRest = new Map<Name, () => void>();
  return {
    wake(source, wake) {
      pending.set(source, wake);
      endRest.get(source)?.();
    },
    async rest(source, ms, signal) {
      await sleep(clock, Math.min(ms, shortestRestMs), signal);
      if (!pending.has(source) && !signal.aborted) {
        const woken = new AbortController();
        const wake = (): void => woken.abort();
        endRest.set(source, wake);
        // Not AbortSignal.any, which would leave something behind on the daemon's own signal at each rest.
        signal.addEventListener('abort', wake);
        await sleep(clock, ms - shortestRestMs, woken.signal);
        signal.removeEventListener('abort', wake);
        endRest.delete(source);
      }
      const wake = pending.get(source) ?? null;
      pending.delete(source);
      return wake;
    },
  };
}

/** An abort ends it early. */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}
