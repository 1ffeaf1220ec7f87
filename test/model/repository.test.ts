import { expect, test } from 'vitest';
import { formatRepository, isSameRepository, repositoryIdentity } from '../../reconciler/model/repository.ts';

test.each([
  'https://github.com/acme/gitops.git',
  'https://github.com/Acme/GitOps',
  'https://user:token@github.com/acme/gitops/',
  'http://www.github.com:80/acme/gitops.git',
  'git@github.com:acme/gitops.git',
  'ssh://git@github.com/acme/gitops',
  'ssh://git@ssh.github.com:443/acme/gitops.git',
  'git://github.com//acme/gitops.git',
  'https://GITHUB.com./acme/git%6Fps?x=1#y',
])('%s is github.com/acme/gitops', (address) => {
  const identity = repositoryIdentity(address);
  expect(identity && formatRepository(identity)).toBe('github.com/acme/gitops');
});

test.each([
  ['https://bitbucket.example.org/scm/proj/repo.git', 'bitbucket.example.org/proj/repo'],
  ['ssh://git@bitbucket.example.org:7999/proj/repo.git', 'bitbucket.example.org/proj/repo'],
  ['https://gitlab.com/group/sub/project.git', 'gitlab.com/group/sub/project'],
  ['ssh://git@[::1]:2222/a/b.git', '[::1]/a/b'],
  ['file:///srv/git/Shop.git', '/srv/git/Shop'],
  ['/srv/git/Shop.git/', '/srv/git/Shop'],
])('%s is %s', (address, expected) => {
  const identity = repositoryIdentity(address);
  expect(identity && formatRepository(identity)).toBe(expected);
});

test.each([
  '',
  'gitops',
  'https://',
  'https://github.com',
  'https://github.com/',
  'a\nb:c',
  'x'.repeat(5000),
])('%j is no repository', (address) => {
  expect(repositoryIdentity(address)).toBeNull();
});

test('forks, and repositories of one name on two forges, are different repositories', () => {
  const [own, fork, other] = [
    'https://github.com/acme/gitops',
    'https://github.com/mallory/gitops',
    'https://gitlab.com/acme/gitops',
  ].map((address) => repositoryIdentity(address)!);
  expect(isSameRepository(own!, fork!)).toBe(false);
  expect(isSameRepository(own!, other!)).toBe(false);
});
