import { spawn, type ChildProcess } from 'node:child_process';
import { SyncError } from '../model/error.ts';
import type { Deadline } from './deadline.ts';
import { codeOf } from './failure.ts';

export interface GitCommand {
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly environment: Readonly<Record<string, string>>;
  readonly deadline: Deadline;
}

export interface GitResult {
  readonly exitCode: number;
  readonly output: string;
  /** The end of what it said, control characters removed. */
  readonly complaint: string;
}

const maxOutputLength = 16 * 1048576;
const maxComplaintLength = 4096;

/**
 * Runs the system's git to its end. No shell is involved; on abort the whole process group is killed, ssh included,
 * and the promise settles only when it is gone. Throws SourceUrlUnsupported when there is no git.
 */
export function runGit({ args, environment, deadline }: GitCommand): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    const kill = () => killGroup(child);
    deadline.signal.addEventListener('abort', kill, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      deadline.touch();
      output += text;
      if (output.length > maxOutputLength) kill();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      deadline.touch();
      complaint = (complaint + text).slice(-maxComplaintLength);
    });
    child.on('error', (error) => {
      deadline.signal.removeEventListener('abort', kill);
      reject(spawnFailure(error));
    });
    child.on('close', (exitCode) => {
      deadline.signal.removeEventListener('abort', kill);
      if (deadline.signal.aborted) reject(deadline.signal.reason);
      else resolve({ exitCode: exitCode ?? -1, output, complaint: printable(complaint) });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function spawnFailure(error: Error): SyncError {
  const isMissing = codeOf(error) === 'ENOENT';
  return new SyncError(
    'SourceUrlUnsupported',
    isMissing
      ? 'Repositories over ssh are read with the help of git, which is not installed. Install git, or use an https:// URL.'
      : `git could not be started (${codeOf(error)}), which repositories over ssh need.`,
    { cause: error },
  );
}

function printable(text: string): string {
  return text.replace(/\r/g, '\n').replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '');
}
