import { SyncError } from '../model/error.ts';

export interface Limits {
  readonly signal: AbortSignal;
  /** For the whole piece of work. */
  readonly totalMs: number;
  /** Between two signs of life. */
  readonly idleMs: number;
  /** Who is waited for, in an error's message. */
  readonly display: string;
}

export interface Deadline {
  /** Aborts with the SyncError that says why: Cancelled or SourceTimedOut. */
  readonly signal: AbortSignal;
  /** A sign of life: the idle limit starts anew. */
  touch(): void;
}

/** Runs work under limits. The work is awaited in any case: it must end when its signal aborts. */
export async function withDeadline<T>(limits: Limits, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  throwIfCancelled(limits.signal);
  const controller = new AbortController();
  const cancel = () => controller.abort(cancelled());
  const expire = (waitedMs: number) => () => controller.abort(timedOut(limits.display, waitedMs));
  limits.signal.addEventListener('abort', cancel, { once: true });
  const total = setTimeout(expire(limits.totalMs), limits.totalMs);
  const idle = setTimeout(expire(limits.idleMs), limits.idleMs);
  try {
    return await work({ signal: controller.signal, touch: () => void idle.refresh() });
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(total);
    clearTimeout(idle);
    limits.signal.removeEventListener('abort', cancel);
  }
}

const graceMs = 2000;

/**
 * For isomorphic-git, which looks at no signal but ends soon after its connection has: it gets a moment to do so, in
 * order that nothing writes into a directory that is being cleared up, and then it is left to itself.
 */
export async function abandonOnAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return Promise.race([work, rejectAfterAbort(signal)]);
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

function cancelled(): SyncError {
  return new SyncError('Cancelled', 'Reading the source was cancelled.');
}

function timedOut(display: string, waitedMs: number): SyncError {
  return new SyncError(
    'SourceTimedOut',
    `${display} did not answer within ${waitedMs / 1000} s. It is tried again; look whether the server is overloaded.`,
    { data: { waitedMs } },
  );
}

function rejectAfterAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const rejectLate = () => setTimeout(() => reject(signal.reason), graceMs).unref();
    signal.addEventListener('abort', rejectLate, { once: true });
  });
}
