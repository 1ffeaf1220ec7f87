import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareExample } from '../../reconciler/example.ts';
import { plimsoll } from './plimsoll.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const at = Date.UTC(2026, 4, 4);

function git(repository: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
}

test('an example becomes a Git repository with one commit and a clean work tree', async () => {
  const stateDirectory = temporaryDirectory();
  const { repository, isNew, configFile } = await prepareExample({ name: 'quickstart', stateDirectory, at });
  expect([isNew, configFile]).toEqual([true, null]);
  expect(repository).toBe(join(stateDirectory, 'examples', 'quickstart'));
  expect(git(repository, 'log', '--format=%an %s')).toBe('Plimsoll Start from the example quickstart');
  expect(git(repository, 'status', '--porcelain', '--branch')).toBe('## main');
  const page = 'stacks/hello/page/index.html';
  expect(git(repository, 'show', `HEAD:${page}`)).toBe(
    readFileSync(`examples/quickstart/${page}`, 'utf8').trim(),
  );
  expect(readdirSync(join(stateDirectory, 'examples'))).toEqual(['quickstart']);
});

test('later runs leave the repository of the person alone', async () => {
  const stateDirectory = temporaryDirectory();
  const first = await prepareExample({ name: 'quickstart', stateDirectory, at });
  writeFileSync(join(first.repository, 'mine.txt'), 'not to be lost');
  const second = await prepareExample({ name: 'quickstart', stateDirectory, at });
  expect(second).toEqual({ ...first, isNew: false });
  expect(git(first.repository, 'status', '--porcelain')).toBe('?? mine.txt');
});

test("an operator's file stays where it ships and does not become part of the repository", async () => {
  const { repository, configFile } = await prepareExample({
    name: 'everything',
    stateDirectory: temporaryDirectory(),
    at,
  });
  expect(configFile).toMatch(/examples\/everything\/plimsoll\.yaml$/);
  expect(existsSync(join(repository, 'plimsoll.yaml'))).toBe(false);
});

test('a state directory that is made for it belongs to its owner only', async () => {
  const stateDirectory = join(temporaryDirectory(), 'state');
  await prepareExample({ name: 'quickstart', stateDirectory, at });
  expect(statSync(stateDirectory).mode & 0o777).toBe(0o700);
});

test('a name that is not an example is answered with the nearest', async () => {
  const stateDirectory = temporaryDirectory();
  const prepare = (name: string) => prepareExample({ name, stateDirectory, at });
  await expect(prepare('quikstart')).rejects.toThrow(
    'There is no example "quikstart". Did you mean quickstart?',
  );
  await expect(prepare('../quickstart')).rejects.toThrow('There is no example');
  await expect(prepare('zebra')).rejects.toThrow(/There are: compose, everything, quickstart/);
});

test.runIf(process.getuid?.() === 0)(
  'a state directory that may not be written to is told as that, on the first run too',
  async () => {
    const directory = temporaryDirectory();
    const state = join(directory, 'state');
    mkdirSync(state);
    chmodSync(state, 0o555);
    chmodSync(directory, 0o755);
    const { code, stderr } = await plimsoll(['run', '--example', 'quickstart', '--log', 'text'], {
      directory,
      account: 65_534,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The state directory cannot be used .*; make \S+\/state writable for this account/,
    );
    expect(stderr).not.toContain('examples/quickstart');
  },
);
