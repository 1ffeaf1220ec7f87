import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A repository with a work tree, as a person has one. */
export interface WorkTree {
  readonly path: string;
  /** Makes these the only files below stacks/, and commits. */
  commit(files: Readonly<Record<string, string>>): void;
  /** Id of the newest commit. */
  head(): string;
}

export function createWorkTree(path: string): WorkTree {
  mkdirSync(path, { recursive: true });
  git(path, ['init', '--quiet', '--initial-branch=main']);
  return {
    path,
    commit(files) {
      rmSync(join(path, 'stacks'), { recursive: true, force: true });
      for (const [name, content] of Object.entries({ 'stacks/README.md': 'A fleet.\n', ...files })) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      git(path, ['add', '--all']);
      git(path, ['commit', '--quiet', '--allow-empty', '--message', 'A measurement']);
    },
    head: () => git(path, ['rev-parse', 'HEAD']),
  };
}

function git(path: string, args: readonly string[]): string {
  const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com'];
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  return execFileSync('git', ['-C', path, ...identity, ...args], {
    stdio: [...stdio],
    encoding: 'utf8',
  }).trim();
}
