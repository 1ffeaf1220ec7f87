import { isSyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { LeftEngine } from '../plan/left-engine.ts';
import type { Intent } from './preview.ts';
import type { World } from './world.ts';

/** By name: engines that a stack is no longer to run on, as they were seen last. */
export type LeftEngines = ReadonlyMap<Name, LeftEngine>;

/** One look at each engine that one of the stacks has something on and is not to run on. */
export async function lookAtLeft(
  world: World,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<LeftEngines> {
  const engines = [...new Set(intents.flatMap(enginesLeft))];
  const looks = await Promise.all(
    engines.map(async (engine) => [engine, await lookAtOne(world, engine, signal)] as const),
  );
  return new Map(looks);
}

export function enginesLeft({ desired, inventory }: Intent): readonly Name[] {
  const engines = inventory.map(({ engine }) => engine).filter((engine) => engine !== desired.engine);
  return [...new Set(engines)].sort();
}

/** Longer than an engine that is well ever takes. Whoever left one is not kept by it. */
const longestLookMs = 5_000;

/** One that is known not to answer is not waited for at all: its own loop asks it again. */
async function lookAtOne(world: World, engine: Name, signal: AbortSignal): Promise<LeftEngine> {
  const known = world.engines.checks().find((check) => check.engine === engine)?.error ?? null;
  if (known !== null) return { kind: 'unseen', engine, why: known.message };
  const [ended, late] = [new AbortController(), new AbortController()];
  const clock = endAfter(world, longestLookMs, { ended: ended.signal, late });
  try {
    const limit = AbortSignal.any([signal, late.signal]);
    const observed = await world.engines.get(engine).observe({ images: [], freshImages: [] }, limit);
    return { kind: 'seen', engine, observed };
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    const tooLate = `It did not answer within ${longestLookMs / 1000} s.`;
    return { kind: 'unseen', engine, why: late.signal.aborted ? tooLate : error.message };
  } finally {
    ended.abort();
    await clock;
  }
}

interface Limit {
  readonly ended: AbortSignal;
  readonly late: AbortController;
}

async function endAfter({ clock }: World, ms: number, { ended, late }: Limit): Promise<void> {
  try {
    await clock.sleep(ms, ended);
    late.abort();
  } catch (error) {
    if (!isSyncError(error, 'Cancelled')) throw error;
  }
}
