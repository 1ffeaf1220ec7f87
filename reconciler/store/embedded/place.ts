import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../../model/error.ts';

/** A state directory, and a short way to it: the kernel takes at most 107 bytes (macOS: 103) for a Unix socket. */
export interface Place {
  /** Absolute and without symlinks. */
  readonly directory: string;
  /** The same directory by a path that leaves room for the name of a socket. Valid in this process until `close`. */
  readonly short: string;
  close(): void;
}

/** 103 bytes less the longest name that we put below it. */
const longestShortPath = 103 - '/owner-4194304-0123abcd.sock'.length;

/** Makes the directory, for its owner only, where there is none. */
export function openPlace(stateDirectory: string): Place {
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    const directory = realpathSync(stateDirectory);
    if (Buffer.byteLength(directory) <= longestShortPath)
      return { directory, short: directory, close: () => {} };
    return existsSync('/proc/self/fd') ? throughHandle(directory) : throughSymlink(directory);
  } catch (error) {
    throw toStateError(stateDirectory, error);
  }
}

/** Nothing is left behind that a cleaner of old temporary files could take away from a daemon that runs for weeks. */
function throughHandle(directory: string): Place {
  const handle = openSync(directory, 'r');
  return { directory, short: `/proc/self/fd/${handle}`, close: () => closeSync(handle) };
}

function throughSymlink(directory: string): Place {
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const short = join('/tmp', `plimsoll-${process.getuid?.() ?? 0}-${digest}`);
  if (lstatSync(short, { throwIfNoEntry: false }) === undefined) symlinkSync(directory, short);
  // Anybody may make a link of this name in /tmp; only one of ours leads where we want to go.
  if (lstatSync(short).uid !== process.getuid?.() || readlinkSync(short) !== directory) {
    throw new SyncError(
      'StateDirectoryUnwritable',
      `The path of the state directory is too long for a socket, and ${short}, the short way to it, is somebody else's; configure a shorter path than ${directory}.`,
      { data: { path: directory } },
    );
  }
  return { directory, short, close: () => {} };
}

/** A failed file operation below the state directory, told with its remedy. Every other error stays as it is. */
export function toStateError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause;
  if (/ENOSPC|EDQUOT/.test(cause.message)) return diskFull(path, cause.message);
  return new SyncError(
    'StateDirectoryUnwritable',
    `The state directory cannot be used (${cause.message}); make ${path} writable for this account or configure another state directory.`,
    { data: { path }, cause },
  );
}

export function diskFull(path: string, reason: string): SyncError {
  return new SyncError(
    'DiskFull',
    `The disk that holds ${path} is full (${reason}); free space there and start again, nothing is lost.`,
    { data: { path } },
  );
}
