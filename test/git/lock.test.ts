import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireLock } from '../../reconciler/git/lock.ts';
import { temporaryDirectory } from '../support/temporary.ts';

test('of many who ask at once, one gets the lock; after its release one of the next does', async () => {
  const directory = temporaryDirectory();
  for (let round = 1; round <= 5; round += 1) {
    const locks = await Promise.all(Array.from({ length: 20 }, () => acquireLock(directory)));
    const held = locks.filter((lock) => lock !== null);
    expect(held).toHaveLength(1);
    expect(await acquireLock(directory)).toBeNull();
    await held[0]?.release();
    expect(readdirSync(directory)).toEqual([`lock-${round}`]);
  }
});

test('the lock of a process that was killed is taken over by exactly one', async () => {
  const directory = temporaryDirectory();
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  writeFileSync(join(directory, 'lock-3'), describe(child.pid));
  expect(await acquireLock(directory)).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const locks = await Promise.all(Array.from({ length: 20 }, () => acquireLock(directory)));
  expect(locks.filter((lock) => lock !== null)).toHaveLength(1);
  expect(readdirSync(directory)).toEqual(['lock-4']);
});

test('of processes that take and free a lock in turns, no two have it at once', async () => {
  const directory = temporaryDirectory();
  let holders = 0;
  let turns = 0;
  const contend = async () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const lock = await acquireLock(directory);
      if (lock === null) continue;
      expect((holders += 1)).toBe(1);
      turns += 1;
      await writeFile(join(directory, 'guarded'), 'x');
      holders -= 1;
      await lock.release();
    }
  };
  await Promise.all(Array.from({ length: 8 }, contend));
  expect(turns).toBeGreaterThan(1);
});

test("a process id that came back with another start is not the lock's owner", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'lock-1'), `${process.pid} 1`);
  expect(await acquireLock(directory)).not.toBeNull();
});

test.each(['', 'free', 'nonsense', '0 1', '-1 1', '99999999999999999999 1'])(
  'a lock file of %j is nobody’s',
  async (content) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'lock-1'), content);
    expect(await acquireLock(directory)).not.toBeNull();
  },
);

function describe(pid: number | undefined): string {
  return `${pid} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]}`;
}
