import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSyncError } from '../../reconciler/model/error.ts';
import { startGitServer } from '../support/git-server.ts';
import { createRepository, type FileContent, type TestRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { follow, listFiles, listTree, never, pollAndRead } from './following.ts';

/** What somebody does to the repository between two looks. */
type Act =
  | { readonly kind: 'commit'; readonly files: readonly (readonly [string, FileContent])[] }
  | { readonly kind: 'force'; readonly files: readonly (readonly [string, FileContent])[] }
  | { readonly kind: 'moveBack'; readonly commit: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'restart' };

const names = ['a', 'b', 'stacks', 'web.yaml', 'é', 'x y'];
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  // A name is a file or a directory, never both in one commit.
  .map((parts) => [...parts.map((part) => `${part}.d`), `${parts.at(-1)}.f`].join('/'));
const content: fc.Arbitrary<FileContent> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 2000 }).map((size) => 'line\n'.repeat(size)) },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant({ symlink: '../../etc' }) },
  { weight: 1, arbitrary: fc.constant({ executable: '#!/bin/sh\n' }) },
  { weight: 1, arbitrary: fc.constant({ submodule: 'c'.repeat(40) }) },
);
const files = fc.uniqueArray(fc.tuple(path, content), { selector: ([name]) => name, maxLength: 5 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: files.map((files) => ({ kind: 'commit' as const, files })) },
  { weight: 2, arbitrary: files.map((files) => ({ kind: 'force' as const, files })) },
  { weight: 2, arbitrary: fc.nat({ max: 9 }).map((commit) => ({ kind: 'moveBack' as const, commit })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'nothing' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

test.each(['http', 'local'])(
  'whatever is committed, forced, moved back or deleted, over %s what is read is what git says',
  async (transport) => {
    const property = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
      const repository = createRepository();
      const commits = [repository.commit({ 'first.f': 'first\n' })];
      const server = transport === 'http' ? await startGitServer(repository.path) : null;
      const cacheDirectory = temporaryDirectory();
      const open = () => follow(server?.url ?? repository.path, { cacheDirectory });
      let source = open();
      for (const each of acts) {
        perform(repository, { act: each, commits });
        if (each.kind === 'restart') {
          await source.close();
          source = open();
        }
        await expectSame(source, repository);
      }
      await source.close();
      await server?.close();
    });
    await fc.assert(property, { numRuns: transport === 'http' ? 15 : 25, endOnFailure: true });
  },
  120_000,
);

function perform(
  repository: TestRepository,
  { act, commits }: { readonly act: Act; readonly commits: string[] },
): void {
  switch (act.kind) {
    case 'commit':
      commits.push(repository.commit(Object.fromEntries(act.files)));
      return;
    case 'force': {
      const kept = act.files.filter(([, content]) => content !== null);
      commits.push(repository.commit(Object.fromEntries(kept), { parents: [], replaceAll: true }));
      return;
    }
    case 'moveBack':
      repository.moveRef('refs/heads/main', commits[act.commit % commits.length] ?? '');
      return;
    case 'delete':
      repository.moveRef('refs/heads/keep', commits[0] ?? '');
      repository.deleteRef('refs/heads/main');
      return;
    case 'nothing':
    case 'restart':
      return;
    default:
      act satisfies never;
  }
}

/** The oracle is git: ls-tree for the listing, cat-file for the contents. */
async function expectSame(source: ReturnType<typeof follow>, repository: TestRepository): Promise<void> {
  const branch = repository.git('for-each-ref', '--format=%(objectname)', 'refs/heads/main');
  if (branch === '') {
    const failure: unknown = await source.poll(never).catch((error: unknown) => error);
    expect(isSyncError(failure, 'RefNotFound')).toBe(true);
    return;
  }
  const snapshot = await pollAndRead(source);
  expect(snapshot.commit.revision).toBe(branch);
  expect(listFiles(snapshot)).toEqual(listTree(repository, branch));
  for (const { id, kind } of snapshot.files.slice(0, 4)) {
    if (kind !== 'file') continue;
    const text = Buffer.from(await snapshot.readBlob(id)).toString('utf8');
    expect(text.trim()).toBe(repository.git('cat-file', 'blob', id));
  }
}
