import { expect, test } from 'vitest';
import { parseAddress } from '../../reconciler/git/address.ts';
import { createSource } from '../../reconciler/git/source.ts';
import { isSyncError } from '../../reconciler/model/error.ts';
import { name } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';

test.each([
  ['https://example.com/acme/shop.git', 'http', 'https://example.com/acme/shop.git'],
  ['http://127.0.0.1:8080/shop.git/', 'http', 'http://127.0.0.1:8080/shop.git'],
  ['HTTPS://Example.com/shop', 'http', 'https://example.com/shop'],
  ['https://ada:hull@example.com/shop.git', 'http', 'https://example.com/shop.git'],
  ['ssh://git@example.com/shop.git', 'ssh', 'ssh://git@example.com/shop.git'],
  ['ssh://git@example.com:2222/~ada/shop.git', 'ssh', 'ssh://git@example.com:2222/~ada/shop.git'],
  ['git@example.com:acme/shop.git', 'ssh', 'git@example.com:acme/shop.git'],
  ['example.com:shop.git', 'ssh', 'example.com:shop.git'],
  ['git@[::1]:shop.git', 'ssh', 'git@[::1]:shop.git'],
  ['/srv/git/shop.git', 'local', '/srv/git/shop.git'],
  ['/srv/git/../git/a:b', 'local', '/srv/git/a:b'],
  ['file:///srv/git/shop%20one.git', 'local', '/srv/git/shop one.git'],
  ['file://localhost/srv/git', 'local', '/srv/git'],
])('%s is read as %s', (repository, kind, display) => {
  expect(parseAddress(repository)).toMatchObject({ kind, display });
});

test('a relative path starts where the program runs', () => {
  expect(parseAddress('./a:b')).toMatchObject({ kind: 'local', path: `${process.cwd()}/a:b` });
});

test.each([
  '',
  '-oProxyCommand=touch /tmp/x',
  '--upload-pack=touch',
  'ext::sh -c touch',
  'fd::17',
  'git://example.com/shop.git',
  'ftp://example.com/shop.git',
  'rsync://example.com/shop',
  'javascript://example.com',
  'https://',
  'https://example.com/shop.git?x=1',
  'https://example.com/shop.git#main',
  'https://example.com/shop.git\nhost: evil',
  'git@example.com:shop\u0000.git',
  'ssh://-oProxyCommand=touch/shop.git',
  'ssh://-x@example.com/shop.git',
  'ssh://%2Dx@example.com/shop.git',
  'ssh://a%0Ab@example.com/shop.git',
  'ssh://git:pass@example.com/shop.git',
  'ssh://example.com',
  '-x@example.com:shop.git',
  'git@-oProxyCommand=x:shop.git',
  'git@example.com:-shop.git',
  'file://other-host/srv/git',
])('%j is refused before anything is started', (repository) => {
  expect(codeOf(() => parseAddress(repository))).toBe('SourceUrlUnsupported');
});

test('a refused URL is named without its credentials', () => {
  for (const url of [
    'https://ada:hull@example.com/x?y',
    'ftp://ada:hull@example.com/x',
    'https://ada:hull@/',
  ]) {
    expect(messageOf(() => parseAddress(url))).not.toContain('hull');
  }
});

test('credentials in a URL become a secret, with escapes undone', () => {
  const address = parseAddress('https://ada:a%40b%2Fc@example.com/shop.git');
  const authorization = address.kind === 'http' ? address.authorization?.reveal() : undefined;
  expect(authorization).toBe(`Basic ${Buffer.from('ada:a@b/c').toString('base64')}`);
  expect(JSON.stringify(address)).not.toMatch(/a@b|YWRh/);
});

test('credentials of the wrong kind are named as a mistake in the configuration', () => {
  const token = { kind: 'token', token: new Secret('t0ken') } as const;
  expect(codeOf(() => parseAddress('git@example.com:shop.git', token))).toBe('ConfigInvalid');
  expect(codeOf(() => parseAddress('/srv/git', token))).toBe('ConfigInvalid');
  expect(codeOf(() => parseAddress('https://example.com/shop', { kind: 'ssh' }))).toBe('ConfigInvalid');
});

test.each([
  '',
  ' ',
  '-b',
  'a b',
  'a..b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  '/a',
  'a/',
  'a//b',
  '.a',
  'a/.b',
  'a.lock',
  'a.',
  '@',
  'a@{1}',
  'a\nb',
])('the ref %j is refused', (ref) => {
  expect(codeOf(() => create({ ref }))).toBe('ConfigInvalid');
});

test.each([
  'main',
  'feature/x-1',
  'v1.2.3',
  'refs/heads/main',
  'refs/tags/v1',
  'refs/pull/7/head',
  'HEAD',
  'a'.repeat(40),
])('the ref %s is accepted', (ref) => {
  expect(create({ ref }).name).toBe('shop');
});

test.each(['/etc', '..', 'a/../../b', 'a\\b', 'a\nb'])('the path %j is refused', (path) => {
  expect(codeOf(() => create({ path }))).toBe('ConfigInvalid');
});

function create(options: { readonly ref?: string; readonly path?: string }) {
  const defaults = { name: name('shop'), repository: 'https://example.com/shop', ref: 'main', path: '' };
  return createSource({ ...defaults, cacheDirectory: '/nowhere', ...options });
}

function codeOf(work: () => unknown): string {
  const error = errorOf(work);
  return isSyncError(error) ? error.code : String(error);
}

function messageOf(work: () => unknown): string {
  return String(errorOf(work));
}

function errorOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
