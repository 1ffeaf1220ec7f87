import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRepository, type TestRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import {
  codeOf,
  contentsOf,
  errorOf,
  filesBelow,
  follow,
  listFiles,
  listTree,
  never,
  pollAndRead,
} from './following.ts';

test('a bare repository is read in place, and nothing in it is touched', async () => {
  const repository = shop();
  const cacheDirectory = temporaryDirectory();
  const before = filesBelow(repository.path);
  const snapshot = await pollAndRead(follow(repository.path, { cacheDirectory, path: './stacks/' }));
  expect(await contentsOf(snapshot)).toEqual({ 'shop/web.yaml': 'image: web:1\n' });
  expect(filesBelow(repository.path)).toEqual(before);
  expect(readdirSync(cacheDirectory)).toEqual([]);
});

test('a directory with .git is read at HEAD, not as it lies there', async () => {
  const work = cloneOf(shop());
  writeFileSync(join(work, 'stacks/shop/web.yaml'), 'image: web:uncommitted\n');
  writeFileSync(join(work, 'untracked.yaml'), 'image: x\n');
  for (const repository of [work, `file://${work}`]) {
    const snapshot = await pollAndRead(follow(repository, { ref: 'HEAD' }));
    expect(await contentsOf(snapshot)).toEqual({
      'README.md': 'hello\n',
      'stacks/shop/web.yaml': 'image: web:1\n',
    });
  }
});

test('a detached HEAD and a linked worktree have a HEAD of their own', async () => {
  const repository = shop();
  const first = repository.git('rev-parse', 'main');
  const tip = repository.commit({ 'later.yaml': 'image: later:1\n' });
  const work = cloneOf(repository);
  const linked = join(temporaryDirectory(), 'linked');
  git(work, 'worktree', 'add', '--quiet', '-b', 'side', linked, first);
  git(linked, 'commit', '--quiet', '--allow-empty', '-m', 'aside');
  expect(await follow(linked, { ref: 'HEAD' }).poll(never)).toBe(git(linked, 'rev-parse', 'HEAD'));
  expect(await follow(linked, { ref: 'main' }).poll(never)).toBe(tip);
  git(work, 'checkout', '--quiet', '--detach', first);
  expect(await follow(work, { ref: 'HEAD' }).poll(never)).toBe(first);
  expect(listFiles(await pollAndRead(follow(linked, { ref: 'side' })))).toEqual(listTree(repository, first));
});

test('packed refs, annotated tags and packed objects are read, and a repack between poll and read is survived', async () => {
  const repository = shop();
  const commit = repository.git('rev-parse', 'main');
  repository.tag('v1', commit);
  const source = follow(repository.path, { ref: 'v1' });
  const snapshot = await pollAndRead(source);
  repository.git('pack-refs', '--all');
  repository.git('gc', '--quiet', '--prune=now');
  expect(await source.poll(never)).toBe(commit);
  expect(await contentsOf(snapshot)).toHaveProperty(['README.md'], 'hello\n');
  const other = repository.commit({ 'later.yaml': 'image: later:1\n' });
  expect((await pollAndRead(follow(repository.path))).commit.revision).toBe(other);
});

test('new commits and force-pushes are seen at the next poll', async () => {
  const repository = shop();
  const source = follow(repository.path);
  await pollAndRead(source);
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  expect(await contentsOf(await pollAndRead(source))).toHaveProperty(
    ['stacks/shop/web.yaml'],
    'image: web:2\n',
  );
  repository.commit({ 'other.yaml': 'x\n' }, { parents: [], replaceAll: true });
  expect(await contentsOf(await pollAndRead(source))).toEqual({ 'other.yaml': 'x\n' });
});

test('a missing branch, and a HEAD without commits, are RefNotFound', async () => {
  const repository = shop();
  expect(await codeOf(follow(repository.path, { ref: 'gone' }).poll(never))).toBe('RefNotFound');
  const error = await errorOf(follow(repository.path, { ref: 'abcdef1' }).poll(never));
  expect(error.message).toContain('all 40 digits');
  await expect(follow(createRepository().path, { ref: 'HEAD' }).poll(never)).rejects.toMatchObject({
    code: 'RefNotFound',
    message: expect.stringContaining('has no commit yet') as string,
  });
});

test('a tag of a file is no revision', async () => {
  const repository = shop();
  repository.tag('v1', repository.git('rev-parse', 'main:README.md'));
  expect(await codeOf(follow(repository.path, { ref: 'v1' }).poll(never))).toBe('RefNotFound');
});

test('a directory that is no repository, and one that is not there, are SourceNotFound', async () => {
  expect(await codeOf(follow(temporaryDirectory()).poll(never))).toBe('SourceNotFound');
  expect(await codeOf(follow('/no/such/place').poll(never))).toBe('SourceNotFound');
  const dangling = temporaryDirectory();
  writeFileSync(join(dangling, '.git'), 'gitdir: /no/such/place\n');
  expect(await codeOf(follow(dangling).poll(never))).toBe('SourceNotFound');
});

test('a pinned commit that is not there is ObjectMissing', async () => {
  const source = follow(shop().path, { ref: 'a'.repeat(40) });
  expect(await codeOf(pollAndRead(source))).toBe('ObjectMissing');
});

test('SHA-256 and reftable repositories are refused with a remedy', async () => {
  const sha256 = join(temporaryDirectory(), 'sha256');
  execFileSync('git', ['init', '--quiet', '--object-format=sha256', sha256]);
  expect(await codeOf(follow(sha256).poll(never))).toBe('SourceFormatUnsupported');
  const reftable = shop();
  reftable.git('config', 'core.repositoryFormatVersion', '1');
  writeFileSync(join(reftable.path, 'config'), '[extensions]\n\trefStorage = reftable\n', { flag: 'a' });
  const error = await errorOf(follow(reftable.path).poll(never));
  expect(error).toMatchObject({ code: 'SourceFormatUnsupported' });
  expect(error.message).toContain('git refs migrate');
});

test('a repository that borrows objects is refused only when it lacks them', async () => {
  const repository = shop();
  const borrower = join(temporaryDirectory(), 'borrower.git');
  execFileSync('git', ['clone', '--quiet', '--bare', '--shared', repository.path, borrower]);
  const error = await errorOf(pollAndRead(follow(borrower)));
  expect(error).toMatchObject({ code: 'SourceFormatUnsupported' });
  expect(error.message).toContain('git repack -a -d');
  git(borrower, 'repack', '-a', '-d', '--quiet');
  expect(listFiles(await pollAndRead(follow(borrower)))).toEqual(listTree(repository, 'main'));
});

test('a partial clone is refused when what it lacks is needed', async () => {
  const repository = shop();
  repository.git('config', 'uploadpack.allowFilter', 'true');
  const partial = join(temporaryDirectory(), 'partial.git');
  execFileSync('git', [
    'clone',
    '--quiet',
    '--bare',
    '--filter=blob:none',
    `file://${repository.path}`,
    partial,
  ]);
  const error = await errorOf(pollAndRead(follow(partial)));
  expect(error).toMatchObject({ code: 'SourceFormatUnsupported' });
  expect(error.message).toContain('partial clone');
});

test('a shallow clone is read', async () => {
  const repository = shop();
  repository.commit({ 'later.yaml': 'image: later:1\n' });
  const shallow = join(temporaryDirectory(), 'shallow');
  execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${repository.path}`, shallow]);
  expect(listFiles(await pollAndRead(follow(shallow)))).toEqual(listTree(repository, 'main'));
});

test.each(['main', 'main^{tree}', 'main:stacks', 'main:README.md'])(
  'when %s is gone, nothing is listed',
  async (object) => {
    const repository = shop();
    const source = follow(repository.path);
    const revision = await source.poll(never);
    rmSync(loosePath(repository, object));
    expect(await codeOf(source.read(revision, never))).toBe('ObjectMissing');
  },
);

test.each(['main', 'main^{tree}', 'main:stacks'])('when %s is damaged, nothing is listed', async (object) => {
  const repository = shop();
  const source = follow(repository.path);
  const revision = await source.poll(never);
  damage(loosePath(repository, object));
  expect(await codeOf(source.read(revision, never))).toBe('PackCorrupt');
});

test('a damaged file is found out when its content is asked for', async () => {
  const repository = shop();
  const snapshot = await pollAndRead(follow(repository.path));
  damage(loosePath(repository, 'main:README.md'));
  expect(await codeOf(snapshot.readBlob(repository.git('rev-parse', 'main:README.md')))).toBe('PackCorrupt');
});

test('a pack that would fill the memory is refused', async () => {
  const repository = shop();
  repository.commit({ 'big.bin': Buffer.from(Array.from({ length: 100_000 }, () => Math.random() * 256)) });
  repository.git('gc', '--quiet');
  expect(await codeOf(pollAndRead(follow(repository.path, { maxBytes: 50_000 })))).toBe('SourceTooLarge');
});

test('a closed source can be read again', async () => {
  const source = follow(shop().path);
  const first = await pollAndRead(source);
  await source.close();
  expect((await pollAndRead(source)).commit).toEqual(first.commit);
});

function shop(): TestRepository {
  const repository = createRepository();
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n', 'README.md': 'hello\n' });
  return repository;
}

function cloneOf(repository: TestRepository): string {
  const work = join(temporaryDirectory(), 'work');
  execFileSync('git', ['clone', '--quiet', repository.path, work]);
  git(work, 'config', 'user.email', 'ada@example.com');
  git(work, 'config', 'user.name', 'Ada');
  return work;
}

function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

function loosePath(repository: TestRepository, object: string): string {
  const id = repository.git('rev-parse', object);
  return join(repository.path, 'objects', id.slice(0, 2), id.slice(2));
}

function damage(path: string): void {
  chmodSync(path, 0o600);
  writeFileSync(path, 'no object');
}
