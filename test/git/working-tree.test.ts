import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readWorkingTree } from '../../reconciler/git/working-tree.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { codeOf, contentsOf, listFiles } from './following.ts';

test('uncommitted files are listed with the ids that git would give them', async () => {
  const directory = write({
    'stacks/shop/web.yaml': 'image: web:1\n',
    'stacks/a.txt': 'a\n'.repeat(700_000),
    empty: '',
  });
  const tree = await readWorkingTree(directory, '');
  const expected = ['empty', 'stacks/a.txt', 'stacks/shop/web.yaml'].map(
    (path) => `file ${git(directory, 'hash-object', path)} ${path}`,
  );
  expect(listFiles(tree)).toEqual(expected.sort());
  expect(tree.problems).toEqual([]);
  expect(await contentsOf(tree)).toMatchObject({ 'stacks/shop/web.yaml': 'image: web:1\n', empty: '' });
});

test('the listing of a clean checkout is that of its commit', async () => {
  const directory = write({ 'stacks/shop/web.yaml': 'x\n', 'a-b/c': '1', 'a/c': '2', 'run.sh': '#!\n' });
  symlinkSync('../outside', join(directory, 'stacks/link'));
  git(directory, 'add', '.');
  const lines = git(directory, 'ls-files', '--stage').split('\n');
  const staged = lines.map((line) => {
    const [, mode = '', id = '', path = ''] = /^([0-9]+) ([0-9a-f]+) 0\t(.+)$/.exec(line) ?? [];
    return `${mode === '120000' ? 'symlink' : 'file'} ${id} ${path}`;
  });
  expect(listFiles(await readWorkingTree(directory, ''))).toEqual(staged.sort());
});

test('only the path is listed, relative to it', async () => {
  const directory = write({ 'stacks/shop/web.yaml': 'x\n', 'other/y.yaml': 'y\n' });
  expect(Object.keys(await contentsOf(await readWorkingTree(directory, './stacks/')))).toEqual([
    'shop/web.yaml',
  ]);
});

test('.git and node_modules are left out, a nested repository is a submodule', async () => {
  const directory = write({
    'web.yaml': 'x\n',
    'node_modules/left/pad.yaml': 'x\n',
    'app/node_modules/x.yaml': 'x\n',
    'vendor/lib/x.yaml': 'x\n',
  });
  execFileSync('git', ['init', '--quiet', join(directory, 'vendor/lib')]);
  expect(await contentsOf(await readWorkingTree(directory, ''))).toEqual({
    'vendor/lib': 'submodule',
    'web.yaml': 'x\n',
  });
});

test('symlinks to files and directories are named and never followed', async () => {
  const directory = write({ 'stacks/web.yaml': 'x\n' });
  symlinkSync('/etc', join(directory, 'stacks/etc'));
  symlinkSync('/etc/passwd', join(directory, 'stacks/passwd.yaml'));
  symlinkSync('nowhere', join(directory, 'stacks/dangling'));
  symlinkSync('.', join(directory, 'stacks/self'));
  const tree = await readWorkingTree(directory, '');
  expect(tree.files.filter(({ kind }) => kind === 'symlink').map(({ path }) => path)).toEqual([
    'stacks/dangling',
    'stacks/etc',
    'stacks/passwd.yaml',
    'stacks/self',
  ]);
});

test('a path through a symlink, a file as path and a missing path are SourcePathNotFound', async () => {
  const directory = write({ 'real/web.yaml': 'x\n' });
  symlinkSync('real', join(directory, 'link'));
  for (const path of ['link', 'real/web.yaml', 'gone', 'real/gone']) {
    expect(await codeOf(readWorkingTree(directory, path))).toBe('SourcePathNotFound');
  }
  expect(await codeOf(readWorkingTree(directory, '../x'))).toBe('ConfigInvalid');
  expect(await codeOf(readWorkingTree(join(directory, 'gone'), ''))).toBe('SourceNotFound');
  expect(await codeOf(readWorkingTree(join(directory, 'real/web.yaml'), ''))).toBe('SourceNotFound');
});

test('a directory that is itself reached through a symlink is what was asked for', async () => {
  const directory = write({ 'web.yaml': 'x\n' });
  const link = join(temporaryDirectory(), 'link');
  symlinkSync(directory, link);
  expect(await contentsOf(await readWorkingTree(link, ''))).toEqual({ 'web.yaml': 'x\n' });
});

test('odd names, pipes and unreadable entries are problems, and the rest is listed', async () => {
  const directory = write({
    'stacks/web.yaml': 'x\n',
    'stacks/a\\b.yaml': 'x\n',
    'stacks/line\nbreak.yaml': 'x\n',
  });
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/stacks/`), Buffer.from([0xff, 0xfe])]), 'x\n');
  execFileSync('mkfifo', [join(directory, 'stacks/pipe.yaml')]);
  const tree = await readWorkingTree(directory, '');
  expect(await contentsOf(tree)).toEqual({ 'stacks/web.yaml': 'x\n' });
  expect(tree.problems.map(({ code, file }) => `${code} ${file}`)).toEqual([
    'FileNameRefused stacks/a\\b.yaml',
    'FileNameRefused stacks/line\\x0abreak.yaml',
    'FileNameRefused stacks/pipe.yaml',
    'FileNameRefused stacks/\uFFFD\uFFFD',
  ]);
});

test('a file that changed after the listing is missing, not silently another one', async () => {
  const directory = write({ 'web.yaml': 'x\n', 'gone.yaml': 'y\n', 'swapped.yaml': 'z\n' });
  const tree = await readWorkingTree(directory, '');
  writeFileSync(join(directory, 'web.yaml'), 'changed\n');
  rmSync(join(directory, 'gone.yaml'));
  rmSync(join(directory, 'swapped.yaml'));
  symlinkSync('/etc/passwd', join(directory, 'swapped.yaml'));
  for (const { id } of tree.files) expect(await codeOf(tree.readBlob(id))).toBe('ObjectMissing');
});

function write(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  execFileSync('git', ['init', '--quiet', directory]);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8' }).trim();
}
