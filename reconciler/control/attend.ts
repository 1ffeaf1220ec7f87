import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../model/error.ts';

/** Most answers come sooner, and need no second question. */
const firstPauseMs = 1_000;
const firstPatienceMs = 4_000;
/** Later: somebody who answered a moment ago is busy rather than gone. */
const pauseMs = 5_000;
const patienceMs = 15_000;

export interface Attended {
  readonly socketPath: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Does something that may rightly take minutes, and asks the daemon in between whether it is there at all: a process that
 * was stopped or hangs keeps its socket, and would be waited for in vain. Then the signal that the work gets aborts with
 * DaemonUnreachable.
 */
export async function attended<Result>(
  { socketPath, signal }: Attended,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const hung = new AbortController();
  const ended = new AbortController();
  const attendance = attend(socketPath, { hung, ended: ended.signal });
  try {
    return await work(AbortSignal.any([hung.signal, ...(signal === undefined ? [] : [signal])]));
  } finally {
    ended.abort();
    await attendance;
  }
}

interface Attendance {
  readonly hung: AbortController;
  readonly ended: AbortSignal;
}

async function attend(socketPath: string, { hung, ended }: Attendance): Promise<void> {
  let waitMs = firstPauseMs;
  let withinMs = firstPatienceMs;
  while (await hasPassed(waitMs, ended)) {
    const isThere = await answers(socketPath, AbortSignal.any([ended, AbortSignal.timeout(withinMs)]));
    if (!isThere && !ended.aborted) return hung.abort(await silent(socketPath));
    waitMs = pauseMs;
    withinMs = patienceMs;
  }
}

/** False when it was ended early. */
async function hasPassed(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal }).catch(() => false);
}

/** Whatever comes back is a sign of life; a refused connection is for the work itself to tell. */
function answers(socketPath: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/about', signal }, (response) => {
      response.destroy();
      resolve(true);
    });
    asked.once('error', () => resolve(!signal.aborted));
    asked.end();
  });
}

/** Where a daemon leaves its process id, for whom it does not answer. */
export function processIdPath(socketPath: string): string {
  return socketPath.replace(/\.sock$/, '.pid');
}

async function silent(socketPath: string): Promise<SyncError> {
  const pid = Number.parseInt(await readFile(processIdPath(socketPath), 'utf8').catch(() => ''), 10);
  const who = pid > 0 ? `The daemon, process ${pid},` : 'The daemon';
  const what = pid > 0 ? `\`ps -o stat,cmd ${pid}\` shows` : 'Its process state shows';
  const revive = pid > 0 ? `\`kill -CONT ${pid}\`` : 'SIGCONT';
  return new SyncError(
    'DaemonUnreachable',
    `${who} does not answer on its control socket. ${what} whether it was stopped (T), which ${revive} undoes; ` +
      'if it hangs, kill it and start it again: the next one goes on from there.',
    { data: { pid: pid > 0 ? pid : null } },
  );
}
