/**
 * A repository by where it is, whatever protocol, user, port or spelling an address of it has: two addresses of one
 * repository give equal identities. Forges do not tell upper from lower case in it, so it is all lower case.
 */
export interface RepositoryIdentity {
  /** `github.com`; without port, since the same forge has others for https and ssh. Empty for a path of this host. */
  readonly host: string;
  /** `acme/gitops`, `group/subgroup/project`; without a leading slash and `.git`. With it for a path of this host. */
  readonly path: string;
}

const schemePattern = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i;
const shortFormPattern = /^(?:[^@/:\s]+@)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+):(?!\/\/)(.+)$/i;
const longestAddress = 2048;

/** Hosts that a forge answers on beside its own name, such as ssh on the port of https. */
const forgeAliases: Readonly<Record<string, string>> = {
  'www.github.com': 'github.com',
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
};

/**
 * Reads any address that git or a forge's API gives a repository: https, ssh, git and file URLs, `git@host:path`, and
 * a path of this host. Null for text that is none.
 */
export function repositoryIdentity(address: string): RepositoryIdentity | null {
  const text = address.trim();
  if (text === '' || text.length > longestAddress || /[\x00-\x1f\x7f]/.test(text)) return null;
  const [, scheme, rest] = schemePattern.exec(text) ?? [];
  if (scheme !== undefined && rest !== undefined) return fromUrl(scheme.toLowerCase(), rest);
  const [, host, path] = shortFormPattern.exec(text) ?? [];
  if (host !== undefined && path !== undefined) return onHost(host, path);
  return fromPath(text);
}

export function isSameRepository(left: RepositoryIdentity, right: RepositoryIdentity): boolean {
  return left.host === right.host && left.path === right.path;
}

/** `github.com/acme/gitops`, for people and as a key. */
export function formatRepository({ host, path }: RepositoryIdentity): string {
  return host === '' ? path : `${host}/${path}`;
}

function fromUrl(scheme: string, rest: string): RepositoryIdentity | null {
  const [authority = '', ...segments] = (rest.split(/[?#]/)[0] ?? '').split('/');
  const path = segments.join('/');
  if (scheme === 'file') return fromPath(`/${decoded(path)}`);
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:[0-9]*$/, '');
  return onHost(host, decoded(path));
}

function onHost(host: string, path: string): RepositoryIdentity | null {
  const bareHost = host.toLowerCase().replace(/\.$/, '');
  // Bitbucket Server has its http addresses, and only those, below /scm/.
  const barePath = bare(path)
    .toLowerCase()
    .replace(/^scm\//, '');
  if (bareHost === '' || barePath === '') return null;
  return { host: forgeAliases[bareHost] ?? bareHost, path: barePath };
}

/** A file system may tell upper from lower case. */
function fromPath(path: string): RepositoryIdentity | null {
  if (!path.startsWith('/')) return null;
  const barePath = bare(path);
  return barePath === '' ? null : { host: '', path: `/${barePath}` };
}

function bare(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .join('/')
    .replace(/\.git$/i, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The path of a repository at a server, as its API names it, spelt as in the address; null when it is elsewhere. */
export function pathAtServer(serverUrl: string, address: string): string | null {
  const identity = repositoryIdentity(address);
  const server = repositoryIdentity(`${serverUrl}/x`);
  if (identity === null || server === null || identity.host !== server.host) return null;
  const prefix = server.path.slice(0, -'x'.length);
  if (!identity.path.startsWith(prefix)) return null;
  const path = identity.path.slice(prefix.length);
  const at = address.toLowerCase().lastIndexOf(path);
  return at === -1 ? path : address.slice(at, at + path.length);
}
