import { existsSync } from 'node:fs';
import * as fs from 'node:fs';
import { access, constants, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { add, commit, init } from 'isomorphic-git';
import { SyncError } from './model/error.ts';
import { nearest } from './model/nearest.ts';
import { openPlace, toStateError } from './store/embedded/place.ts';

export interface Example {
  readonly name: string;
  /** A Git repository with a work tree, on branch `main`. */
  readonly repository: string;
  /** Made by this call; otherwise it was there and was left as it is. */
  readonly isNew: boolean;
  /** The example's own plimsoll.yaml, or null where it needs none. */
  readonly configFile: string | null;
}

export interface ExampleRequest {
  readonly name: string;
  readonly stateDirectory: string;
  readonly at: number;
}

const operatorFile = 'plimsoll.yaml';
const author = { name: 'Plimsoll', email: 'plimsoll@localhost' };

/**
 * Copies an example that ships with Plimsoll into a Git repository of the person's own, once. It appears whole or not
 * at all, so that a killed first start leaves nothing half-made.
 */
export async function prepareExample({ name, stateDirectory, at }: ExampleRequest): Promise<Example> {
  const template = await findTemplate(name);
  const configFile = join(template, operatorFile);
  const repository = join(stateDirectory, 'examples', name);
  const example = { name, repository, configFile: existsSync(configFile) ? configFile : null };
  if (existsSync(repository)) return { ...example, isNew: false };
  // Made for its owner only, or said what is wrong with it.
  openPlace(stateDirectory).close();
  await requireWritable(stateDirectory);
  await copyExample(template, { repository, name, at });
  return { ...example, isNew: true };
}

/** What is made below a directory that is not writable fails with a path that nobody has heard of. */
async function requireWritable(stateDirectory: string): Promise<void> {
  try {
    await access(stateDirectory, constants.W_OK);
  } catch (error) {
    throw toStateError(stateDirectory, error);
  }
}

interface Copying {
  readonly repository: string;
  readonly name: string;
  readonly at: number;
}

async function copyExample(template: string, { repository, name, at }: Copying): Promise<void> {
  const draft = `${repository}.unfinished`;
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o700 });
    // The operator's file lies on the host, not in the repository that it speaks of.
    await cp(template, draft, { recursive: true, filter: (path) => path !== join(template, operatorFile) });
    await commitAll(draft, { message: `Start from the example ${name}`, at });
    await rename(draft, repository);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw toStateError(repository, error);
  }
}

async function findTemplate(name: string): Promise<string> {
  const folder = examplesFolder();
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.includes(name)) return join(folder, name);
  const near = nearest(name, names);
  const advice = near === null ? `There are: ${names.sort().join(', ')}.` : `Did you mean ${near}?`;
  throw new SyncError('FileUnusable', `There is no example "${name}". ${advice}`);
}

/** Beside package.json: one level up from the sources, two from the compiled program. */
function examplesFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, '..', 'examples'), join(here, '..', '..', 'examples')].find(existsSync);
  if (found !== undefined) return found;
  throw new SyncError('FileUnusable', 'This installation of Plimsoll has no examples; install it again.');
}

/** By isomorphic-git, since who installed this from npm need not have git. */
async function commitAll(
  directory: string,
  { message, at }: { readonly message: string; readonly at: number },
): Promise<void> {
  await init({ fs, dir: directory, defaultBranch: 'main' });
  await add({ fs, dir: directory, filepath: '.' });
  await commit({
    fs,
    dir: directory,
    message,
    author: { ...author, timestamp: Math.floor(at / 1000), timezoneOffset: 0 },
  });
}
