import { createHash } from 'node:crypto';
import { constants, type Dirent, type Stats } from 'node:fs';
import { lstat, open, readdir, readlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../model/error.ts';
import type { SourceFile, SourceTree } from '../model/ports.ts';
import { compareText, sortProblems, type Problem } from '../model/problem.ts';
import { codeOf } from './failure.ts';
import { refusedName, tooManyEntries } from './listing.ts';
import { parseSourcePath, pathNotFound } from './source-path.ts';
import { refusalOf } from './tree.ts';

/** Never part of what is deployed, and full of files. */
const ignored: ReadonlySet<string> = new Set(['.git', 'node_modules']);

const maxEntries = 200_000;
const filesAtOnce = 16;
const unknownCommit = '0'.repeat(40);

/**
 * Lists a directory as it lies there, committed or not, in the form of a commit's listing: ids are what git would
 * give the contents, a nested repository is a submodule, symlinks are named and never followed. `.git` and
 * `node_modules` are left out. Throws SourceNotFound or SourcePathNotFound.
 */
export async function readWorkingTree(directory: string, path: string): Promise<SourceTree> {
  const walk = new WorkingTreeWalk(directory);
  await walk.visit(await enter(directory, parseSourcePath(path)), '');
  return {
    files: walk.files.sort((a, b) => compareText(a.path, b.path)),
    problems: sortProblems(walk.problems),
    readBlob: (id) => readUnchanged(directory, { id, path: walk.paths.get(id) }),
  };
}

/** Goes down by real directories only, so that a symlink cannot lead out. */
async function enter(directory: string, parts: readonly string[]): Promise<string> {
  let at = directory;
  if ((await statOrNull(`${directory}/`))?.isDirectory() !== true) {
    throw new SyncError('SourceNotFound', `${directory} is not a directory. Name one that exists.`);
  }
  for (const part of parts) {
    at = join(at, part);
    const found = await statOrNull(at);
    if (found === null) throw pathNotFound(parts, { display: directory, why: 'does not exist' });
    if (!found.isDirectory()) throw pathNotFound(parts, { display: directory, why: 'is not a directory' });
  }
  return at;
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

class WorkingTreeWalk {
  readonly files: SourceFile[] = [];
  readonly problems: Problem[] = [];
  /** Where a content was seen. */
  readonly paths = new Map<string, string>();
  readonly #display: string;
  #counted = 0;

  constructor(display: string) {
    this.#display = display;
  }

  async visit(directory: string, prefix: string): Promise<void> {
    const entries = await this.#list(directory, prefix);
    const accepted = entries.filter((entry) => this.#accepts(entry, prefix));
    for (let at = 0; at < accepted.length; at += filesAtOnce) {
      const batch = accepted.slice(at, at + filesAtOnce).filter((entry) => !entry.isDirectory());
      await Promise.all(batch.map((entry) => this.#add(entry, { directory, prefix })));
    }
    for (const entry of accepted.filter((entry) => entry.isDirectory())) {
      await this.#visitDirectory(join(directory, entry.name), `${prefix}${entry.name}`);
    }
  }

  async #visitDirectory(directory: string, path: string): Promise<void> {
    const isRepository = (await statOrNull(join(directory, '.git'))) !== null;
    if (isRepository) this.files.push({ path, id: unknownCommit, kind: 'submodule' });
    else await this.visit(directory, `${path}/`);
  }

  async #list(directory: string, prefix: string): Promise<readonly Dirent[]> {
    try {
      return await readdir(directory, { withFileTypes: true });
    } catch (error) {
      this.problems.push(unreadable(prefix === '' ? '.' : prefix.slice(0, -1), error));
      return [];
    }
  }

  #accepts(entry: Dirent, prefix: string): boolean {
    if (ignored.has(entry.name)) return false;
    this.#counted += 1;
    if (this.#counted > maxEntries) throw tooManyEntries(this.#display, maxEntries);
    // Node shows bytes that are not UTF-8 as U+FFFD, and such a name leads nowhere.
    const why = refusalOf(entry.name.includes('\uFFFD') ? null : entry.name);
    if (why !== null) this.problems.push(refusedName(`${prefix}${entry.name}`, why));
    return why === null;
  }

  async #add(entry: Dirent, at: { readonly directory: string; readonly prefix: string }): Promise<void> {
    const path = `${at.prefix}${entry.name}`;
    const absolute = join(at.directory, entry.name);
    try {
      if (entry.isSymbolicLink()) {
        this.files.push({ path, id: blobId(await readlink(absolute, 'buffer')), kind: 'symlink' });
      } else if (entry.isFile()) {
        const id = await withFile(absolute, hashFile);
        this.files.push({ path, id, kind: 'file' });
        this.paths.set(id, absolute);
      } else {
        this.problems.push(refusedName(path, 'it is neither a file, a directory nor a symlink'));
      }
    } catch (error) {
      this.problems.push(unreadable(path, error));
    }
  }
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  // Between the listing and this, a file may have become a symlink, or a pipe that nobody writes to.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** In pieces: what is beside the manifests may be large. */
async function hashFile(file: FileHandle): Promise<string> {
  const { size } = await file.stat();
  const hash = createHash('sha1').update(`blob ${size}\0`);
  const buffer = Buffer.alloc(Math.min(size + 1, 1048576));
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}

function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}

/** A file that was edited since the listing is another content: the caller looks again. */
async function readUnchanged(
  directory: string,
  { id, path }: { readonly id: string; readonly path: string | undefined },
): Promise<Uint8Array> {
  const content =
    path === undefined ? null : await withFile(path, (file) => file.readFile()).catch(() => null);
  if (content !== null && blobId(content) === id) return content;
  throw new SyncError(
    'ObjectMissing',
    `${path ?? id} in ${directory} changed while it was read. Run the command again.`,
    { data: { id } },
  );
}

function unreadable(file: string, error: unknown): Problem {
  const message = `This entry cannot be read (${codeOf(error)}). Give this account read access to it, or move it away.`;
  return { code: 'FileUnreadable', file, line: 1, column: 1, path: '', message };
}
