import { randomBytes } from 'node:crypto';
import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './failure.ts';

export interface Lock {
  release(): Promise<void>;
}

const pattern = /^lock-([1-9][0-9]{0,14})$/;
const free = 'free';

/**
 * Takes the lock of a directory for this process, or returns null when a living process has it. The lock is the file
 * `lock-<n>` with the highest number. One that is free, or whose process died, is never removed to be taken: the next
 * number is made, which only one can do. (Removing a stale file and making it anew lets two in, when one of them
 * removes what the other has just made.)
 */
export async function acquireLock(directory: string): Promise<Lock | null> {
  const own = await describeProcess(process.pid);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const newest = Math.max(0, ...(await numbersIn(directory)));
    const holder = await readHolder(pathOf(directory, newest));
    if (await isAlive(holder)) return null;
    const path = pathOf(directory, newest + 1);
    if (!(await create(path, own))) continue;
    const others = (await numbersIn(directory)).filter((number) => number !== newest + 1);
    // Whoever looked before a later lock was made and cleared up after itself has made an old number again.
    const isOutdated = others.some((number) => number > newest);
    const outdated = isOutdated ? [newest + 1] : others;
    for (const number of outdated) await rm(pathOf(directory, number), { force: true });
    if (!isOutdated) return { release: () => replace(path, free) };
  }
  return null;
}

export function isLockFile(name: string): boolean {
  return pattern.test(name);
}

function pathOf(directory: string, number: number): string {
  return join(directory, `lock-${number}`);
}

async function numbersIn(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const number = pattern.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function readHolder(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return free;
    throw error;
  }
}

/** The file appears with its content: one that is empty for a moment could be taken for a dead process's. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = await writeBeside(path, content);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    // ENOENT: whoever has the lock cleared up what it took for a leftover.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function replace(path: string, content: string): Promise<void> {
  await rename(await writeBeside(path, content), path);
}

async function writeBeside(path: string, content: string): Promise<string> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, content, { mode: 0o600 });
  return temporary;
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
