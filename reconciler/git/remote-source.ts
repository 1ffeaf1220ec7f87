import { writeRef } from 'isomorphic-git';
import { isSyncError, SyncError } from '../model/error.ts';
import { revision as toRevision, type Name, type Revision } from '../model/ids.ts';
import type { Source, SourceSnapshot } from '../model/ports.ts';
import type { BlobCache } from './blob-cache.ts';
import { hasGrown, withRollback, type Cache } from './cache.ts';
import { throwIfCancelled } from './deadline.ts';
import { isDamage } from './failure.ts';
import { ownFiles } from './files.ts';
import type { Lister } from './listing.ts';
import { ObjectDatabase } from './objects.ts';
import { assertPacksFit } from './pack-sizes.ts';
import { refNotFound, targetOf, type Reference, type Target } from './reference.ts';
import { followedRef, type Remote } from './remote.ts';
import { takeSnapshot } from './snapshot.ts';

export interface RemoteSourceOptions {
  readonly name: Name;
  readonly display: string;
  readonly reference: Reference;
  readonly remote: Remote;
  readonly cache: Cache;
  readonly lister: Lister;
  readonly blobs: BlobCache;
  readonly maxBytes: number;
}

interface Wanted {
  readonly revision: Revision;
  /** Another commit than the followed one. */
  readonly isBeside: boolean;
  readonly signal: AbortSignal;
}

/** A repository elsewhere. What is read is kept in the cache, and the cache is trusted only as far as it proves whole. */
export class RemoteSource implements Source {
  readonly name: Name;
  readonly #options: RemoteSourceOptions;
  #objects: ObjectDatabase | null = null;
  #target: Target | null = null;
  #last: SourceSnapshot | null = null;
  /** Reads take turns: two fetches into one cache would undo each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RemoteSourceOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async poll(signal: AbortSignal): Promise<Revision> {
    throwIfCancelled(signal);
    // Between two polls a commit has long been read; its packs need not stay in memory.
    this.#objects?.forget();
    const target = await this.#resolve(signal);
    return toRevision(target.revision);
  }

  read(revision: Revision, signal: AbortSignal): Promise<SourceSnapshot> {
    return this.#inTurn(async () => {
      throwIfCancelled(signal);
      if (this.#last?.commit.revision === revision) return this.#last;
      this.#last = await this.#find({ revision, isBeside: false, signal });
      return this.#last;
    });
  }

  async resolve(ref: string, signal: AbortSignal): Promise<Revision | null> {
    throwIfCancelled(signal);
    const [found] = await this.#options.remote.advertise([ref], signal);
    return found === undefined ? null : toRevision(targetOf(found).revision);
  }

  readBeside(revision: Revision, signal: AbortSignal): Promise<SourceSnapshot> {
    return this.#inTurn(() => {
      throwIfCancelled(signal);
      return this.#find({ revision, isBeside: true, signal });
    });
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#objects = null;
    this.#last = null;
    this.#options.blobs.clear();
    await this.#options.cache.close();
  }

  async #resolve(signal: AbortSignal): Promise<Target> {
    const { reference, remote, display } = this.#options;
    if (reference.kind === 'commit') return { revision: reference.revision, want: reference.revision };
    const [ref] = await remote.advertise(reference.names, signal);
    if (ref === undefined) throw refNotFound(reference.names, display);
    this.#target = targetOf(ref);
    return this.#target;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const reading = this.#turn.then(work);
    this.#turn = reading.catch(() => undefined);
    return reading;
  }

  async #find(wanted: Wanted): Promise<SourceSnapshot> {
    return (
      (await this.#readStored(wanted.revision)) ??
      (await this.#readFetched(wanted)) ??
      (await this.#readAnew(wanted))
    );
  }

  /** First attempt: what is in the cache. Null when it is not there, or not whole. */
  async #readStored(revision: Revision): Promise<SourceSnapshot | null> {
    const gitdir = await this.#options.cache.current();
    if (gitdir === null) return null;
    try {
      return await this.#snapshot(gitdir, revision);
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  }

  /** Second attempt: only what is new. Null when there is nothing to build upon, or it did not make a whole. */
  async #readFetched(wanted: Wanted): Promise<SourceSnapshot | null> {
    const gitdir = await this.#options.cache.current();
    if (gitdir === null || (await hasGrown(gitdir))) return null;
    const want = await this.#wantFor(wanted);
    try {
      const read = () => this.#fetchInto(gitdir, { ...wanted, want, isWhole: false });
      return await withRollback(gitdir, read);
    } catch (error) {
      this.#objects?.forget();
      if (isDamage(error)) return null;
      throw error;
    }
  }

  /** Last attempt: a fresh copy, which replaces the cache once it has proven whole. */
  async #readAnew(wanted: Wanted): Promise<SourceSnapshot> {
    const { cache, lister, reference } = this.#options;
    const want = await this.#wantFor(wanted);
    const gitdir = await cache.begin();
    lister.distrust();
    try {
      // In a copy of its own there is nothing beside it yet.
      const fetch = (isWhole: boolean) =>
        this.#fetchInto(gitdir, { ...wanted, want, isWhole, isBeside: false });
      const snapshot = await fetch(false).catch((error: unknown) => {
        // A plain server gives out only what its refs point at; a pinned commit is somewhere behind them.
        if (reference.kind === 'commit' && !wanted.isBeside && isSyncError(error, 'ObjectMissing'))
          return fetch(true);
        throw error;
      });
      await cache.adopt(gitdir);
      return snapshot;
    } catch (error) {
      this.#objects = null;
      lister.distrust();
      await cache.discard(gitdir);
      throw error;
    }
  }

  /** Our own ref moves last: what it names is what the next fetch says we have. */
  async #fetchInto(
    gitdir: string,
    fetch: Wanted & { readonly want: string; readonly isWhole: boolean },
  ): Promise<SourceSnapshot> {
    const { remote, display } = this.#options;
    await remote.fetch({ gitdir, want: fetch.want, isWhole: fetch.isWhole }, fetch.signal);
    this.#objects?.forget();
    const snapshot = await this.#snapshot(gitdir, fetch.revision).catch((error: unknown) => {
      throw isSyncError(error, 'ObjectMissing') ? incomplete(display, error) : error;
    });
    if (!fetch.isBeside)
      await writeRef({ fs: ownFiles, gitdir, ref: followedRef, value: fetch.revision, force: true });
    return snapshot;
  }

  async #snapshot(gitdir: string, revision: Revision): Promise<SourceSnapshot> {
    const { blobs, display, lister, maxBytes } = this.#options;
    await assertPacksFit(gitdir, { display, maxBytes });
    if (this.#objects?.gitdir !== gitdir) this.#objects = new ObjectDatabase({ gitdir, display, blobs });
    return takeSnapshot(this.#objects, { lister, revision });
  }

  /** A commit under an annotated tag is given out only by the tag's own id. */
  async #wantFor({ revision, isBeside, signal }: Wanted): Promise<string> {
    if (isBeside) return revision;
    const target = this.#target ?? (await this.#resolve(signal));
    return target.revision === revision ? target.want : revision;
  }
}

function incomplete(display: string, cause: SyncError): SyncError {
  return new SyncError(
    'PackCorrupt',
    `What ${display} sent does not hold the whole commit. It is fetched again; run \`git fsck\` on the server if it stays.`,
    { data: cause.data, cause },
  );
}
