import { SyncError, isSyncError, type SyncErrorData } from '../model/error.ts';
import type { ContainerState } from '../model/observed.ts';
import { onAbort } from './abort.ts';
import type { Connection } from './connection.ts';
import { inspectContainer, type ContainerRef } from './container-calls.ts';
import { readState, readTime } from './container.ts';
import type { EventFeed } from './events.ts';
import type { EngineFacts } from './facts.ts';
import type { StateAnswer } from './wire.ts';

export interface Waiter {
  readonly connection: Connection;
  readonly feed: EventFeed;
  readonly facts: EngineFacts;
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
}

export interface HealthGate {
  readonly minHealthyTimeMs: number;
  /** What it was before the wait began does not count. */
  readonly isAnew: boolean;
  readonly deadlineMs: number;
}

/** Events may be lost, so the container is looked at now and then anyway; more often where there are none at all. */
const lookEveryMs = { live: 5_000, blind: 500 } as const;

/**
 * Resolves when the container was healthy for its time: as its health check says, or without one running and not
 * restarted. Throws ContainerUnhealthy or ContainerExited as soon as that is certain, else DeadlineExceeded. One that is
 * unhealthy from the first look on may be so from what is over, and has until the deadline to recover.
 */
export async function awaitHealthy(container: ContainerRef, gate: HealthGate, waiter: Waiter): Promise<void> {
  const beganAt = Date.now();
  const deadline = beganAt + gate.deadlineMs;
  let stable: StableSince | null = null;
  let isIllFromBefore = true;
  let said = '';
  let lastEnd: ContainerState | null = null;
  for (;;) {
    const { answer, state } = await look(container, waiter);
    refuseEnded(container, state);
    isIllFromBefore &&= isIll(state);
    if (isIll(state) && !isIllFromBefore) throw unhealthy(container, answer, state);
    lastEnd = state.exitCode === null ? lastEnd : state;
    stable = stableSince(answer, { state, before: stable, clockOffsetMs: waiter.facts.clockOffsetMs });
    const now = Date.now();
    const readyAt = readyAtOf(stable, gate, beganAt);
    if (readyAt <= now) return;
    if (now >= deadline) throw notHealthyInTime(container, gate, { state, lastEnd });
    if (describe(state) !== said) waiter.progress((said = describe(state)));
    await nextChange(container, Math.min(readyAt, deadline) - now, waiter);
  }
}

function readyAtOf(
  stable: StableSince | null,
  { isAnew, minHealthyTimeMs }: HealthGate,
  beganAt: number,
): number {
  if (stable === null) return Number.POSITIVE_INFINITY;
  return (isAnew ? Math.max(stable.at, beganAt) : stable.at) + minHealthyTimeMs;
}

/** Resolves when the container has ended with 0. Throws JobFailed or DeadlineExceeded. */
export async function awaitCompleted(
  container: ContainerRef,
  deadlineMs: number,
  waiter: Waiter,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const { state } = await look(container, waiter);
    if (state.status === 'exited' && state.exitCode === 0) return;
    if (state.status === 'exited' || state.status === 'dead') throw jobFailed(container, state);
    const now = Date.now();
    if (now >= deadline) throw notCompletedInTime(container, deadlineMs, state);
    await nextChange(container, deadline - now, waiter);
  }
}

interface Look {
  readonly answer: StateAnswer;
  readonly state: ContainerState;
}

async function look(container: ContainerRef, { connection, signal }: Waiter): Promise<Look> {
  try {
    const { State, RestartCount } = await inspectContainer(connection, container, signal);
    return { answer: State, state: readState(State, RestartCount ?? 0) };
  } catch (error) {
    if (!isSyncError(error, 'ContainerVanished')) throw error;
    throw new SyncError(
      'ContainerVanished',
      `Container ${container.name} was removed while we waited for it.`,
      {
        data: { container: container.name },
        cause: error,
      },
    );
  }
}

/** Ends at the next event of the container, when it is time to look again, or with the wait. */
function nextChange({ id, name }: ContainerRef, atMostMs: number, { feed, signal }: Waiter): Promise<void> {
  const ms = Math.max(1, Math.min(atMostMs, feed.isLive() ? lookEveryMs.live : lookEveryMs.blind));
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      stopListening();
      forget();
      resolve();
    };
    const cancel = (): void => {
      end();
      reject(new SyncError('Cancelled', `Waiting for container ${name} was cancelled.`));
    };
    const timer = setTimeout(end, ms);
    const stopListening = feed.listen((event) => {
      if (event.kind === 'container' ? event.id === id : event.kind !== 'image') end();
    });
    const forget = onAbort(signal, cancel);
    if (signal.aborted) cancel();
  });
}

interface StableSince {
  /** On our clock. */
  readonly at: number;
  /** A restart begins anew. */
  readonly startedAt: number;
}

interface Known {
  readonly state: ContainerState;
  readonly before: StableSince | null;
  readonly clockOffsetMs: number;
}

function stableSince(answer: StateAnswer, { state, before, clockOffsetMs }: Known): StableSince | null {
  const { status, health, startedAt } = state;
  if (status !== 'running' || health === 'starting' || health === 'unhealthy' || startedAt === null)
    return null;
  if (before?.startedAt === startedAt) return before;
  const began = health === 'none' ? startedAt : (firstSuccess(answer) ?? Date.now() - clockOffsetMs);
  return { at: Math.max(began, startedAt) + clockOffsetMs, startedAt };
}

/** The engine keeps the last five results; the end of the first of those that succeeded in a row, on its clock. */
function firstSuccess({ Health }: StateAnswer): number | null {
  const log = Health?.Log ?? [];
  const lastFailure = log.findLastIndex(({ ExitCode }) => ExitCode !== 0);
  return readTime(log[lastFailure + 1]?.End);
}

/** `exited` is final: while the engine means to restart it, the status is `restarting`. */
function refuseEnded({ name }: ContainerRef, state: ContainerState): void {
  if (state.status === 'exited' || state.status === 'dead' || state.status === 'removing') {
    const message = `Container ${name} ended ${howItEnded(state)} before it was healthy.`;
    throw new SyncError('ContainerExited', message, { data: dataOf(name, state) });
  }
}

function isIll({ status, health }: ContainerState): boolean {
  return status === 'running' && health === 'unhealthy';
}

function unhealthy({ name }: ContainerRef, { Health }: StateAnswer, state: ContainerState): SyncError {
  const { FailingStreak, Log } = Health ?? {};
  const code = Log?.at(-1)?.ExitCode ?? null;
  const times = FailingStreak ? `failed ${FailingStreak} times in a row` : 'failed';
  const last = code === null ? '' : `, last with code ${code}`;
  return new SyncError(
    'ContainerUnhealthy',
    `Container ${name} is unhealthy: its health check ${times}${last}.`,
    { data: { ...dataOf(name, state), checkExitCode: code }, output: checkOutput(Health) },
  );
}

/** What the check said last, in one line: the engine keeps up to 4 KiB of it. */
function checkOutput(health: StateAnswer['Health']): string {
  const said = (health?.Log?.at(-1)?.Output ?? '').replaceAll(/\s+/g, ' ').trim();
  return said === '' ? '' : `health check: ${said.slice(0, longestCheckOutput)}`;
}

const longestCheckOutput = 300;

function dataOf(container: string, { exitCode, oomKilled }: ContainerState): SyncErrorData {
  return { container, exitCode, oomKilled };
}

interface Ends {
  readonly state: ContainerState;
  /** A container that runs again does not tell how it ended before. */
  readonly lastEnd: ContainerState | null;
}

function notHealthyInTime({ name }: ContainerRef, gate: HealthGate, { state, lastEnd }: Ends): SyncError {
  const data = { container: name, restarts: state.restartCount, exitCode: lastEnd?.exitCode ?? null };
  const isLooping = state.status === 'restarting' || state.restartCount > 0;
  if (isLooping) {
    return new SyncError(
      'ContainerExited',
      `Container ${name} keeps ending: it was restarted ${state.restartCount} times and last ended ${howItEnded(lastEnd ?? state)}.`,
      { data },
    );
  }
  return new SyncError(
    'DeadlineExceeded',
    `Container ${name} was not healthy for ${formatMs(gate.minHealthyTimeMs)} within ${formatMs(gate.deadlineMs)}: ${describe(state)}.`,
    { data },
  );
}

function jobFailed({ name }: ContainerRef, state: ContainerState): SyncError {
  return new SyncError('JobFailed', `The job in container ${name} ended ${howItEnded(state)}.`, {
    data: { container: name, exitCode: state.exitCode, oomKilled: state.oomKilled },
  });
}

function notCompletedInTime({ name }: ContainerRef, deadlineMs: number, state: ContainerState): SyncError {
  return new SyncError(
    'DeadlineExceeded',
    `The job in container ${name} had not ended after ${formatMs(deadlineMs)}; it is ${state.status} and goes on.`,
    { data: { container: name } },
  );
}

/** `with code 137 (out of memory)`. */
function howItEnded({ exitCode, oomKilled, error }: ContainerState): string {
  const why = oomKilled ? 'out of memory' : (meanings[exitCode ?? -1] ?? '');
  const code = exitCode === null ? 'with an unknown code' : `with code ${exitCode}`;
  return `${code}${why === '' ? '' : ` (${why})`}${error === '' ? '' : `: ${error}`}`;
}

const meanings: Readonly<Record<number, string>> = {
  126: 'its command cannot be executed',
  127: 'its command was not found',
  137: 'killed',
  139: 'segmentation fault',
  143: 'terminated',
};

function describe({ status, health }: ContainerState): string {
  if (status !== 'running') return `it is ${status}`;
  return health === 'none' ? 'it is running' : `its health is ${health}`;
}

function formatMs(ms: number): string {
  return ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
