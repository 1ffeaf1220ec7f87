import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { formatProblem } from '../../reconciler/model/problem.ts';
import { startGitServer } from '../support/git-server.ts';
import { createRepository, type TestRepository } from '../support/repository.ts';
import { closeLater, codeOf, contentsOf, follow, never, pollAndRead } from './following.ts';

test('a symlink out of the tree and a submodule are named by kind, and lead nowhere', async () => {
  const repository = createRepository();
  repository.commit({
    'stacks/shop/web.yaml': 'image: web:1\n',
    'stacks/shop/secrets.yaml': { symlink: '../../../../../etc/passwd' },
    'stacks/shop/vendor': { submodule: 'a'.repeat(40) },
    'stacks/run.sh': { executable: '#!/bin/sh\n' },
  });
  for (const url of [repository.path, await serveHttp(repository)]) {
    const snapshot = await pollAndRead(follow(url, { path: 'stacks' }));
    expect(await contentsOf(snapshot)).toEqual({
      'run.sh': '#!/bin/sh\n',
      'shop/secrets.yaml': 'symlink',
      'shop/vendor': 'submodule',
      'shop/web.yaml': 'image: web:1\n',
    });
    expect(snapshot.problems).toEqual([]);
  }
});

test('a source path through a symlink or a submodule is not followed', async () => {
  const repository = createRepository();
  repository.commit({
    'real/web.yaml': 'x\n',
    link: { symlink: 'real' },
    sub: { submodule: 'a'.repeat(40) },
  });
  expect(await codeOf(pollAndRead(follow(repository.path, { path: 'link' })))).toBe('SourcePathNotFound');
  expect(await codeOf(pollAndRead(follow(repository.path, { path: 'sub' })))).toBe('SourcePathNotFound');
});

test('names that lead out, lie or cannot be read are problems, and the rest is listed', async () => {
  const repository = createRepository();
  const blob = writeObject(repository, 'blob', Buffer.from('x\n'));
  const inner = writeTree(repository, [['100644', 'evil.yaml', blob]]);
  const stack = writeTree(repository, [
    ['100644', 'a\\b.yaml', blob],
    ['100644', 'line\nbreak.yaml', blob],
    ['100644', Buffer.from([0xff, 0xfe, 0x2e, 0x79]), blob],
    ['100644', 'slash/inside.yaml', blob],
    ['100644', 'ünïcode-☂.yaml', blob],
    ['100644', 'web.yaml', blob],
    ['40000', '.', inner],
    ['40000', '..', inner],
    ['40000', '.GIT', inner],
    ['40000', '.git', inner],
  ]);
  const revision = commitTree(repository, writeTree(repository, [['40000', 'shop', stack]]));
  for (const url of [repository.path, await serveHttp(repository)]) {
    const snapshot = await pollAndRead(follow(url));
    expect(snapshot.commit.revision).toBe(revision);
    expect(Object.keys(await contentsOf(snapshot))).toEqual(['shop/web.yaml', 'shop/ünïcode-☂.yaml']);
    expect(snapshot.problems.map(formatProblem)).toEqual([
      'shop/.:1:1: This entry is refused because its name would lead out of its directory. Rename or remove it.',
      'shop/..:1:1: This entry is refused because its name would lead out of its directory. Rename or remove it.',
      'shop/.GIT:1:1: This entry is refused because its name is reserved for Git. Rename or remove it.',
      'shop/.git:1:1: This entry is refused because its name is reserved for Git. Rename or remove it.',
      'shop/\\xff\\xfe.y:1:1: This entry is refused because its name is not valid UTF-8. Rename or remove it.',
      'shop/a\\b.yaml:1:1: This entry is refused because its name holds a path separator. Rename or remove it.',
      'shop/line\\x0abreak.yaml:1:1: This entry is refused because its name holds a control character. Rename or remove it.',
      'shop/slash/inside.yaml:1:1: This entry is refused because its name holds a path separator. Rename or remove it.',
    ]);
  }
});

test('an entry without a name is a problem', async () => {
  const repository = createRepository();
  const blob = writeObject(repository, 'blob', Buffer.from('x\n'));
  commitTree(repository, writeTree(repository, [['100644', '', blob]]));
  const snapshot = await pollAndRead(follow(repository.path));
  expect(snapshot.files).toEqual([]);
  expect(snapshot.problems).toMatchObject([{ code: 'FileNameRefused', file: '' }]);
});

test('an entry of an unknown kind is a problem', async () => {
  const repository = createRepository();
  const blob = writeObject(repository, 'blob', Buffer.from('x\n'));
  commitTree(
    repository,
    writeTree(repository, [
      ['100664', 'old.yaml', blob],
      ['60000', 'odd', blob],
    ]),
  );
  const snapshot = await pollAndRead(follow(repository.path));
  expect(Object.keys(await contentsOf(snapshot))).toEqual(['old.yaml']);
  expect(snapshot.problems).toMatchObject([{ code: 'FileNameRefused', file: 'odd' }]);
});

test('a few trees that stand for billions of paths are SourceTooLarge, with files or without', async () => {
  for (const isEmpty of [false, true]) {
    const repository = createRepository();
    const blob = writeObject(repository, 'blob', Buffer.from('x\n'));
    let tree = writeTree(repository, isEmpty ? [] : [['100644', 'f', blob]]);
    for (let level = 0; level < 10; level += 1) {
      tree = writeTree(
        repository,
        Array.from('0123456789', (digit) => ['40000', digit, tree] as const),
      );
    }
    commitTree(repository, tree);
    expect(await codeOf(pollAndRead(follow(repository.path)))).toBe('SourceTooLarge');
  }
});

test('a path of endless depth ends in a problem', async () => {
  const repository = createRepository();
  let tree = writeTree(repository, [['100644', 'f', writeObject(repository, 'blob', Buffer.from('x\n'))]]);
  for (let level = 0; level < 60; level += 1)
    tree = writeTree(repository, [['40000', 'd'.repeat(100), tree]]);
  commitTree(repository, tree);
  const snapshot = await pollAndRead(follow(repository.path));
  expect(snapshot.files).toEqual([]);
  expect(snapshot.problems).toMatchObject([{ code: 'FileNameRefused' }]);
});

test('a tree that is cut short is PackCorrupt', async () => {
  const repository = createRepository();
  const tree = writeObject(repository, 'tree', Buffer.from('100644 web.yaml\0short'));
  commitTree(repository, tree);
  expect(await codeOf(pollAndRead(follow(repository.path)))).toBe('PackCorrupt');
});

test('a commit whose tree is no tree is PackCorrupt', async () => {
  const repository = createRepository();
  commitTree(repository, writeObject(repository, 'blob', Buffer.from('x\n')));
  expect(await codeOf(pollAndRead(follow(repository.path)))).toBe('PackCorrupt');
});

test('the empty tree is a whole answer', async () => {
  const repository = createRepository();
  repository.commit({ 'web.yaml': 'x\n' });
  repository.commit({}, { replaceAll: true });
  for (const url of [repository.path, await serveHttp(repository)]) {
    expect((await pollAndRead(follow(url))).files).toEqual([]);
  }
});

test('what a commit says of itself is cut and cleaned of control characters', async () => {
  const repository = createRepository();
  const tree = writeTree(repository, []);
  const lines = [
    `tree ${tree}`,
    `author \u001b[31mMallory\u0007 <m@example.com> 1700000000 +0000`,
    'committer M <m@example.com> 1700000001 +0000',
    '',
    `\u001b]0;title\u0007Subject\r\n\n${'long '.repeat(2000)}`,
  ];
  const id = writeObject(repository, 'commit', Buffer.from(lines.join('\n')));
  repository.moveRef('refs/heads/main', id);
  const { commit } = await pollAndRead(follow(repository.path));
  expect(commit.author).toBe('[31mMallory <m@example.com>');
  expect(commit.message.startsWith(']0;titleSubject\n\nlong long')).toBe(true);
  expect(commit.message).toHaveLength(4096);
  expect(commit.committedAt).toBe(1_700_000_001_000);
});

test('a blob that is asked for by another id than a listed one is missing, not invented', async () => {
  const repository = createRepository();
  repository.commit({ 'web.yaml': 'x\n' });
  const snapshot = await follow(repository.path).read(await follow(repository.path).poll(never), never);
  expect(await codeOf(snapshot.readBlob('b'.repeat(40)))).toBe('ObjectMissing');
  expect(await codeOf(snapshot.readBlob(snapshot.commit.revision))).toBe('PackCorrupt');
});

type Entry = readonly [mode: string, name: string | Buffer, id: string];

/** Written raw: git's own tools refuse to make most of these. */
function writeTree(repository: TestRepository, entries: readonly Entry[]): string {
  const parts = entries.map(([mode, name, id]) =>
    Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(id, 'hex')]),
  );
  return writeObject(repository, 'tree', Buffer.concat(parts));
}

function writeObject(repository: TestRepository, type: string, content: Buffer): string {
  const args = ['--git-dir', repository.path, 'hash-object', '-t', type, '--literally', '-w', '--stdin'];
  const id = execFileSync('git', args, { input: content, encoding: 'utf8' }).trim();
  const expected = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
  expect(id).toBe(expected);
  return id;
}

function commitTree(repository: TestRepository, tree: string): string {
  const who = 'Mallory <m@example.com> 1700000000 +0000';
  const id = writeObject(
    repository,
    'commit',
    Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nhostile\n`),
  );
  // Not through update-ref, which would look at the object.
  execFileSync('git', ['--git-dir', repository.path, 'update-ref', 'refs/heads/main', id]);
  return id;
}

async function serveHttp(repository: TestRepository): Promise<string> {
  return closeLater(await startGitServer(repository.path)).url;
}
