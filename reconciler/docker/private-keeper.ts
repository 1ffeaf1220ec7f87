import { setTimeout as delay } from 'node:timers/promises';
import { SyncError, isSyncError } from '../model/error.ts';
import type { PrivateEngine } from './private.ts';

export interface KeepOptions {
  /** Its dockerd ended by itself, or cannot be started again yet. */
  readonly onTrouble: (error: SyncError) => void;
  readonly onRecovery: (message: string) => void;
}

export interface EngineKeeper {
  /** Ends the keeping, not the engine. */
  stop(): Promise<void>;
}

const lookEveryMs = 500;
/** Before each start of those that follow close upon each other; the last holds for all that come after. */
const pausesMs = [0, 1_000, 5_000, 15_000, 60_000];
const inARowMs = 10 * 60_000;

/** Starts the dockerd of a private engine again whenever it ends by itself; its containers run on meanwhile. */
export function keepEngine(engine: PrivateEngine, options: KeepOptions): EngineKeeper {
  const ending = new AbortController();
  const kept = keep(engine, options, ending.signal);
  return {
    async stop() {
      ending.abort();
      await kept;
    },
  };
}

async function keep(engine: PrivateEngine, options: KeepOptions, signal: AbortSignal): Promise<void> {
  let current = engine;
  let startedAt: readonly number[] = [];
  let isTold = false;
  while (await hasPassed(lookEveryMs, signal)) {
    if (current.isRunning()) continue;
    if (!isTold) options.onTrouble(ended(current));
    isTold = true;
    const now = Date.now();
    startedAt = [...startedAt.filter((at) => now - at < inARowMs), now];
    if (!(await hasPassed(pauseBefore(startedAt.length), signal))) return;
    const revived = await reviveOnce(current, signal);
    if (isSyncError(revived)) {
      if (startedAt.length === 1 && !signal.aborted) options.onTrouble(revived);
      continue;
    }
    current = revived;
    isTold = false;
    options.onRecovery(`The private Docker engine answers again, as process ${current.processId}.`);
  }
}

async function reviveOnce(engine: PrivateEngine, signal: AbortSignal): Promise<PrivateEngine | SyncError> {
  try {
    return await engine.revive(signal);
  } catch (error) {
    if (isSyncError(error)) return error;
    if (signal.aborted) return new SyncError('Cancelled', 'It was cancelled.', { cause: error });
    throw error;
  }
}

function pauseBefore(start: number): number {
  return pausesMs[Math.min(start, pausesMs.length) - 1] ?? 0;
}

function ended({ processId, log }: PrivateEngine): SyncError {
  return new SyncError(
    'EngineUnreachable',
    `The private Docker engine (process ${processId}) ended by itself; it is started again, and its containers run on meanwhile. Its log is ${log}.`,
    { data: { processId, log } },
  );
}

/** False when it was ended early. */
async function hasPassed(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}
