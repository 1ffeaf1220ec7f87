import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../model/error.ts';
import { codeOf } from './failure.ts';

/** Bytes of each pack of a repository. */
export async function packSizes(gitdir: string): Promise<readonly number[]> {
  const directory = join(gitdir, 'objects', 'pack');
  const names = await readdir(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const packs = names.filter((name) => name.endsWith('.pack'));
  return Promise.all(packs.map(async (name) => (await stat(join(directory, name))).size));
}

/** isomorphic-git holds a pack in memory as a whole. Throws SourceTooLarge for one that we do not want there. */
export async function assertPacksFit(
  gitdir: string,
  { display, maxBytes }: { readonly display: string; readonly maxBytes: number },
): Promise<void> {
  const largest = Math.max(0, ...(await packSizes(gitdir)));
  if (largest <= maxBytes) return;
  throw new SyncError(
    'SourceTooLarge',
    `${display} holds a pack of ${toMebibytes(largest)} MiB, and at most ${toMebibytes(maxBytes)} MiB are read. ` +
      'Keep manifests in a repository of their own, or follow a clone made with `git clone --depth 1`.',
    { data: { largest, maxBytes } },
  );
}

function toMebibytes(bytes: number): number {
  return Math.round(bytes / 1048576);
}
