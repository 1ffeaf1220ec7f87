import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseAddress } from './git/address.ts';
import type { SourceConfig } from './manifest/config-read.ts';
import { SyncError } from './model/error.ts';
import { name, type Name } from './model/ids.ts';

export interface SourceChoice {
  /** The name of a configured source, an address, or a directory; undefined: whatever is configured. */
  readonly source: string | undefined;
  readonly ref: string | undefined;
  readonly path: string | undefined;
}

export interface SourcesAround {
  readonly configured: readonly SourceConfig[];
  readonly directory: string;
}

/** What `plan` and `apply` read: what the command line names, else what is configured, else this directory's repository. */
export function chooseSources(choice: SourceChoice, around: SourcesAround): readonly SourceConfig[] {
  const { source } = choice;
  if (source === undefined) return fromSurroundings(choice, around);
  const named = around.configured.find((configured) => configured.name === source);
  return [adjust(named ?? fromAddress(source, around), choice)];
}

function fromSurroundings(
  choice: SourceChoice,
  { configured, directory }: SourcesAround,
): readonly SourceConfig[] {
  if (configured.length > 1 && (choice.ref !== undefined || choice.path !== undefined)) {
    const names = configured.map((source) => source.name).join(', ');
    throw new SyncError('ConfigInvalid', `--ref and --path need --source to say which is meant: ${names}.`);
  }
  if (configured.length > 0) return configured.map((source) => adjust(source, choice));
  const root = findRepository(directory);
  if (root !== null) return [adjust(describeSource(root), choice)];
  throw new SyncError(
    'ConfigInvalid',
    `There is nothing to read: ${directory} has no plimsoll.yaml and is not in a Git repository. Name one with ` +
      '--source, or begin with `plimsoll init`.',
  );
}

/** A configured source of the same address lends its credentials and its claim on the names of its stacks. */
function fromAddress(source: string, { configured, directory }: SourcesAround): SourceConfig {
  const isLocal = !source.includes('://') && parseAddress(source).kind === 'local';
  const repository = isLocal ? resolve(directory, source) : source;
  const same = configured.find((known) => known.repository === repository);
  return same ?? describeSource(isLocal ? (findRepository(repository) ?? repository) : repository);
}

function adjust(source: SourceConfig, { ref, path }: SourceChoice): SourceConfig {
  const adjusted = { ...source, ref: ref ?? source.ref, path: path === undefined ? source.path : bare(path) };
  const isOurs = source.name === nameFor(source);
  return isOurs ? { ...adjusted, name: nameFor(adjusted) } : adjusted;
}

/** `./clusters/home/` is `clusters/home`, as in the operator's file. */
function bare(path: string): string {
  return path.replace(/^(\.?\/)+|^\.$|\/+$/g, '');
}

function describeSource(repository: string): SourceConfig {
  const source = { repository, ref: 'HEAD', path: '', intervalMs: 60_000, engines: null, credentials: null };
  return { ...source, name: nameFor(source) };
}

/**
 * One name for one place. Stacks that a source had and has no more count as removed, so that two repositories under one
 * name would remove each other's.
 */
function nameFor({ repository, path }: Pick<SourceConfig, 'repository' | 'path'>): Name {
  const word = basename(repository.replace(/\/+$/, ''), '.git')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  // Without credentials: a new token is no new place.
  const place = parseAddress(repository).display;
  const digest = createHash('sha256').update(`${place}\n${path}`).digest('hex').slice(0, 8);
  return name(`${word === '' ? 'source' : word}-${digest}`);
}

/** The work tree or bare repository that holds a directory, or null. */
function findRepository(directory: string): string | null {
  const isBare = existsSync(join(directory, 'HEAD')) && existsSync(join(directory, 'objects'));
  if (isBare || existsSync(join(directory, '.git'))) return directory;
  const parent = dirname(directory);
  return parent === directory ? null : findRepository(parent);
}
