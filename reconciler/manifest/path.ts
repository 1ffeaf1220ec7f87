import { report, type Place } from './place.ts';

/** The path in the container without detours, or null with a Problem. */
export function readTarget(target: string, place: Place): string | null {
  const path = cleanPath(target);
  if (path === null)
    report(place, 'InvalidPath', 'should be an absolute path in the container, such as "/var/lib/data".');
  else if (path === '/')
    report(place, 'InvalidPath', 'cannot be the root of the container. Choose a path below it.');
  return path === '/' ? null : path;
}

/** An absolute path without `.`, `..` and needless slashes; null when it is not absolute. */
export function cleanPath(path: string): string | null {
  if (!path.startsWith('/')) return null;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}
