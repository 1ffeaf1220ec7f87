import { SyncError, isSyncError } from '../model/error.ts';

/** The `code` of a Node, undici or isomorphic-git error, looking through `cause`; `''` where there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

/** An error of the disk below `directory` as the condition that an operator can act upon, or null. */
export function storageFailure(error: unknown, directory: string): SyncError | null {
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SyncError(
        'DiskFull',
        `No space is left for ${directory}. Free some; reading the source goes on by itself.`,
        {
          cause: error,
        },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return unwritable(directory, error);
    default:
      return null;
  }
}

export function unwritable(directory: string, cause: unknown): SyncError {
  return new SyncError(
    'StateDirectoryUnwritable',
    `${directory} cannot be written. Give it to the account that runs Plimsoll, or name another state directory.`,
    { cause },
  );
}

/** Whether reading objects failed because of what is stored, so that storing it anew may help. */
export function isDamage(error: unknown): boolean {
  return isSyncError(error, 'PackCorrupt') || isSyncError(error, 'ObjectMissing');
}

export function sha256Refusal(display: string): SyncError {
  return new SyncError(
    'SourceFormatUnsupported',
    `${display} names its objects by SHA-256, which cannot be read yet. Use a repository in Git's default format, SHA-1.`,
  );
}
