import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SyncError } from '../../model/error.ts';
import { canUse, type Account } from './account.ts';
import type { Programs } from './programs.ts';

export interface BundleUse {
  readonly account: Account | null;
  readonly stateDirectory: string;
}

/**
 * Programs that the account can run. npm packs no symlinks and may not run the script that restores those of the
 * libraries; and below /root no other account can reach them. Where they are not fit, a copy is made once.
 */
export function makeRunnable(programs: Programs, { account, stateDirectory }: BundleUse): Programs {
  const { bundle } = programs;
  if (bundle === null) return programs;
  if (restoreLinks(bundle) && canUse(join(programs.folder, 'postgres'), account)) return programs;
  const places =
    account === null ? [stateDirectory] : [stateDirectory, '/var/cache/plimsoll', '/run/plimsoll'];
  const folder = places.find((place) => canHold(place, account));
  if (folder === undefined) throw unreachable(bundle, places);
  const copy = copyOnce(bundle, join(folder, `postgres-programs-${versionOf(bundle)}`));
  return { ...programs, bundle: copy, folder: join(copy, 'bin') };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** False when the package may not be written to, as where root installed it and somebody else runs it. */
function restoreLinks(bundle: string): boolean {
  try {
    for (const { source, target } of readLinks(bundle)) {
      if (!existsSync(target)) symlinkSync(basename(source), target);
    }
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EEXIST';
  }
}

/** The package's own list; its paths begin with `native/`. */
function readLinks(bundle: string): readonly Link[] {
  const list = join(bundle, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: readonly Link[] = JSON.parse(readFileSync(list, 'utf8'));
  const root = dirname(bundle);
  return links.map(({ source, target }) => ({ source: join(root, source), target: join(root, target) }));
}

function canHold(place: string, account: Account | null): boolean {
  try {
    if (mkdirSync(place, { recursive: true }) !== undefined) chmodSync(place, 0o755);
    return canUse(place, account);
  } catch {
    return false;
  }
}

/** 61 MB, a fifth of a second. The rename makes it appear whole or not at all, whoever else does the same. */
function copyOnce(bundle: string, target: string): string {
  if (existsSync(target)) return target;
  const unfinished = mkdtempSync(`${target}.`);
  try {
    cpSync(bundle, unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
    for (const { source, target } of readLinks(bundle)) {
      const link = target.replace(bundle, unfinished);
      if (!existsSync(link)) symlinkSync(basename(source), link);
    }
    openToAll(unfinished);
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return target;
}

/** Whatever the umask was under which npm unpacked them. */
function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}

function versionOf(bundle: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(dirname(bundle), 'package.json'), 'utf8'),
  );
  return version;
}

function unreachable(bundle: string, places: readonly string[]): SyncError {
  return new SyncError(
    'StateDirectoryUnwritable',
    `The database server may not run as root, no other account can reach its programs in ${bundle}, and none of ` +
      `${places.join(', ')} can hold a copy of them; install Plimsoll where every account may read, such as /opt.`,
    { data: { bundle } },
  );
}
