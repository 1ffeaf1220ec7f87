import type { World } from './world.ts';

/** So many attempts go in one statement, so that nobody waits long for it. */
const batch = 200;
/** What is over after these is left for the next time. */
const mostBatches = 50;

/** Removes attempts that are older than the operator wants to keep, beyond those that every stack keeps. */
export async function forgetOldHistory(
  { clock, store, retention }: World,
  signal: AbortSignal,
): Promise<void> {
  const { keepMs, keepAtLeast } = retention;
  const bounds = { before: clock.now() - keepMs, keepAtLeast, most: batch };
  for (let turn = 0; turn < mostBatches && !signal.aborted; turn += 1) {
    if ((await store.dropHistory(bounds)) < batch) return;
  }
}
