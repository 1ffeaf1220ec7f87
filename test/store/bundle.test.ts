import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { canUse, type Account } from '../../reconciler/store/embedded/account.ts';
import { makeRunnable } from '../../reconciler/store/embedded/bundle.ts';
import { findBundled, type Programs } from '../../reconciler/store/embedded/programs.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const isRoot = process.getuid?.() === 0;
const stranger: Account = { uid: 60_923, gid: 60_923 };

/** The bundle as npm unpacks it where it runs no install scripts: without a single link. */
function unpackedBundle(directory: string): Programs {
  const found = findBundled();
  if (found === null || found.bundle === null) throw new Error('no package brings Postgres for this machine');
  const bundle = join(directory, 'package', 'native');
  cpSync(found.bundle, bundle, { recursive: true, verbatimSymlinks: true });
  cpSync(join(dirname(found.bundle), 'package.json'), join(directory, 'package', 'package.json'));
  for (const path of linksIn(bundle)) rmSync(path);
  return { ...found, bundle, folder: join(bundle, 'bin') };
}

function linksIn(bundle: string): readonly string[] {
  const library = join(bundle, 'lib');
  return readdirSync(library)
    .map((name) => join(library, name))
    .filter((path) => lstatSync(path).isSymbolicLink());
}

function versionSaidBy(programs: Programs, account?: Account): string {
  return execFileSync(join(programs.folder, 'postgres'), ['--version'], {
    encoding: 'utf8',
    cwd: '/',
    stdio: 'pipe',
    ...account,
  });
}

test('links of the libraries that npm did not restore are restored in place', () => {
  const unpacked = unpackedBundle(temporaryDirectory());
  expect(() => versionSaidBy(unpacked)).toThrow();
  const runnable = makeRunnable(unpacked, { account: null, stateDirectory: temporaryDirectory() });
  expect(runnable).toEqual(unpacked);
  expect(versionSaidBy(runnable)).toContain(`(PostgreSQL) ${unpacked.major}`);
});

test.runIf(isRoot)('programs that the account cannot reach are copied, once, to where it can', () => {
  const unpacked = unpackedBundle(temporaryDirectory());
  chmodSync(join(unpacked.folder, 'postgres'), 0o700);
  const stateDirectory = temporaryDirectory();
  chmodSync(stateDirectory, 0o711);
  const first = makeRunnable(unpacked, { account: stranger, stateDirectory });
  expect(first.folder.startsWith(stateDirectory)).toBe(true);
  expect(versionSaidBy(first, stranger)).toContain(`(PostgreSQL) ${unpacked.major}`);
  expect(readdirSync(stateDirectory)).toHaveLength(1);
  const { ino } = statSync(first.folder);
  expect(makeRunnable(unpacked, { account: stranger, stateDirectory })).toEqual(first);
  expect(statSync(first.folder).ino).toBe(ino);
});

test.runIf(isRoot)(
  'whether an account can use a file is read from the file and every directory above it',
  () => {
    const directory = temporaryDirectory();
    const inner = join(directory, 'inner');
    mkdirSync(inner);
    chmodSync(inner, 0o755);
    expect(canUse(inner, stranger)).toBe(false);
    chmodSync(directory, 0o711);
    expect(canUse(inner, stranger)).toBe(true);
    chmodSync(inner, 0o745);
    expect(canUse(inner, stranger)).toBe(true);
    expect(canUse(inner, { uid: 60_923, gid: 0 })).toBe(false);
    chmodSync(inner, 0o710);
    expect(canUse(inner, stranger)).toBe(false);
    expect(canUse(inner, { uid: 60_923, gid: 0 })).toBe(true);
    expect(canUse(inner, null)).toBe(true);
  },
);
