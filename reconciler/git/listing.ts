import { SyncError } from '../model/error.ts';
import type { SourceFile, SourceTree } from '../model/ports.ts';
import { compareText, sortProblems, type Problem } from '../model/problem.ts';
import type { ObjectDatabase } from './objects.ts';
import { pathNotFound } from './source-path.ts';
import { parseTree, refusalOf, showName, type TreeEntry } from './tree.ts';

export type Listing = Pick<SourceTree, 'files' | 'problems'>;

const maxEntries = 200_000;
const maxPathLength = 4096;

/** Parsed trees by id. */
type Trees = Map<string, readonly TreeEntry[]>;

/**
 * Lists commits one after the other. Trees of the last listing are remembered, so that the next commit costs only
 * the directories that it touched; and every file is proven to be stored, so that a listing is complete or throws.
 */
export class Lister {
  readonly #display: string;
  readonly #path: readonly string[];
  #known: Trees = new Map();
  /** Trees whose files were found stored. */
  #proven: ReadonlySet<string> = new Set();

  /** `path` is the directory to list, empty for the whole tree. */
  constructor(options: { readonly display: string; readonly path: readonly string[] }) {
    this.#display = options.display;
    this.#path = options.path;
  }

  async list(objects: ObjectDatabase, rootTree: string): Promise<Listing> {
    const walk = new Walk(objects, { display: this.#display, known: this.#known, proven: this.#proven });
    await walk.visit(await this.#descend(walk, rootTree), '');
    await objects.assertPresent(walk.unproven);
    this.#known = walk.seen;
    this.#proven = new Set(walk.seen.keys());
    return {
      files: walk.files.sort((a, b) => compareText(a.path, b.path)),
      problems: sortProblems(walk.problems),
    };
  }

  /** To be called when objects may have gone, or the next listing is of another object database. */
  distrust(): void {
    this.#proven = new Set();
  }

  async #descend(walk: Walk, rootTree: string): Promise<string> {
    let tree = rootTree;
    for (const part of this.#path) {
      const entry = (await walk.entries(tree)).find(({ name }) => name === part);
      if (entry?.kind !== 'directory') {
        const why = entry === undefined ? 'does not exist' : `is a ${entry.kind}, not a directory,`;
        throw pathNotFound(this.#path, { display: this.#display, why });
      }
      tree = entry.id;
    }
    return tree;
  }
}

/** One listing in the making. */
class Walk {
  readonly files: SourceFile[] = [];
  readonly problems: Problem[] = [];
  /** Files in directories that the last listing did not prove. */
  readonly unproven = new Set<string>();
  readonly seen: Trees = new Map();
  readonly #objects: ObjectDatabase;
  readonly #display: string;
  readonly #known: Trees;
  readonly #proven: ReadonlySet<string>;
  #counted = 0;

  constructor(
    objects: ObjectDatabase,
    options: { readonly display: string; readonly known: Trees; readonly proven: ReadonlySet<string> },
  ) {
    this.#objects = objects;
    this.#display = options.display;
    this.#known = options.known;
    this.#proven = options.proven;
  }

  async entries(tree: string): Promise<readonly TreeEntry[]> {
    const known = this.seen.get(tree) ?? this.#known.get(tree);
    return known ?? parseStored(tree, await this.#objects.readTree(tree));
  }

  async visit(tree: string, prefix: string): Promise<void> {
    const isProven = this.#proven.has(tree);
    const directories: { readonly id: string; readonly prefix: string }[] = [];
    const entries = await this.entries(tree);
    this.seen.set(tree, entries);
    for (const entry of entries) {
      this.#count();
      const path = this.#accept(entry, prefix);
      if (path === null) continue;
      if (entry.kind === 'directory') directories.push({ id: entry.id, prefix: `${path}/` });
      else this.#add(entry, { path, isProven });
    }
    for (const directory of directories) await this.visit(directory.id, directory.prefix);
  }

  #count(): void {
    this.#counted += 1;
    if (this.#counted > maxEntries) throw tooManyEntries(this.#display, maxEntries);
  }

  #accept(entry: TreeEntry, prefix: string): string | null {
    const path = `${prefix}${entry.name ?? ''}`;
    const why = refusalOf(entry.name) ?? (path.length > maxPathLength ? 'its path is too long' : null);
    if (why === null) return path;
    this.problems.push(refusedName(`${prefix}${entry.shown}`, why));
    return null;
  }

  #add(entry: TreeEntry, where: { readonly path: string; readonly isProven: boolean }): void {
    if (entry.kind === 'directory' || entry.kind === 'unknown') {
      this.problems.push(refusedName(where.path, 'it is neither a file, a symlink nor a submodule'));
      return;
    }
    this.files.push({ path: where.path, id: entry.id, kind: entry.kind });
    if (entry.kind === 'file' && !where.isProven) this.unproven.add(entry.id);
  }
}

function parseStored(id: string, body: Uint8Array): readonly TreeEntry[] {
  try {
    return parseTree(body);
  } catch (error) {
    throw new SyncError('PackCorrupt', `The tree ${id} cannot be read: what is stored is damaged.`, {
      data: { id },
      cause: error,
    });
  }
}

export function refusedName(file: string, why: string): Problem {
  return {
    code: 'FileNameRefused',
    file: showName(file),
    line: 1,
    column: 1,
    path: '',
    message: `This entry is refused because ${why}. Rename or remove it.`,
  };
}

/** A few nested trees can stand for billions of paths. */
export function tooManyEntries(display: string, maxEntries: number): SyncError {
  return new SyncError(
    'SourceTooLarge',
    `${display} has more than ${maxEntries} files and directories below the source's path. Name a narrower path.`,
    { data: { maxEntries } },
  );
}
