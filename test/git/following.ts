import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createSource, type SourceOptions } from '../../reconciler/git/source.ts';
import { isSyncError, type SyncErrorCode } from '../../reconciler/model/error.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Source, SourceSnapshot, SourceTree } from '../../reconciler/model/ports.ts';
import { startGitServer, type GitServer, type GitServerOptions } from '../support/git-server.ts';
import { createRepository, type TestRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export const never = new AbortController().signal;

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

/** Closes it after the test. */
export function closeLater<T extends { close(): Promise<void> }>(it: T): T {
  opened.push(it);
  return it;
}

/** A source with a cache of its own, unless the options name one. */
export function follow(repository: string, options: Partial<SourceOptions> = {}): Source {
  const cacheDirectory = options.cacheDirectory ?? temporaryDirectory();
  const defaults = { name: name('shop'), repository, ref: 'main', path: '' };
  return closeLater(createSource({ ...defaults, ...options, cacheDirectory }));
}

export interface Served {
  readonly repository: TestRepository;
  readonly server: GitServer;
}

/** A repository with one commit behind a Git server. */
export async function serve(options: GitServerOptions = {}): Promise<Served> {
  const repository = createRepository();
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n', 'README.md': 'hello\n' });
  return { repository, server: closeLater(await startGitServer(repository.path, options)) };
}

/** Polls and reads what was found. */
export async function pollAndRead(source: Source): Promise<SourceSnapshot> {
  return source.read(await source.poll(never), never);
}

/** Path to text of every file, and `kind` for what is not a file. */
export async function contentsOf(tree: SourceTree): Promise<Readonly<Record<string, string>>> {
  const contents: Record<string, string> = {};
  for (const { path, id, kind } of tree.files) {
    contents[path] = kind === 'file' ? Buffer.from(await tree.readBlob(id)).toString('utf8') : kind;
  }
  return contents;
}

/** The code that a promise is rejected with; anything that is not a SyncError, or success, fails the test. */
export async function codeOf(promise: Promise<unknown>): Promise<SyncErrorCode> {
  const error = await errorOf(promise);
  if (!isSyncError(error)) throw error;
  return error.code;
}

export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (failure: unknown) => failure,
  );
  if (!(error instanceof Error)) throw new TypeError('not an error');
  return error;
}

/** Every file below a directory, relative and sorted. */
export function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** What git itself says is in a commit, in the form of a listing. */
export function listTree(repository: TestRepository, revision: string, path = ''): readonly string[] {
  const kinds: Readonly<Record<string, string>> = { '120000': 'symlink', '160000': 'submodule' };
  const at = path === '' ? revision : `${revision}:${path}`;
  const lines = repository.git('ls-tree', '-r', '-z', at).split('\0');
  return lines
    .flatMap((line) => {
      const match = /^([0-9]+) [a-z]+ ([0-9a-f]{40})\t(.+)$/s.exec(line);
      if (match === null) return [];
      const [, mode = '', id = '', file = ''] = match;
      return [`${kinds[mode] ?? 'file'} ${id} ${file}`];
    })
    .sort();
}

export function listFiles(tree: SourceTree): readonly string[] {
  return tree.files.map(({ kind, id, path }) => `${kind} ${id} ${path}`).sort();
}
