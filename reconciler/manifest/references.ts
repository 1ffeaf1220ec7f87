import { isJsonRecord, type Json } from '../model/json.ts';
import type { SourceFile } from '../model/ports.ts';
import { envFilesOf } from './environment.ts';
import type { StackLayout } from './layout.ts';
import type { ManifestDocument, ParsedFile } from './parse.ts';
import { pathInSource } from './repository.ts';

/**
 * The files of the repository whose content `resolveStack` needs besides the manifests, sorted by path: env files,
 * config files, and the .env of a Compose project. What does not exist is left out; resolving reports it.
 */
export function referencedFiles(
  layout: StackLayout,
  manifests: readonly ParsedFile[],
): readonly SourceFile[] {
  const paths = manifests.flatMap(({ documents }) => documents.flatMap(pathsOf));
  const found = new Map<string, SourceFile>();
  for (const path of paths) {
    for (const file of filesFor(path, layout)) if (file.kind === 'file') found.set(file.path, file);
  }
  return [...found.keys()].sort().flatMap((path) => found.get(path) ?? []);
}

function pathsOf(document: ManifestDocument): readonly string[] {
  switch (document.kind) {
    case 'service': {
      const { env_file: envFile, configs = [] } = document.value.spec ?? {};
      return [...envFilesOf(envFile).map(({ path }) => path), ...configs.flatMap(({ file }) => file ?? [])];
    }
    case 'compose':
      return ['.env', ...composePaths(document.at.value)];
    case 'stack':
      return [];
    default:
      return document satisfies never;
  }
}

/** Before its variables are known a project is not checked, so nothing of its shape is taken for granted. */
function composePaths(project: Json): readonly string[] {
  if (!isJsonRecord(project)) return [];
  const services = membersOf(project['services']).flatMap((service) => envPaths(service));
  const configs = membersOf(project['configs']).flatMap((config) => textAt(config, 'file'));
  return [...services, ...configs];
}

function envPaths(service: Json): readonly string[] {
  const value = isJsonRecord(service) ? service['env_file'] : undefined;
  if (typeof value === 'string') return [value];
  return Array.isArray(value)
    ? value.flatMap((entry: Json) => (typeof entry === 'string' ? entry : textAt(entry, 'path')))
    : [];
}

function membersOf(value: Json | undefined): readonly Json[] {
  return isJsonRecord(value)
    ? Object.values(value).flatMap((member) => (member === undefined ? [] : [member]))
    : [];
}

function textAt(value: Json, key: string): readonly string[] {
  const text = isJsonRecord(value) ? value[key] : undefined;
  return typeof text === 'string' ? [text] : [];
}

/** Stands for a variable while a path is cleaned; no path holds it. */
const wildcard = '\u0001';

/** One file, or each that a path with variables in it may come to mean. */
function filesFor(path: string, { directory, files }: StackLayout): readonly SourceFile[] {
  const pattern = pathInSource(directory, path.replaceAll(/\$\{[^}]*\}+|\$\w+/g, wildcard));
  if (pattern === null) return [];
  if (!pattern.includes(wildcard)) {
    const file = files.get(pattern);
    return file === undefined ? [] : [file];
  }
  return [...files.values()].filter((file) => matches(pattern.split(wildcard), file.path));
}

function matches(parts: readonly string[], path: string): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!path.startsWith(first) || !path.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= path.length - last.length;
}
