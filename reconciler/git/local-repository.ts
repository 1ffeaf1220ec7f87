import { access, readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { getConfig, resolveRef } from 'isomorphic-git';
import { SyncError } from '../model/error.ts';
import { codeOf, sha256Refusal } from './failure.ts';
import { createLook } from './files.ts';

/** A repository on this machine, read where it is. */
export interface LocalRepository {
  /** Where objects and refs are. */
  readonly gitdir: string;
  /** Where HEAD is: a linked worktree has its own. */
  readonly headDirectory: string;
  readonly display: string;
}

/**
 * Finds the repository at a path: a bare one, one with a `.git` directory, or a linked worktree or submodule with a
 * `.git` file. Throws SourceNotFound, SourceUnauthorized, or SourceFormatUnsupported.
 */
export async function openLocalRepository(path: string): Promise<LocalRepository> {
  const headDirectory = await findGitDirectory(path);
  const gitdir = await commonDirectory(headDirectory);
  await assertFormat(gitdir, path);
  return { gitdir, headDirectory, display: path };
}

/** The id that a full ref name or HEAD stands for, or null when there is none. */
export async function resolveName(repository: LocalRepository, name: string): Promise<string | null> {
  const direct = name === 'HEAD' ? await readHead(repository) : name;
  if (direct === null || /^[0-9a-f]{40}$/.test(direct)) return direct;
  const { gitdir } = repository;
  try {
    return await resolveRef({ fs: createLook(gitdir), gitdir, ref: direct });
  } catch (error) {
    if (codeOf(error) === 'NotFoundError') return null;
    throw unreadable(repository.display, error);
  }
}

/** A complaint about an absent object, made precise where the kind of repository explains it. */
export async function explainMissing(
  { gitdir, display }: LocalRepository,
  missing: SyncError,
): Promise<SyncError> {
  const packs = await readdir(join(gitdir, 'objects', 'pack')).catch(() => []);
  if (packs.some((name) => name.endsWith('.promisor'))) {
    return unsupportedFormat(
      display,
      'is a partial clone, which lacks objects',
      'Clone it without --filter.',
    );
  }
  if (await exists(join(gitdir, 'objects', 'info', 'alternates'))) {
    const remedy = 'Run `git repack -a -d` and remove objects/info/alternates.';
    return unsupportedFormat(display, 'borrows objects from another repository', remedy);
  }
  return missing;
}

async function findGitDirectory(path: string): Promise<string> {
  const dotGit = join(path, '.git');
  try {
    const found = await stat(dotGit).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
      throw error;
    });
    if (found?.isDirectory() === true) return dotGit;
    if (found !== null) return await followGitFile(dotGit);
    if ((await exists(join(path, 'HEAD'))) && (await exists(join(path, 'objects')))) return path;
  } catch (error) {
    throw error instanceof SyncError ? error : unreadable(path, error);
  }
  throw new SyncError(
    'SourceNotFound',
    `${path} is not the top directory of a Git repository. Name the directory that holds .git, or make one with \`git init\`.`,
  );
}

/** A `.git` file holds `gitdir: <path>`. */
async function followGitFile(file: string): Promise<string> {
  const target = /^gitdir: (.+)$/m.exec(await readFile(file, 'utf8'))?.[1];
  const directory = target === undefined ? null : resolve(dirname(file), target.trim());
  if (directory !== null && (await exists(directory))) return directory;
  throw new SyncError(
    'SourceNotFound',
    `${file} leads to no Git repository. Repair it with \`git worktree repair\`.`,
  );
}

async function commonDirectory(headDirectory: string): Promise<string> {
  const common = await readFile(join(headDirectory, 'commondir'), 'utf8').catch(() => '');
  return common.trim() === '' ? headDirectory : resolve(headDirectory, common.trim());
}

async function assertFormat(gitdir: string, display: string): Promise<void> {
  const fs = createLook(gitdir);
  const read = async (path: string) => String((await getConfig({ fs, gitdir, path })) ?? '').toLowerCase();
  try {
    if ((await read('extensions.objectformat')) === 'sha256') throw sha256Refusal(display);
    if ((await read('extensions.refstorage')) === 'reftable') {
      throw unsupportedFormat(
        display,
        'keeps its refs in a reftable',
        'Run `git refs migrate --ref-format=files`.',
      );
    }
  } catch (error) {
    throw error instanceof SyncError ? error : unreadable(display, error);
  }
}

async function readHead({ headDirectory, display }: LocalRepository): Promise<string | null> {
  const text = await readFile(join(headDirectory, 'HEAD'), 'utf8').catch((error: unknown) => {
    throw unreadable(display, error);
  });
  const target = /^ref: (refs\/.+)$/m.exec(text)?.[1] ?? text;
  return target.trim() === '' ? null : target.trim();
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EACCES') throw error;
    return false;
  }
}

function unsupportedFormat(display: string, what: string, remedy: string): SyncError {
  return new SyncError(
    'SourceFormatUnsupported',
    `${display} ${what}, which cannot be read in place. ${remedy}`,
  );
}

function unreadable(display: string, cause: unknown): SyncError {
  if (codeOf(cause) === 'EACCES' || codeOf(cause) === 'EPERM') {
    return new SyncError(
      'SourceUnauthorized',
      `${display} may not be read by this account. Give it read access to the repository's files.`,
      { cause },
    );
  }
  return new SyncError(
    'SourceNotFound',
    `${display} cannot be read as a Git repository. Check it with \`git fsck\`.`,
    { cause },
  );
}
