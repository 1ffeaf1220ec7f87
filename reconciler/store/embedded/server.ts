import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../model/error.ts';
import type { Account } from './account.ts';
import { createTail, launch, type Tail } from './launch.ts';
import { clusterName } from './orphan.ts';
import { diskFull } from './place.ts';
import { watchOver } from './watchdog.ts';

export interface ServerOptions {
  readonly postgres: string;
  readonly major: number;
  readonly dataDirectory: string;
  readonly account: Account | null;
  /** Called once when the server ends without having been asked to. */
  readonly onEnd: (end: ServerEnd) => void;
}

export interface ServerEnd {
  /** `ended by itself, SIGKILL`. */
  readonly how: string;
  /** The last lines that it wrote. */
  readonly lastWords: string;
}

export interface Server {
  readonly processId: number;
  stop(): Promise<void>;
}

/** Long enough to replay what a crash left in the log. */
const startDeadlineMs = 120_000;
/** Backends of a killed server hold its shared memory until they notice, which takes milliseconds. */
const orphansLeaveWithinMs = 10_000;

/** Starts the server and returns once it accepts connections, recovery from a crash included; or tells how it ended. */
export async function startServer(options: ServerOptions): Promise<Server | ServerEnd> {
  const args = serverArguments(options.major, await clusterName(options.dataDirectory));
  const waitsUntil = Date.now() + orphansLeaveWithinMs;
  for (;;) {
    const attempt = await startOnce(options, args);
    if (typeof attempt !== 'string') return attempt;
    if (!attempt.includes('shared memory block') || Date.now() >= waitsUntil) {
      return { how: 'did not start', lastWords: attempt };
    }
    await delay(50);
  }
}

/**
 * The socket lies in the data directory, named relative to it: no length limit, and nobody but the owner gets in.
 * One daemon, and now and then a command beside it, need little memory and no parallel workers.
 */
export function serverArguments(major: number, name: string): readonly string[] {
  const settings = {
    cluster_name: name,
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    max_connections: '40',
    shared_buffers: '16MB',
    max_wal_size: '256MB',
    min_wal_size: '32MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    max_parallel_workers_per_gather: '0',
    autovacuum_max_workers: '1',
    jit: 'off',
    lc_messages: 'C',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '',
    log_checkpoints: 'off',
    ...(major >= 18 ? { io_method: 'sync' } : {}),
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

/** The running server, or its last words. */
async function startOnce(options: ServerOptions, args: readonly string[]): Promise<Server | string> {
  const { postgres, dataDirectory: directory, account } = options;
  const { child, lines } = launch(postgres, args, { directory, account });
  const tail = createTail();
  lines.on('line', tail.add);
  const ready = new Promise<null>((resolve) => {
    lines.on('line', (line) => line.includes('ready to accept connections') && resolve(null));
  });
  const ended = endOf(child);
  const failure = await withinMs(startDeadlineMs, Promise.race([ready, ended]));
  if (failure === null) return attend(child, { ...options, ended, tail });
  child.kill('SIGKILL');
  return `${tail.text()}\n(${failure})`;
}

/** How the process ended; also when it could not be begun. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

async function withinMs<Result>(ms: number, work: Promise<Result>): Promise<Result | 'not in time'> {
  const timer = new AbortController();
  try {
    return await Promise.race([work, delay(ms, 'not in time' as const, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

interface Attendance extends ServerOptions {
  readonly ended: Promise<string>;
  readonly tail: Tail;
}

/** A process that has nothing else to do may end: the watchdog then stops the server. */
function attend(child: ChildProcess, { account, ended, tail, onEnd }: Attendance): Server {
  const processId = child.pid ?? 0;
  const watchdog = watchOver(processId, account);
  let stopping: Promise<void> | null = null;
  void ended.then((how) => {
    watchdog.dismiss();
    if (stopping === null) onEnd({ how: `ended by itself, ${how}`, lastWords: tail.text() });
  });
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return { processId, stop: () => (stopping ??= stopChild(child, ended)) };
}

/** Fast shutdown, immediate shutdown (recovered from at the next start), the end. */
const stopSignals = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const satisfies readonly (readonly [NodeJS.Signals, number])[];

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  for (const [signal, patienceMs] of stopSignals) {
    child.kill(signal);
    if ((await withinMs(patienceMs, ended)) !== 'not in time') return;
  }
}

/** The remedy is a clause: `start Plimsoll again`. */
export function serverFailure(
  dataDirectory: string,
  { how, lastWords }: ServerEnd,
  remedy: string,
): SyncError {
  if (lastWords.includes('No space left on device')) return diskFull(dataDirectory, lastWords);
  const said = lastWords === '' ? '' : ` Its last words:\n${lastWords}`;
  return new SyncError(
    'StoreUnreachable',
    `The embedded database in ${dataDirectory} ${how}; ${remedy}.${said}`,
    { data: { dataDirectory } },
  );
}
