import { fetch as fetchPack, listServerRefs, type ServerRef } from 'isomorphic-git';
import { SyncError } from '../model/error.ts';
import type { Address } from './address.ts';
import { abandonOnAbort, withDeadline, type Deadline } from './deadline.ts';
import { codeOf, storageFailure } from './failure.ts';
import { ownFiles } from './files.ts';
import { HttpExchange } from './http-exchange.ts';
import { invalidAdvertisement } from './http-failure.ts';
import type { AdvertisedRef } from './reference.ts';
import { followedRef, type FetchRequest, type Remote, type Timeouts } from './remote.ts';

export interface HttpRemoteOptions {
  readonly address: Address & { readonly kind: 'http' };
  readonly timeouts: Timeouts;
  readonly maxBytes: number;
}

/** Smart HTTP through isomorphic-git. */
export function createHttpRemote(options: HttpRemoteOptions): Remote {
  return {
    advertise: (names, signal) => advertise(options, names, signal),
    fetch: (request, signal) => fetchObjects(options, request, signal),
  };
}

async function advertise(
  options: HttpRemoteOptions,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly AdvertisedRef[]> {
  const { pollMs, idleMs } = options.timeouts;
  const limits = { signal, totalMs: pollMs, idleMs, display: options.address.display };
  return withDeadline(limits, async (deadline) => {
    for (const name of names) {
      const refs = await list(options, { deadline, prefix: name });
      const found = refs.filter(({ ref }) => ref === name);
      if (found.length > 0) return found.map((ref) => readRef(options, ref));
    }
    const all = await list(options, { deadline, prefix: undefined });
    if (all.length === 0) throw invalidAdvertisement(options.address.display, 'it is empty');
    return [];
  });
}

async function list(
  options: HttpRemoteOptions,
  { deadline, prefix }: { readonly deadline: Deadline; readonly prefix: string | undefined },
): Promise<readonly ServerRef[]> {
  const exchange = openExchange(options, { deadline, want: null });
  try {
    const listing = listServerRefs({
      http: exchange,
      url: options.address.url,
      peelTags: true,
      ...(prefix === undefined ? {} : { prefix }),
    });
    const refs = await abandonOnAbort(deadline.signal, listing);
    exchange.assertSound();
    return refs;
  } catch (error) {
    exchange.assertSound();
    throw invalidAdvertisement(options.address.display, 'it does not follow the protocol', error);
  }
}

function readRef({ address }: HttpRemoteOptions, { ref, oid, peeled }: ServerRef): AdvertisedRef {
  if (!isObjectId(oid) || (peeled !== undefined && !isObjectId(peeled))) {
    throw invalidAdvertisement(address.display, 'it holds something that is no object id');
  }
  return { name: ref, id: oid, peeled: peeled ?? null };
}

async function fetchObjects(
  options: HttpRemoteOptions,
  request: FetchRequest,
  signal: AbortSignal,
): Promise<void> {
  const { fetchMs, idleMs } = options.timeouts;
  const limits = { signal, totalMs: fetchMs, idleMs, display: options.address.display };
  await withDeadline(limits, async (deadline) => {
    const exchange = openExchange(options, { deadline, want: request.want });
    try {
      const fetching = fetchWithin(exchange, { url: options.address.url, request });
      const { fetchHead } = await abandonOnAbort(deadline.signal, fetching);
      exchange.assertSound();
      if (fetchHead === null) throw invalidAdvertisement(options.address.display, 'it is empty');
    } catch (error) {
      exchange.assertSound();
      throw fetchFailure(error, { display: options.address.display, gitdir: request.gitdir });
    }
  });
}

/** Wants exactly one object by its id; what we have is `followedRef`, so that little comes that is here already. */
async function fetchWithin(
  http: HttpExchange,
  { url, request }: { readonly url: string; readonly request: FetchRequest },
): ReturnType<typeof fetchPack> {
  const { gitdir, want, isWhole } = request;
  const common = { fs: ownFiles, http, gitdir, url, ref: followedRef, remoteRef: want, cache: {} };
  if (isWhole) return fetchPack({ ...common, tags: true });
  try {
    return await fetchPack({ ...common, singleBranch: true, depth: 1 });
  } catch (error) {
    // A server without shallow clones sends the history too.
    if (codeOf(error) !== 'RemoteCapabilityError') throw error;
    return fetchPack({ ...common, singleBranch: true });
  }
}

function fetchFailure(
  error: unknown,
  where: { readonly display: string; readonly gitdir: string },
): SyncError {
  if (error instanceof SyncError) return error;
  const storage = storageFailure(error, where.gitdir);
  if (storage !== null) return storage;
  if (codeOf(error) === 'EmptyServerResponseError') return invalidAdvertisement(where.display, 'it is empty');
  return new SyncError(
    'PackCorrupt',
    `What ${where.display} sent is not a sound pack of objects. It is fetched again; run \`git fsck\` on the server if it stays.`,
    { cause: error },
  );
}

function openExchange(
  { address, maxBytes }: HttpRemoteOptions,
  operation: { readonly deadline: Deadline; readonly want: string | null },
): HttpExchange {
  return new HttpExchange({ url: address.url, authorization: address.authorization, maxBytes, ...operation });
}

function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
