import { isSyncError } from '../model/error.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { Source, SourceSnapshot } from '../model/ports.ts';
import type { BlobCache } from './blob-cache.ts';
import { throwIfCancelled } from './deadline.ts';
import type { Lister } from './listing.ts';
import {
  explainMissing,
  openLocalRepository,
  resolveName,
  type LocalRepository,
} from './local-repository.ts';
import { ObjectDatabase } from './objects.ts';
import { assertPacksFit } from './pack-sizes.ts';
import { refNotFound, type Reference } from './reference.ts';
import { takeSnapshot } from './snapshot.ts';

export interface LocalSourceOptions {
  readonly name: Name;
  readonly path: string;
  readonly reference: Reference;
  readonly lister: Lister;
  readonly blobs: BlobCache;
  readonly maxBytes: number;
}

/** A repository on this machine, read in place and never written. What is not committed is not seen. */
export class LocalSource implements Source {
  readonly name: Name;
  readonly #options: LocalSourceOptions;
  #objects: ObjectDatabase | null = null;
  #last: SourceSnapshot | null = null;
  #peeled: { readonly id: string; readonly revision: Revision } | null = null;

  constructor(options: LocalSourceOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async poll(signal: AbortSignal): Promise<Revision> {
    throwIfCancelled(signal);
    const { path, reference } = this.#options;
    const repository = await openLocalRepository(path);
    if (reference.kind === 'commit') return reference.revision;
    this.#objects?.forget();
    for (const name of reference.names) {
      const id = await resolveName(repository, name);
      if (id !== null) return this.#peel(repository, id);
    }
    throw refNotFound(reference.names, path);
  }

  async read(revision: Revision, signal: AbortSignal): Promise<SourceSnapshot> {
    if (this.#last?.commit.revision !== revision) this.#last = await this.readBeside(revision, signal);
    return this.#last;
  }

  async resolve(ref: string, signal: AbortSignal): Promise<Revision | null> {
    throwIfCancelled(signal);
    const repository = await openLocalRepository(this.#options.path);
    this.#objects?.forget();
    const id = await resolveName(repository, ref);
    return id === null ? null : this.#explained(repository, this.#database(repository).peel(id));
  }

  async readBeside(revision: Revision, signal: AbortSignal): Promise<SourceSnapshot> {
    throwIfCancelled(signal);
    const { path, lister, maxBytes } = this.#options;
    const repository = await openLocalRepository(path);
    await assertPacksFit(repository.gitdir, { display: path, maxBytes });
    // Somebody else may have removed what was proven present a commit ago.
    lister.distrust();
    const reading = takeSnapshot(this.#database(repository), { lister, revision });
    return this.#explained(repository, reading);
  }

  close(): Promise<void> {
    this.#objects = null;
    this.#last = null;
    this.#peeled = null;
    this.#options.blobs.clear();
    return Promise.resolve();
  }

  /** Only when the ref has moved: looking at an object may mean to load a pack. */
  async #peel(repository: LocalRepository, id: string): Promise<Revision> {
    if (this.#peeled?.id !== id) {
      const peeling = this.#database(repository).peel(id);
      this.#peeled = { id, revision: await this.#explained(repository, peeling) };
    }
    return this.#peeled.revision;
  }

  async #explained<T>(repository: LocalRepository, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw isSyncError(error, 'ObjectMissing') ? await explainMissing(repository, error) : error;
    }
  }

  #database({ gitdir, display }: LocalRepository): ObjectDatabase {
    if (this.#objects?.gitdir !== gitdir) {
      this.#objects = new ObjectDatabase({ gitdir, display, blobs: this.#options.blobs });
    }
    return this.#objects;
  }
}
