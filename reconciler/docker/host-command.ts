import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { SyncError } from '../model/error.ts';

const execute = promisify(execFile);

/** Where Debian keeps dockerd, ip and iptables; an ordinary user's PATH often lacks them. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export interface HostCommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/**
 * Runs a program of the host, never through a shell, and resolves to its standard output. A failure names the command
 * and carries what it wrote to standard error.
 */
export async function runOnHost(
  [program, ...args]: readonly [string, ...string[]],
  { env = process.env, input, timeoutMs = 30_000 }: HostCommandOptions = {},
): Promise<string> {
  const running = execute(program, args, {
    env: { ...env, PATH: searchPath() },
    timeout: timeoutMs,
    maxBuffer: 16 * 1024 * 1024,
  });
  running.child.stdin?.on('error', () => undefined).end(input);
  try {
    return (await running).stdout;
  } catch (cause) {
    throw new SyncError('EngineUnreachable', failureSentence([program, ...args], cause), { cause });
  }
}

/** Runs it and says whether it worked, where a thing that is there already, or gone already, is no error of ours. */
export async function tryOnHost(command: readonly [string, ...string[]]): Promise<boolean> {
  try {
    await runOnHost(command);
    return true;
  } catch {
    return false;
  }
}

/** The path of an installed program, or nothing. `first` is looked at before PATH. */
export function findProgram(name: string, first?: string): string | undefined {
  return searchPath(first)
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isRunnable);
}

export function searchPath(first?: string): string {
  const folders = [first, process.env['PATH'], ...systemFolders];
  return folders.filter((folder) => folder !== undefined && folder !== '').join(delimiter);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function failureSentence(command: readonly string[], cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  const reason = said === '' && cause instanceof Error ? cause.message : said;
  return `\`${command.join(' ')}\` failed: ${reason}`;
}
