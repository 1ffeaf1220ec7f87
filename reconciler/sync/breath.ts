import type { Clock } from '../model/ports.ts';

/** To be awaited between the parts of a long work: now and then it lets everybody else have a turn. */
export type Breath = () => Promise<void>;

/** A look at ten thousand services is a tenth of a second of thinking; nobody should have to wait for all of it. */
const longestMs = 10;

export function createBreath(clock: Clock, signal: AbortSignal): Breath {
  let since = clock.now();
  return async () => {
    if (clock.now() - since < longestMs) return;
    await clock.sleep(0, signal);
    since = clock.now();
  };
}
