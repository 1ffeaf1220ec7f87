import { join } from 'node:path';
import type { Name } from '../model/ids.ts';
import type { Source } from '../model/ports.ts';
import { parseAddress, type Address } from './address.ts';
import { BlobCache } from './blob-cache.ts';
import { Cache } from './cache.ts';
import type { Credentials } from './credentials.ts';
import { createHttpRemote } from './http-remote.ts';
import { Lister } from './listing.ts';
import { LocalSource } from './local-source.ts';
import { parseReference } from './reference.ts';
import { RemoteSource } from './remote-source.ts';
import { defaultTimeouts, type Remote, type Timeouts } from './remote.ts';
import { parseSourcePath } from './source-path.ts';
import { createSshRemote } from './ssh-remote.ts';

export interface SourceOptions {
  readonly name: Name;
  /** https:// or http:// URL, ssh:// URL or git@host:path, file:// URL or local path. */
  readonly repository: string;
  /** Branch, tag, refs/heads/…, refs/tags/…, full commit id, or HEAD for the default branch. */
  readonly ref: string;
  /** The only directory that is listed; `''` is the whole repository. */
  readonly path: string;
  /** Shared by all sources; each keeps its objects in a directory of its own name. Not used for local repositories. */
  readonly cacheDirectory: string;
  readonly credentials?: Credentials;
  readonly timeouts?: Partial<Timeouts>;
  /** What git and ssh may take PATH, HOME and SSH_AUTH_SOCK from. Only ssh needs it. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** No pack may be larger; default 512 MiB. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 512 * 1048576;
const blobCacheBytes = 16 * 1048576;

/**
 * A followed repository. Throws SourceUrlUnsupported or ConfigInvalid for what can be judged without looking;
 * touches neither disk nor network before it is polled or read.
 */
export function createSource(options: SourceOptions): Source {
  const address = parseAddress(options.repository, options.credentials);
  const reference = parseReference(options.ref);
  const path = parseSourcePath(options.path);
  const common = {
    name: options.name,
    reference,
    lister: new Lister({ display: address.display, path }),
    blobs: new BlobCache(blobCacheBytes),
    maxBytes: options.maxBytes ?? defaultMaxBytes,
  };
  if (address.kind === 'local') return new LocalSource({ ...common, path: address.path });
  const cache = new Cache({
    directory: join(options.cacheDirectory, options.name),
    repository: address.display,
  });
  return new RemoteSource({
    ...common,
    display: address.display,
    cache,
    remote: createRemote(address, options),
  });
}

function createRemote(address: Exclude<Address, { kind: 'local' }>, options: SourceOptions): Remote {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  switch (address.kind) {
    case 'http':
      return createHttpRemote({ address, timeouts, maxBytes: options.maxBytes ?? defaultMaxBytes });
    case 'ssh':
      return createSshRemote({ address, timeouts, environment: options.environment ?? {} });
    default:
      return address satisfies never;
  }
}
