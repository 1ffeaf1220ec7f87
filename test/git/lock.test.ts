import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireLock } from '../../reconciler/git/lock.ts';
import { temporaryDirectory } from '../support/temporary.ts';

test('of many who ask at once, one gets the lock; after its release the next one does', async () => {
  const path = lockPath();
  const locks = await Promise.all(Array.from({ length: 20 }, () => acquireLock(path)));
  const held = locks.filter((lock) => lock !== null);
  expect(held).toHaveLength(1);
  await held[0]?.release();
  const next = await acquireLock(path);
  expect(next).not.toBeNull();
  await next?.release();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('the lock of a process that was killed is taken over by exactly one', async () => {
  const path = lockPath();
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  writeFileSync(path, describe(child.pid));
  expect(await acquireLock(path)).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const locks = await Promise.all(Array.from({ length: 20 }, () => acquireLock(path)));
  expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
  expect(readdirSync(dirname(path))).toEqual(['lock']);
});

test("a process id that came back with another start is not the lock's owner", async () => {
  const path = lockPath();
  writeFileSync(path, `${process.pid} 1`);
  expect(await acquireLock(path)).not.toBeNull();
});

test.each(['', 'nonsense', '0 1', '-1 1', '99999999999999999999 1'])(
  'a lock file of %j is stale',
  async (content) => {
    const path = lockPath();
    writeFileSync(path, content);
    const lock = await acquireLock(path);
    expect(lock).not.toBeNull();
  },
);

test('a release removes only its own lock', async () => {
  const path = lockPath();
  const lock = await acquireLock(path);
  writeFileSync(path, 'taken by another');
  await lock?.release();
  expect(readFileSync(path, 'utf8')).toBe('taken by another');
});

function lockPath(): string {
  return join(temporaryDirectory(), 'lock');
}

function describe(pid: number | undefined): string {
  return `${pid} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]}`;
}
