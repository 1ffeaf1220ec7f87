import { execFileSync } from 'node:child_process';
import type { FileContent, TestRepository } from './repository.ts';

const author = 'Ada Shipwright <ada@example.com>';

/** A bare repository with an empty branch main. Commits are made in it by fast-import, without a work tree. */
export function createRepositoryAt(path: string): TestRepository {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', path]);
  const git = (...args: readonly string[]): string => runGit(path, args);
  let clock = 1_700_000_000;
  return {
    path,
    git,
    commit(files, { branch = 'main', message = 'A change', parents, replaceAll = false } = {}) {
      const ref = `refs/heads/${branch}`;
      const from = parents ?? currentCommit(path, ref);
      const commit = [
        Buffer.from(`commit ${ref}\nmark :1\ncommitter ${author} ${(clock += 60)} +0000\n`),
        dataCommand(message),
        ...from.map((id, index) => Buffer.from(`${index === 0 ? 'from' : 'merge'} ${id}\n`)),
        Buffer.from(replaceAll ? 'deleteall\n' : ''),
        ...Object.entries(files).map(([name, content]) => fileCommand(name, content)),
      ];
      // A commit without a parent on a branch that has one would otherwise continue it.
      const reset = from.length === 0 ? [Buffer.from(`reset ${ref}\n`)] : [];
      runGit(path, ['fast-import', '--quiet', '--force'], Buffer.concat([...reset, ...commit]));
      return git('rev-parse', ref);
    },
    moveRef: (ref, commit) => void git('update-ref', ref, commit),
    deleteRef: (ref) => void git('update-ref', '-d', ref),
    tag(name, commit) {
      git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', '-m', name, name, commit);
      return git('rev-parse', `refs/tags/${name}`);
    },
  };
}

function fileCommand(name: string, content: FileContent): Buffer {
  const path = JSON.stringify(name);
  if (content === null) return Buffer.from(`D ${path}\n`);
  if (typeof content === 'string' || Buffer.isBuffer(content)) return inlineFile('100644', path, content);
  if ('symlink' in content) return inlineFile('120000', path, content.symlink);
  if ('executable' in content) return inlineFile('100755', path, content.executable);
  return Buffer.from(`M 160000 ${content.submodule} ${path}\n`);
}

function inlineFile(mode: string, path: string, content: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`M ${mode} inline ${path}\n`), dataCommand(content)]);
}

function dataCommand(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

function currentCommit(path: string, ref: string): string[] {
  const found = runGit(path, ['for-each-ref', '--format=%(objectname)', ref]);
  return found === '' ? [] : [found];
}

function runGit(path: string, args: readonly string[], input?: Buffer): string {
  const output = execFileSync('git', ['--git-dir', path, ...args], {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    ...(input && { input }),
  });
  return output.trim();
}
