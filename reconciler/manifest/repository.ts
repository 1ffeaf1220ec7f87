import type { SourceFile } from '../model/ports.ts';
import { printable } from './text.ts';
import { suggestion } from './suggestion.ts';
import { report, type Place } from './place.ts';

/** The files of the source, seen from the directory of one stack. */
export interface RepositoryFiles {
  readonly directory: string;
  /** Every file by path. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Content by path, of those that were asked for. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

const maxSizeBytes = 1024 * 1024;
/** A hint looks at every file; after so many problems nobody reads the next one. */
const mostHints = 100;

/** The path that a manifest in `directory` means, or null when it is absolute or leaves the source. */
export function pathInSource(directory: string, path: string): string | null {
  if (/^[/~]/.test(path) || /[\\\0]/.test(path)) return null;
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.length === 0 ? null : parts.join('/');
}

export interface FileContent {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The file that a manifest names, or null with a Problem: missing, outside, no regular file, too large. */
export function readRepositoryFile(
  repository: RepositoryFiles,
  path: string,
  place: Place,
): FileContent | null {
  const { directory, files, contents } = repository;
  const whole = pathInSource(directory, path);
  if (whole === null) {
    report(
      place,
      'FileOutsideSource',
      'should be a path inside the repository, relative to the stack\'s directory, such as "config/app.conf".',
    );
    return null;
  }
  const file = files.get(whole);
  if (file?.kind !== 'file') {
    const message =
      place.problems.length < mostHints
        ? describeMissing(repository, whole)
        : 'names a file that is not in the repository.';
    report(place, file === undefined ? 'FileNotFound' : 'FileRefused', message);
    return null;
  }
  const bytes = contents.get(whole);
  if (bytes === undefined) throw new Error(`the content of ${whole} was not handed over`);
  if (bytes.length > maxSizeBytes) {
    report(
      place,
      'FileTooLarge',
      'names a file of more than 1 MiB. Put large data into a volume or the image.',
    );
    return null;
  }
  return { path: whole, bytes };
}

function describeMissing({ directory, files }: RepositoryFiles, path: string): string {
  const shown = printable(path);
  const kind = files.get(path)?.kind;
  if (kind === 'symlink')
    return `names ${shown}, a symbolic link, and those are not followed. Name the file itself.`;
  if (kind === 'submodule') return `names ${shown}, a submodule, and those are not fetched. Commit the file.`;
  const paths = [...files.keys()];
  if (paths.some((other) => other.startsWith(`${path}/`))) return `names ${shown}, a directory. Name a file.`;
  const beside = paths.filter((other) => directory === '' || other.startsWith(`${directory}/`));
  const meant = suggestion(path, beside);
  return `names ${shown}, which is not in the repository${meant === '' ? '. Commit it, or correct the path.' : meant}`;
}
