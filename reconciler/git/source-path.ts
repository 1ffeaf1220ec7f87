import { SyncError } from '../model/error.ts';

/** A relative directory without detours, as its parts: `stacks`, `./stacks/`, `''`. Throws ConfigInvalid. */
export function parseSourcePath(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!path.startsWith('/') && !parts.includes('..') && !/[\x00-\x1f\x7f\\]/.test(path)) return parts;
  throw new SyncError(
    'ConfigInvalid',
    `The path ${JSON.stringify(path)} does not lie inside the repository. Write it relative to the top, such as "stacks".`,
  );
}

export function pathNotFound(
  path: readonly string[],
  { display, why }: { readonly display: string; readonly why: string },
): SyncError {
  return new SyncError(
    'SourcePathNotFound',
    `The path ${path.join('/')} ${why} in ${display}. Nothing is changed; correct the path of the source, or commit the directory.`,
    { data: { path: path.join('/') } },
  );
}
