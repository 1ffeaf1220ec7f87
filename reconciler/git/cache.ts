import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { storageFailure, unwritable } from './failure.ts';
import { temporaryMark, writeWhole } from './files.ts';
import { packSizes } from './pack-sizes.ts';
import { acquireLock, isLockFile, isRunning, type Lock } from './lock.ts';

export interface CacheOptions {
  /** This source's own directory. */
  readonly directory: string;
  /** What is cached, without credentials; another repository under the same name starts from nothing. */
  readonly repository: string;
}

const maxPacks = 200;
const freeBytes = 64 * 1048576;

/**
 * Bare repositories of ours, called generations, of which one is current. Nothing is ever repaired in place: a
 * generation that is damaged or has grown is replaced by a fresh one, in one rename. The directory belongs to one
 * living process; a second one works in a private generation and removes it at the end.
 */
export class Cache {
  readonly #directory: string;
  readonly #identity: string;
  #lock: Lock | null = null;
  /** Where a process without the lock works. */
  #private: string | null = null;
  #isOpen = false;
  #current: string | null = null;
  #previous: string | null = null;

  constructor({ directory, repository }: CacheOptions) {
    this.#directory = directory;
    this.#identity = createHash('sha256').update(repository).digest('hex').slice(0, 16);
  }

  /** The git directory of the current generation, or null before the first one is adopted. */
  async current(): Promise<string | null> {
    if (!this.#isOpen) await this.#guard(() => this.#open());
    return this.#current;
  }

  /** An empty generation that nobody sees until it is adopted. */
  async begin(): Promise<string> {
    await this.current();
    const gitdir = join(this.#private ?? this.#directory, `g-${randomBytes(8).toString('hex')}`);
    await this.#guard(() => createBareRepository(gitdir));
    return gitdir;
  }

  /** Makes a generation current. The one before stays until the next, for whoever still reads an old snapshot. */
  async adopt(gitdir: string): Promise<void> {
    const outdated = this.#previous;
    await this.#guard(async () => {
      if (this.#private === null) await writeWhole(this.#pointer, `${basename(gitdir)} ${this.#identity}\n`);
      this.#previous = this.#current;
      this.#current = gitdir;
      if (outdated !== null) await this.discard(outdated);
    });
  }

  /** What cannot be removed now is removed by the next process that opens the cache. */
  async discard(gitdir: string): Promise<void> {
    await rm(gitdir, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#private !== null) await this.discard(this.#private);
    await this.#lock?.release();
    this.#lock = null;
    this.#private = null;
    this.#current = null;
    this.#isOpen = false;
  }

  get #pointer(): string {
    return join(this.#directory, 'current');
  }

  async #open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      // A recursive mkdir on a read-only disk says ENOENT.
      throw storageFailure(error, this.#directory) ?? unwritable(this.#directory, error);
    });
    this.#lock = await acquireLock(this.#directory);
    if (this.#lock === null) {
      this.#private = join(this.#directory, `p-${process.pid}-${randomBytes(4).toString('hex')}`);
      await mkdir(this.#private, { mode: 0o700 });
    } else {
      this.#current = await this.#readPointer();
      await this.#sweep();
    }
    this.#isOpen = true;
  }

  async #readPointer(): Promise<string | null> {
    const text = await readFile(this.#pointer, 'utf8').catch(() => '');
    const [generation = '', identity] = text.trim().split(' ');
    if (identity !== this.#identity || !/^g-[0-9a-f]{16}$/.test(generation)) return null;
    const gitdir = join(this.#directory, generation);
    return (await isRepository(gitdir)) ? gitdir : null;
  }

  /** What a killed process left: generations that were never adopted, private ones, half-written files, git's locks. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const owner = Number(/^p-([0-9]+)-/.exec(name)?.[1]);
      const isLeft = name.startsWith('g-') || name.startsWith('lock-') || (owner > 0 && !isRunning(owner));
      const path = join(this.#directory, name);
      if (isLeft && path !== this.#current && !isLockFile(name)) await this.discard(path);
    }
    if (this.#current !== null) await removeLeftovers(this.#current);
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storageFailure(error, this.#directory) ?? error;
    }
  }
}

/** Enough of a bare repository for isomorphic-git and for git; isomorphic-git wants a refspec before it fetches. */
async function createBareRepository(gitdir: string): Promise<void> {
  await mkdir(join(gitdir, 'objects', 'pack'), { recursive: true, mode: 0o700 });
  await mkdir(join(gitdir, 'refs', 'heads'), { recursive: true });
  await writeWhole(join(gitdir, 'HEAD'), 'ref: refs/heads/followed\n');
  const config = [
    '[core]',
    '\trepositoryformatversion = 0',
    '\tbare = true',
    '[remote "origin"]',
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
    '',
  ];
  await writeWhole(join(gitdir, 'config'), config.join('\n'));
}

async function isRepository(gitdir: string): Promise<boolean> {
  try {
    await access(join(gitdir, 'objects', 'pack'));
    return true;
  } catch {
    return false;
  }
}

async function removeLeftovers(gitdir: string): Promise<void> {
  const names = await readdir(gitdir, { recursive: true }).catch(() => []);
  for (const name of names) {
    const file = basename(name);
    const isLeft = file.includes(temporaryMark) || file.startsWith('tmp_') || file.endsWith('.lock');
    if (isLeft) await rm(join(gitdir, name), { recursive: true, force: true });
  }
}

/**
 * Whether a generation should be replaced by a fresh one. There is no repacking: each fetch adds a pack, and each
 * pack makes every read of an object slower.
 */
export async function hasGrown(gitdir: string): Promise<boolean> {
  const sizes = await packSizes(gitdir);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.length >= maxPacks || (total > freeBytes && total > 4 * Math.max(...sizes));
}

/** Runs a fetch into a generation; when it fails, the packs that it brought are taken out again. */
export async function withRollback<T>(gitdir: string, work: () => Promise<T>): Promise<T> {
  const directory = join(gitdir, 'objects', 'pack');
  const before = new Set(await readdir(directory));
  try {
    return await work();
  } catch (error) {
    const added = (await readdir(directory)).filter((name) => !before.has(name));
    // The index first: without it, a pack is not seen.
    added.sort((a, b) => Number(b.endsWith('.idx')) - Number(a.endsWith('.idx')));
    for (const name of added) await rm(join(directory, name), { force: true });
    await removeLeftovers(gitdir);
    throw error;
  }
}
