import { readCommit, readObject, type PromiseFsClient, type ReadCommitResult } from 'isomorphic-git';
import { SyncError } from '../model/error.ts';
import type { Revision } from '../model/ids.ts';
import { revision as toRevision } from '../model/ids.ts';
import type { BlobCache } from './blob-cache.ts';
import { codeOf } from './failure.ts';
import { createLook } from './files.ts';
import { findMissing } from './pack-index.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly body: Uint8Array;
}

/** What isomorphic-git remembers between two reads: packs and indexes, as a whole in memory. */
interface Look {
  readonly fs: PromiseFsClient;
  readonly cache: object;
}

/**
 * Reads objects of one repository and never writes. Every failure is a SyncError: ObjectMissing, or PackCorrupt for
 * what is there but unreadable.
 */
export class ObjectDatabase {
  readonly gitdir: string;
  readonly #display: string;
  readonly #blobs: BlobCache;
  #look: Look | null = null;

  constructor(options: { readonly gitdir: string; readonly display: string; readonly blobs: BlobCache }) {
    this.gitdir = options.gitdir;
    this.#display = options.display;
    this.#blobs = options.blobs;
  }

  /** Drops packs held in memory and what was seen of the directory. Needed after objects were added. */
  forget(): void {
    this.#look = null;
  }

  async readCommit(revision: Revision): Promise<ReadCommitResult> {
    return this.#lookTwice(revision, ({ fs, cache }) =>
      readCommit({ fs, cache, gitdir: this.gitdir, oid: revision }),
    );
  }

  async readTree(id: string): Promise<Uint8Array> {
    return (await this.#readTyped(id, 'tree')).body;
  }

  async readBlob(id: string): Promise<Uint8Array> {
    const known = this.#blobs.get(id);
    if (known !== undefined) return known;
    const { body } = await this.#readTyped(id, 'blob');
    this.#blobs.add(id, body);
    return body;
  }

  /** The commit that an id stands for, through annotated tags of annotated tags. */
  async peel(id: string): Promise<Revision> {
    let at = id;
    for (let hops = 0; hops < 10; hops += 1) {
      const { type, body } = await this.#read(at);
      if (type === 'commit') return toRevision(at);
      const next = type === 'tag' ? taggedId(body) : null;
      if (next === null) break;
      at = next;
    }
    throw new SyncError(
      'RefNotFound',
      `${id} of ${this.#display} is not a commit. Name a branch, or a tag of a commit.`,
    );
  }

  /** Throws ObjectMissing unless all of these objects are stored. */
  async assertPresent(ids: Iterable<string>): Promise<void> {
    const missing = await findMissing(this.gitdir, ids).catch((error: unknown) => {
      throw this.#failure('the pack indexes', error);
    });
    const [first] = missing;
    if (first !== undefined) throw this.#missing(first, undefined);
  }

  async #readTyped(id: string, type: ObjectType): Promise<GitObject> {
    const object = await this.#read(id);
    if (object.type !== type) throw this.#failure(id, new TypeError(`it is a ${object.type}, not a ${type}`));
    return object;
  }

  #read(id: string): Promise<GitObject> {
    return this.#lookTwice(id, async ({ fs, cache }) => {
      const found = await readObject({ fs, cache, gitdir: this.gitdir, oid: id, format: 'content' });
      if (!(found.object instanceof Uint8Array) || !isObjectType(found.type))
        throw new TypeError('no content');
      return { type: found.type, body: found.object };
    });
  }

  /** A repository that others write may have been repacked since the last look: the second one is fresh. */
  async #lookTwice<T>(id: string, read: (look: Look) => Promise<T>): Promise<T> {
    const look = (this.#look ??= { fs: createLook(this.gitdir), cache: {} });
    try {
      return await read(look);
    } catch {
      if (this.#look === look) this.#look = { fs: createLook(this.gitdir), cache: {} };
      return await read(this.#look ?? look).catch((error: unknown) => {
        throw this.#failure(id, error);
      });
    }
  }

  #failure(id: string, error: unknown): SyncError {
    switch (codeOf(error)) {
      case 'NotFoundError':
      case 'ENOENT':
        return this.#missing(id, error);
      case 'EACCES':
      case 'EPERM':
        return new SyncError(
          'SourceUnauthorized',
          `${this.#display} may not be read by this account. Give it read access to the repository's files.`,
          { cause: error },
        );
      default:
        return new SyncError(
          'PackCorrupt',
          `${id} of ${this.#display} cannot be read: what is stored is damaged. It is fetched anew where it can be; ` +
            'for a local repository run `git fsck`.',
          { data: { id }, cause: error },
        );
    }
  }

  #missing(id: string, cause: unknown): SyncError {
    return new SyncError(
      'ObjectMissing',
      `${id} of ${this.#display} is not there: the commit was rewritten or the copy is incomplete. It is looked for again.`,
      { data: { id }, cause },
    );
  }
}

function isObjectType(text: string): text is ObjectType {
  return text === 'commit' || text === 'tree' || text === 'blob' || text === 'tag';
}

/** An annotated tag begins with `object <id>`. */
function taggedId(body: Uint8Array): string | null {
  const line = Buffer.from(body.subarray(0, 48)).toString('latin1');
  return /^object ([0-9a-f]{40})\n/.exec(line)?.[1] ?? null;
}
