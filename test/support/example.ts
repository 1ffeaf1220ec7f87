import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = new URL('../../examples/', import.meta.url).pathname;

/** Every file of an example that is part of its repository, by path. */
export function exampleFiles(name: string): Readonly<Record<string, string>> {
  const root = join(folder, name);
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => path !== 'plimsoll.yaml');
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** The operator's file that an example comes with, or null where it needs none. */
export function exampleConfig(name: string): string | null {
  const path = join(folder, name, 'plimsoll.yaml');
  return existsSync(path) ? path : null;
}

interface Move {
  readonly from: number;
  readonly to: number;
}

/** The same files with another host port: the one that an example names may be taken on this machine. */
export function moveHostPort(
  files: Readonly<Record<string, string>>,
  { from, to }: Move,
): Readonly<Record<string, string>> {
  const moved = Object.entries(files).map(([path, text]) => [
    path,
    text.replaceAll(String(from), String(to)),
  ]);
  return Object.fromEntries(moved);
}
