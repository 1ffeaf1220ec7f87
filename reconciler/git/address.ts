import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SyncError } from '../model/error.ts';
import { Secret } from '../model/secret.ts';
import type { Credentials, SshCredentials } from './credentials.ts';

/** Where a repository is, and how we may speak to it. `display` never holds a credential. */
export type Address =
  | {
      readonly kind: 'http';
      /** Without user, password and trailing slash. */
      readonly url: string;
      /** Value of the Authorization header. */
      readonly authorization: Secret | null;
      readonly display: string;
    }
  | {
      readonly kind: 'ssh';
      /** As git is told it. */
      readonly url: string;
      readonly credentials: SshCredentials;
      readonly display: string;
    }
  | { readonly kind: 'local'; readonly path: string; readonly display: string };

const schemePattern = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
const helperPattern = /^[A-Za-z0-9+.-]+::/;
const scpPattern = /^(?:([^@/:\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(.+)$/;

/**
 * Reads what an operator wrote as a repository. Throws SourceUrlUnsupported for anything but http, https, ssh,
 * file, `git@host:path` and a local path, and for text that could reach git or ssh as an option.
 */
export function parseAddress(repository: string, credentials?: Credentials): Address {
  if (repository === '') throw unsupported(repository, 'it is empty');
  if (/[\x00-\x1f\x7f]/.test(repository)) throw unsupported(repository, 'it holds a control character');
  if (repository.startsWith('-')) throw unsupported(repository, 'it begins with "-"');
  if (helperPattern.test(repository)) throw unsupported(repository, 'transport helpers are not allowed');
  const scheme = schemePattern.exec(repository)?.[1]?.toLowerCase();
  if (scheme === undefined) return parsePlain(repository, credentials);
  switch (scheme) {
    case 'http':
    case 'https':
      return parseHttp(repository, credentials);
    case 'ssh':
      return parseSsh(repository, credentials);
    case 'file':
      return parseFile(repository, credentials);
    default:
      throw unsupported(repository, `the scheme ${scheme}:// is not allowed`);
  }
}

function parseHttp(repository: string, credentials: Credentials | undefined): Address {
  const url = parseUrl(repository);
  if (url.search !== '' || url.hash !== '') throw unsupported(repository, 'it has a query or a fragment');
  if (credentials?.kind === 'ssh') throw wrongCredentials(repository, 'an ssh key', 'http');
  const embedded = embeddedAuthorization(url);
  url.username = '';
  url.password = '';
  const bare = url.href.replace(/\/+$/, '');
  return { kind: 'http', url: bare, authorization: authorizationOf(credentials) ?? embedded, display: bare };
}

function embeddedAuthorization(url: URL): Secret | null {
  if (url.username === '' && url.password === '') return null;
  return basicAuthorization(decodeURIComponent(url.username), decodeURIComponent(url.password));
}

function authorizationOf(credentials: Credentials | undefined): Secret | null {
  switch (credentials?.kind) {
    case 'token':
      return basicAuthorization(credentials.username ?? 'x-access-token', credentials.token.reveal());
    case 'basic':
      return basicAuthorization(credentials.username, credentials.password.reveal());
    case 'ssh':
    case undefined:
      return null;
    default:
      return credentials satisfies never;
  }
}

function basicAuthorization(username: string, password: string): Secret {
  return new Secret(`Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`);
}

function parseSsh(repository: string, credentials: Credentials | undefined): Address {
  const url = parseUrl(repository);
  const user = decodeURIComponent(url.username);
  if (url.password !== '') throw unsupported(repository, 'ssh takes no password in the URL; use a key');
  if (url.hostname === '' || url.hostname.startsWith('-')) throw unsupported(repository, 'it names no host');
  if (user.startsWith('-') || /[\s\x00-\x1f]/.test(user))
    throw unsupported(repository, 'its user is not a name');
  if (url.pathname.length < 2) throw unsupported(repository, 'it names no repository on the host');
  return {
    kind: 'ssh',
    url: url.href,
    credentials: sshCredentials(repository, credentials),
    display: url.href,
  };
}

function parseFile(repository: string, credentials: Credentials | undefined): Address {
  const url = parseUrl(repository);
  if (url.hostname !== '' && url.hostname !== 'localhost')
    throw unsupported(repository, 'it names another host');
  url.hostname = '';
  return parseLocal(fileURLToPath(url), credentials);
}

/** As git reads it: a colon before the first slash is the short form of ssh, everything else a path. */
function parsePlain(repository: string, credentials: Credentials | undefined): Address {
  const isShortForm = /^[^/]*:/.test(repository);
  if (!isShortForm) return parseLocal(repository, credentials);
  const [found, user, host = '', path = ''] = scpPattern.exec(repository) ?? [];
  if (found === undefined) throw unsupported(repository, 'what stands before the colon is no host');
  if (user?.startsWith('-') || host.startsWith('-') || path.startsWith('-')) {
    throw unsupported(repository, 'a part of it begins with "-"');
  }
  return {
    kind: 'ssh',
    url: repository,
    credentials: sshCredentials(repository, credentials),
    display: repository,
  };
}

function parseLocal(path: string, credentials: Credentials | undefined): Address {
  if (credentials !== undefined) throw wrongCredentials(path, 'credentials', 'a local path');
  const absolute = resolve(path);
  return { kind: 'local', path: absolute, display: absolute };
}

function sshCredentials(repository: string, credentials: Credentials | undefined): SshCredentials {
  if (credentials === undefined) return { kind: 'ssh' };
  if (credentials.kind !== 'ssh') throw wrongCredentials(repository, `a ${credentials.kind}`, 'ssh');
  return credentials;
}

function parseUrl(repository: string): URL {
  try {
    return new URL(repository);
  } catch {
    throw unsupported(repository, 'it is not a valid URL');
  }
}

function unsupported(repository: string, why: string): SyncError {
  return new SyncError(
    'SourceUrlUnsupported',
    `The repository ${JSON.stringify(withoutCredentials(repository))} cannot be followed: ${why}. ` +
      'Write an https:// or ssh:// URL, git@host:path, or the path of a local repository.',
  );
}

function wrongCredentials(repository: string, what: string, where: string): SyncError {
  return new SyncError(
    'ConfigInvalid',
    `The source ${JSON.stringify(withoutCredentials(repository))} is given ${what}, which ${where} does not take. ` +
      'Use a token or basic credentials with http(s), a key with ssh, and none with a local path.',
  );
}

/** For text that may not even parse as a URL: drops whatever stands between `//` and the last `@` of the authority. */
function withoutCredentials(repository: string): string {
  return repository.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/]*@/, '$1').slice(0, 200);
}
