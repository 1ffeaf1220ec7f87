import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('daemon.ts', import.meta.url));

export interface Daemon {
  readonly child: ChildProcess;
  /** Process id of its server. */
  readonly server: number;
}

interface DaemonOptions {
  readonly ending?: 'stop' | 'forget';
  readonly uid?: number;
}

/** Starts another process on the state directory; rejects with what it says when it cannot own it. */
export async function startDaemon(
  stateDirectory: string,
  { ending = 'stop', uid }: DaemonOptions = {},
): Promise<Daemon> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, stateDirectory, ending], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined
      ? {}
      : { uid, gid: uid, env: { PATH: process.env['PATH'], HOME: '/nonexistent', TMPDIR: stateDirectory } }),
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const said = JSON.parse(line) as { server?: number; code?: string; message?: string };
  if (said.server === undefined) throw Object.assign(new Error(said.message), { code: said.code });
  return { child, server: said.server };
}

/** Kills a process as the kernel does when memory runs out, and waits until it is gone. */
export async function killHard(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export async function stopDaemon({ child }: Daemon): Promise<void> {
  const gone = once(child, 'exit');
  child.stdin?.end();
  await gone;
}

/** False also for a process that has ended and whose exit code nobody collects. */
export function isRunning(pid: number): boolean {
  return commandLine(pid) !== '';
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Running processes whose command line ends so, as the watchdog's does with the server's process id. */
export function processesEndingWith(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^[0-9]+$/.test(entry))
    .map(Number)
    .filter((pid) => commandLine(pid).endsWith(text));
}

export function userOf(pid: number): number {
  return Number(/^Uid:\s+([0-9]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** Who gets the signals of a terminal together with it. */
export function processGroupOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]);
}
