import { join } from 'node:path';
import { createRepositoryAt } from './bare-repository.ts';
import { temporaryDirectory } from './temporary.ts';

/** What a path becomes in a commit; `null` removes it. */
export type FileContent =
  | string
  | Buffer
  | null
  | { readonly symlink: string }
  | { readonly executable: string }
  | { readonly submodule: string };

export interface CommitOptions {
  /** Default main. */
  readonly branch?: string;
  readonly message?: string;
  /** Default: what the branch points to now. An empty list makes a root commit, and so a force-push. */
  readonly parents?: readonly string[];
  /** Drop every file of the parent first. */
  readonly replaceAll?: boolean;
}

export interface TestRepository {
  /** A bare repository, as a server has it. */
  readonly path: string;
  /** Resolves to the new commit's id. */
  commit(files: Readonly<Record<string, FileContent>>, options?: CommitOptions): string;
  /** `ref` in full, such as refs/heads/main or refs/tags/v1. */
  moveRef(ref: string, commit: string): void;
  deleteRef(ref: string): void;
  /** An annotated tag; resolves to the tag object's id. */
  tag(name: string, commit: string): string;
  git(...args: readonly string[]): string;
}

/** A throw-away repository, gone after the test file. */
export function createRepository(path = join(temporaryDirectory(), 'repository.git')): TestRepository {
  return createRepositoryAt(path);
}
