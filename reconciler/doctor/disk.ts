import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ok, type Checkup } from './checkup.ts';

export interface DiskQuestion {
  readonly path: string;
  /** `the state directory`. */
  readonly what: string;
  /** What frees space there. */
  readonly remedy: string;
}

const gib = 1024 ** 3;
/** Below the first nothing big fits any more, below the second the next image may not. */
const failBelowBytes = 0.5 * gib;
const warnBelowBytes = 3 * gib;

/** How much room there is where a directory lies, or will lie once it is made. */
export async function checkDisk({ path, what, remedy }: DiskQuestion): Promise<Checkup> {
  const { bavail, bsize, blocks, files, ffree } = await statfs(nearestExisting(path));
  const freeBytes = bavail * bsize;
  const percent = Math.round((100 * freeBytes) / (blocks * bsize || 1));
  const message = `${formatSize(freeBytes)} (${percent} %) free for ${what}, ${path}.`;
  // Some file systems have no fixed number of files, and say 0.
  const isOutOfFiles = files > 0 && ffree < 10_000;
  if (freeBytes < failBelowBytes) return { part: 'disk', level: 'fail', message, remedy };
  if (isOutOfFiles) {
    return { part: 'disk', level: 'warn', message: `Only ${ffree} more files fit there: ${message}`, remedy };
  }
  if (freeBytes < warnBelowBytes) return { part: 'disk', level: 'warn', message, remedy };
  return ok('disk', message);
}

/** The directory itself, or the one in which it will be made. */
export function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function formatSize(bytes: number): string {
  return bytes < gib ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${(bytes / gib).toFixed(1)} GiB`;
}
