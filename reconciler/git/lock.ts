import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { codeOf } from './failure.ts';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes a lock file for this process, or returns null when a living process has it. A lock whose process died, by
 * kill -9 or with its machine, is taken over.
 */
export async function acquireLock(path: string): Promise<Lock | null> {
  const own = await describeProcess(process.pid);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(path, own)) return { release: () => release(path, own) };
    const holder = await readHolder(path);
    if (holder === null) continue;
    if (await isAlive(holder)) return null;
    if (!(await removeStale(path, holder))) return null;
  }
  return null;
}

/** The file appears with its content: one that is empty for a moment could be taken for a dead process's. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = uniqueBeside(path);
  await writeFile(temporary, content, { mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readHolder(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Moves the stale lock aside. False when somebody else was quicker and what we moved was a living process's. */
async function removeStale(path: string, holder: string): Promise<boolean> {
  const aside = uniqueBeside(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    throw error;
  }
  const isStale = (await readFile(aside, 'utf8')) === holder;
  if (!isStale) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return isStale;
}

async function release(path: string, own: string): Promise<void> {
  if ((await readHolder(path)) === own) await rm(path, { force: true });
}

/** A process id alone comes back after a restart; with the time of its start it does not. */
async function describeProcess(pid: number): Promise<string> {
  return `${pid} ${await startOf(pid)}`;
}

async function isAlive(holder: string): Promise<boolean> {
  const pid = Number(/^([1-9][0-9]*) /.exec(holder)?.[1]);
  if (!Number.isSafeInteger(pid) || !isRunning(pid)) return false;
  return (await describeProcess(pid)) === holder;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, counted after the command in parentheses; `-` where there is no /proc. */
async function startOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

function uniqueBeside(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
}
