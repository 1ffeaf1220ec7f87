import { expect, test } from 'vitest';
import { createRepository } from './repository.ts';

test('commits follow each other, and a file set to null is gone', () => {
  const repository = createRepository();
  const first = repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n', 'a file': 'x' });
  const second = repository.commit({ 'a file': null, 'run.sh': { executable: '#!/bin/sh\n' } });
  expect(repository.git('rev-list', 'main').split('\n')).toEqual([second, first]);
  expect(repository.git('ls-tree', '-r', '--format=%(objectmode) %(path)', 'main').split('\n')).toEqual([
    '100755 run.sh',
    '100644 stacks/shop/web.yaml',
  ]);
});

test('symlinks and submodules are stored as such', () => {
  const repository = createRepository();
  const target = repository.commit({ file: 'x' });
  repository.commit({ link: { symlink: '../../etc/passwd' }, module: { submodule: target } });
  expect(repository.git('ls-tree', '--format=%(objectmode) %(path)', 'main').split('\n')).toEqual([
    '100644 file',
    '120000 link',
    '160000 module',
  ]);
});

test('a commit without parents is a force-push', () => {
  const repository = createRepository();
  repository.commit({ file: 'x' });
  const forced = repository.commit({ other: 'y' }, { parents: [] });
  expect(repository.git('rev-list', 'main')).toBe(forced);
  expect(repository.git('ls-tree', '--name-only', 'main')).toBe('other');
});

test('branches and tags move and vanish', () => {
  const repository = createRepository();
  const first = repository.commit({ file: 'x' });
  const second = repository.commit({ file: 'y' });
  repository.moveRef('refs/heads/main', first);
  repository.moveRef('refs/heads/next', second);
  repository.tag('v1', second);
  repository.deleteRef('refs/heads/next');
  expect(repository.git('for-each-ref', '--format=%(refname) %(objecttype)').split('\n')).toEqual([
    'refs/heads/main commit',
    'refs/tags/v1 tag',
  ]);
});
