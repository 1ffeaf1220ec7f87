import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { readWorkingTree } from './git/working-tree.ts';
import { checkAcross } from './manifest/across.ts';
import type { Defaults } from './manifest/defaults.ts';
import { SyncError } from './model/error.ts';
import { name, type Name } from './model/ids.ts';
import { sortProblems, type Problem } from './model/problem.ts';
import { loadTree } from './sync/load.ts';

export interface Validation {
  readonly stacks: readonly StackCount[];
  /** In reading order; files as seen from the working directory. */
  readonly problems: readonly Problem[];
}

export interface StackCount {
  readonly stack: Name;
  /** Null when its problems keep us from knowing. */
  readonly services: number | null;
}

export interface ValidationRequest {
  /** Absolute: a repository, its `stacks/`, or one stack in it. */
  readonly target: string;
  /** What shown paths begin at. */
  readonly directory: string;
  readonly defaults: Defaults;
}

/** Checks manifests as they lie there, committed or not. Of a single stack only its own problems are told. */
export async function validateTree({ target, directory, defaults }: ValidationRequest): Promise<Validation> {
  const { root, only } = locate(target);
  const tree = await readWorkingTree(root, '');
  const { stacks, problems } = await loadTree(tree, { defaults, cache: new Map() });
  const source = name('working-tree');
  const across = checkAcross(stacks.map((resolved) => ({ source, resolved })));
  const named = stacks.flatMap(({ name: stack, stack: desired }) =>
    stack === null || (only !== null && stack !== only)
      ? []
      : [{ stack, services: desired?.services.length ?? null }],
  );
  const found = [
    ...problems,
    ...stacks.flatMap((stack) => stack.problems),
    ...across.map(({ problem }) => problem),
  ];
  const below = only === null ? '' : `stacks/${only}/`;
  const prefix = relative(directory, root);
  return {
    stacks: named,
    problems: sortProblems(found.filter(({ file }) => file.startsWith(below))).map((problem) =>
      shownFrom(prefix, problem),
    ),
  };
}

interface Location {
  readonly root: string;
  /** The one stack that was named, or null for all of them. */
  readonly only: string | null;
}

/** A stack may refer to files beside it, so a repository is always read from its root. */
function locate(target: string): Location {
  if (!existsSync(target)) throw new SyncError('FileUnusable', `There is no directory ${target}.`);
  if (!statSync(target).isDirectory()) {
    throw new SyncError(
      'FileUnusable',
      `${target} is a file; name the directory of its stack, or the repository.`,
    );
  }
  const parent = dirname(target);
  if (existsSync(join(target, 'stacks'))) return { root: target, only: null };
  if (basename(target) === 'stacks') return { root: parent, only: null };
  if (basename(parent) === 'stacks') return { root: dirname(parent), only: basename(target) };
  return { root: target, only: null };
}

function shownFrom(prefix: string, problem: Problem): Problem {
  return prefix === '' ? problem : { ...problem, file: join(prefix, problem.file) };
}
