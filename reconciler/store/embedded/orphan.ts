import { execFile } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SyncError } from '../../model/error.ts';

/**
 * Ends a server that a killed owner left behind on the data directory, in order if it lets itself be ended, and
 * forgets a process id that by now belongs to something else. The caller owns the state directory, so nobody works
 * with that server any more.
 */
export async function endOrphan(dataDirectory: string): Promise<void> {
  const pidFile = join(dataDirectory, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 1)) return;
  const mark = await clusterName(dataDirectory);
  for (const [signal, patienceMs] of signals) {
    if (!(await isServer(pid, mark))) break;
    send(pid, signal);
    await untilGone(pid, mark, patienceMs);
  }
  if (await isServer(pid, mark)) throw immortal(pid);
  // Postgres itself would take any living process of that number, even a zombie, for a server.
  await rm(pidFile, { force: true });
}

/** Fast shutdown, immediate shutdown, the end. */
const signals = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const satisfies readonly (readonly [NodeJS.Signals, number])[];

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended just now; the next look tells.
  }
}

const lookEveryMs = 5;

async function untilGone(pid: number, mark: string, patienceMs: number): Promise<void> {
  const until = Date.now() + patienceMs;
  while (Date.now() < until && (await isServer(pid, mark))) await delay(lookEveryMs);
}

/** Stands in the server's command line and tells its data directory, even after that was moved. */
export async function clusterName(dataDirectory: string): Promise<string> {
  const { dev, ino } = await stat(dataDirectory);
  return `plimsoll-${dev.toString(36)}-${ino.toString(36)}`;
}

async function isServer(pid: number, mark: string): Promise<boolean> {
  return (await commandLine(pid)).includes(`cluster_name=${mark}`);
}

/** Empty for a process that has ended, also when nobody has collected its exit code. */
async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout;
  } catch {
    return '';
  }
}

function immortal(pid: number): SyncError {
  return new SyncError(
    'StoreLocked',
    `The database server ${pid} of an earlier run does not end; end that process, then start again.`,
    { data: { pid } },
  );
}
