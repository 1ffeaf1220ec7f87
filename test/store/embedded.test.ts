import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SyncError } from '../../reconciler/model/error.ts';
import { connect, type Sql } from '../../reconciler/store/connection.ts';
import { openStore } from '../../reconciler/store/database.ts';
import { hasEmbeddedStore, startEmbeddedStore } from '../../reconciler/store/embedded.ts';
import { createCluster } from '../../reconciler/store/embedded/cluster.ts';
import { canUse, chooseAccount } from '../../reconciler/store/embedded/account.ts';
import { findBundled, findOnMachine, findPrograms } from '../../reconciler/store/embedded/programs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { madeStateDirectory } from './made.ts';
import { isRunning, processGroupOf, startDaemon, stopDaemon, userOf } from './processes.ts';
import { freshStack, sampleBegin } from './samples.ts';

const isRoot = process.getuid?.() === 0;

async function settingOf(sql: Sql, setting: string): Promise<string> {
  const [row] = await sql<{ value: string }[]>`select current_setting(${setting}) as value`;
  return row?.value ?? '';
}

test('a state directory has no store until one was started in it', async () => {
  const stateDirectory = join(temporaryDirectory(), 'state');
  expect(hasEmbeddedStore(stateDirectory)).toBe(false);
  const embedded = await startEmbeddedStore({ stateDirectory });
  await embedded.stop();
  expect(hasEmbeddedStore(stateDirectory)).toBe(true);
});

test('what was written before a stop is there after the next start', async () => {
  const stateDirectory = temporaryDirectory();
  const stack = freshStack();
  const first = await startEmbeddedStore({ stateDirectory });
  const before = await openStore(first.address);
  const id = await before.beginSync(sampleBegin(stack));
  await before.close();
  await first.stop();
  const second = await startEmbeddedStore({ stateDirectory });
  const after = await openStore(second.address);
  expect(await after.sync(id)).toMatchObject({ id, stack });
  await after.close();
  await second.stop();
});

test('the server listens on no network, and only its owner can reach its files and its socket', async () => {
  const stateDirectory = madeStateDirectory();
  const embedded = await startEmbeddedStore({ stateDirectory });
  const sql = connect(embedded.address);
  expect(await settingOf(sql, 'listen_addresses')).toBe('');
  expect(await settingOf(sql, 'fsync')).toBe('on');
  expect(await settingOf(sql, 'data_checksums')).toBe('on');
  expect(statSync(join(stateDirectory, 'postgres')).mode & 0o777).toBe(0o700);
  expect(statSync(join(stateDirectory, 'postgres', '.s.PGSQL.5432')).mode & 0o777).toBe(0o700);
  await sql.end();
  await embedded.stop();
});

test('Ctrl-C in our terminal does not reach the server before we stop it in order', async () => {
  const embedded = await startEmbeddedStore({ stateDirectory: madeStateDirectory() });
  expect(processGroupOf(embedded.processId)).not.toBe(processGroupOf(process.pid));
  await embedded.stop();
});

test('a stop ends the server, leaves no socket and can be asked for again', async () => {
  const stateDirectory = madeStateDirectory();
  const embedded = await startEmbeddedStore({ stateDirectory });
  await Promise.all([embedded.stop(), embedded.stop()]);
  await embedded.stop();
  expect(isRunning(embedded.processId)).toBe(false);
  expect(readdirSync(stateDirectory)).toEqual(['postgres']);
  expect(readdirSync(join(stateDirectory, 'postgres'))).not.toContain('.s.PGSQL.5432');
});

test('a state directory may be deeper than the path of a socket can be long', async () => {
  const stateDirectory = join(temporaryDirectory(), 'deep'.repeat(30), 'deeper'.repeat(30));
  const embedded = await startEmbeddedStore({ stateDirectory });
  const store = await openStore(embedded.address);
  expect(await store.statuses()).toEqual([]);
  await expect(startEmbeddedStore({ stateDirectory })).rejects.toMatchObject({ code: 'StoreLocked' });
  await store.close();
  await embedded.stop();
});

test('a state directory with blanks, quotes and letters of any alphabet in its name will do', async () => {
  const stateDirectory = join(temporaryDirectory(), `it's "my" $HOME; état 🚢`);
  const embedded = await startEmbeddedStore({ stateDirectory });
  const store = await openStore(embedded.address);
  expect(await store.statuses()).toEqual([]);
  await store.close();
  await embedded.stop();
});

test.runIf(isRoot)(
  'below a directory that only root may enter, the server is not root, and the way stays closed',
  async () => {
    const closed = join(temporaryDirectory(), 'root-only');
    mkdirSync(closed, { mode: 0o700 });
    const stateDirectory = join(closed, 'state');
    const embedded = await startEmbeddedStore({ stateDirectory });
    const user = userOf(embedded.processId);
    expect(user).not.toBe(0);
    expect(user).not.toBe(65_534);
    for (const directory of [closed, stateDirectory]) {
      expect(statSync(directory)).toMatchObject({ uid: 0, mode: 0o40700 });
    }
    expect(statSync(join(stateDirectory, 'postgres')).uid).toBe(user);
    await embedded.stop();
  },
);

test.runIf(isRoot)(
  'a data directory that was copied back as root is given to the account again',
  async () => {
    const stateDirectory = madeStateDirectory();
    const data = join(stateDirectory, 'postgres');
    chmodSync(data, 0o755);
    expect(statSync(data).uid).toBe(0);
    const embedded = await startEmbeddedStore({ stateDirectory });
    expect(statSync(data)).toMatchObject({ uid: userOf(embedded.processId), mode: 0o40700 });
    expect(statSync(data).uid).not.toBe(0);
    await embedded.stop();
  },
);

test.runIf(isRoot)('a data directory that another account made is opened under that account', async () => {
  const stateDirectory = madeStateDirectory();
  execFileSync('chown', ['-R', '12345:12345', join(stateDirectory, 'postgres')]);
  const embedded = await startEmbeddedStore({ stateDirectory });
  expect(userOf(embedded.processId)).toBe(12_345);
  await embedded.stop();
});

/** Where only root may enter the checkout, nobody else can run the program; an ordinary user's own run covers this. */
const nobody = 65_534;
const canDrop = isRoot && canUse(import.meta.dirname, { uid: nobody, gid: nobody });

test.runIf(canDrop)('as an ordinary user, the server runs under that very account', async () => {
  const stateDirectory = temporaryDirectory();
  chownSync(stateDirectory, nobody, nobody);
  const daemon = await startDaemon(stateDirectory, { uid: nobody });
  expect(userOf(daemon.server)).toBe(nobody);
  await stopDaemon(daemon);
});

test.runIf(canDrop)('an account without a name is told how to get one', async () => {
  const stateDirectory = temporaryDirectory();
  chownSync(stateDirectory, 12_345, 12_345);
  await expect(startDaemon(stateDirectory, { uid: 12_345 })).rejects.toMatchObject({
    code: 'ConfigInvalid',
    message: expect.stringContaining('Give this account a name in /etc/passwd'),
  });
  expect(readdirSync(stateDirectory).filter((name) => name.startsWith('postgres'))).toEqual([]);
});

test.runIf(canDrop)('a data directory of another account is refused', async () => {
  const stateDirectory = madeStateDirectory();
  chownSync(stateDirectory, nobody, nobody);
  await expect(startDaemon(stateDirectory, { uid: nobody })).rejects.toMatchObject({
    code: 'StateDirectoryUnwritable',
    message: expect.stringContaining('EACCES'),
  });
});

test('a data directory of a version that this machine lacks is refused untouched, with the way to carry it over', async () => {
  const stateDirectory = madeStateDirectory();
  const data = join(stateDirectory, 'postgres');
  writeFileSync(join(data, 'PG_VERSION'), '13\n');
  const before = readdirSync(data);
  const failure = await startEmbeddedStore({ stateDirectory }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'StoreVersionMismatch', data: { major: 13 } });
  expect(String(failure)).toContain(
    'was made by PostgreSQL 13, which is not on this machine. Nothing was changed.',
  );
  expect(String(failure)).toContain(`pg_dump -h ${data} -U plimsoll -n plimsoll postgres > plimsoll.sql`);
  expect(readdirSync(data)).toEqual(before);
  expect(readFileSync(join(data, 'PG_VERSION'), 'utf8')).toBe('13\n');
});

/** Of another version than the bundled one, where that is not all there is. */
const other = await findOnMachine('');
const isOther = other !== null && other.major !== findBundled()?.major;

test.runIf(isOther)('a data directory is opened by the version that made it', async () => {
  if (other === null) throw new Error('unreachable');
  const stateDirectory = temporaryDirectory();
  const dataDirectory = join(stateDirectory, 'postgres');
  await createCluster({
    dataDirectory,
    account: chooseAccount(dataDirectory),
    initdb: join(other.folder, 'initdb'),
  });
  const embedded = await startEmbeddedStore({ stateDirectory });
  const sql = connect(embedded.address);
  expect(Number.parseInt(await settingOf(sql, 'server_version'), 10)).toBe(other.major);
  await sql.end();
  await embedded.stop();
});

test('programs of a version that nobody has are not found', async () => {
  expect(await findPrograms({ major: 9, searchPath: '/usr/bin:relative:/nonexistent' })).toBeNull();
});

test('a folder that is no database is left as it is', async () => {
  const stateDirectory = temporaryDirectory();
  mkdirSync(join(stateDirectory, 'postgres'));
  writeFileSync(join(stateDirectory, 'postgres', 'notes.txt'), 'mine');
  await expect(startEmbeddedStore({ stateDirectory })).rejects.toMatchObject({
    code: 'StateDirectoryUnwritable',
    message: expect.stringContaining('is not a database that this account can read; move it away'),
  });
  expect(readdirSync(join(stateDirectory, 'postgres'))).toEqual(['notes.txt']);
  expect(readdirSync(stateDirectory)).toEqual(['postgres']);
});

test('an empty folder, such as a fresh volume, becomes the database', async () => {
  const stateDirectory = temporaryDirectory();
  mkdirSync(join(stateDirectory, 'postgres'));
  await (await startEmbeddedStore({ stateDirectory })).stop();
  expect(existsSync(join(stateDirectory, 'postgres', 'PG_VERSION'))).toBe(true);
});

test('what an interrupted first start left behind is cleared away', async () => {
  const stateDirectory = temporaryDirectory();
  mkdirSync(join(stateDirectory, 'postgres.unfinished-abc123'));
  writeFileSync(join(stateDirectory, 'postgres.unfinished-abc123', 'PG_VERSION'), '18\n');
  await (await startEmbeddedStore({ stateDirectory })).stop();
  expect(readdirSync(stateDirectory)).toEqual(['postgres']);
});

test('a state directory that cannot be made or written is named, with what to do', async () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  for (const stateDirectory of ['/sys/plimsoll', join(file, 'state'), file]) {
    await expect(startEmbeddedStore({ stateDirectory })).rejects.toMatchObject({
      code: 'StateDirectoryUnwritable',
      message: expect.stringMatching(
        /^The state directory cannot be used \(.*\); make .* writable for this account/,
      ),
    });
  }
});

test.runIf(isRoot)('a read-only state directory is named, with what to do', async () => {
  await using mounted = mountMemory('ro');
  await expect(startEmbeddedStore({ stateDirectory: mounted.path })).rejects.toMatchObject({
    code: 'StateDirectoryUnwritable',
    message: expect.stringContaining('EROFS'),
  });
});

test.runIf(isRoot)(
  'a disk that is too small for the first start is told as full, and nothing is left on it',
  async () => {
    await using mounted = mountMemory('size=8m');
    await expect(startEmbeddedStore({ stateDirectory: mounted.path })).rejects.toMatchObject({
      code: 'DiskFull',
      message: expect.stringContaining('free space there and start again, nothing is lost'),
    });
    expect(readdirSync(mounted.path)).toEqual([]);
  },
);

test.runIf(isRoot)(
  'a disk that fills up fails the statement as full, and the store goes on once there is room',
  async () => {
    await using mounted = mountMemory('size=120m');
    const failures: SyncError[] = [];
    const embedded = await startEmbeddedStore({
      stateDirectory: mounted.path,
      onFailure: (error) => failures.push(error),
    });
    const store = await openStore(embedded.address);
    await store.recordContents(new Map([['sha256:small', Uint8Array.of(1)]]));
    const filler = join(mounted.path, 'filler');
    const { bavail, bsize } = await import('node:fs').then(({ statfsSync }) => statfsSync(mounted.path));
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 65_536));
    const noise = crypto.getRandomValues(new Uint8Array(65_536));
    const large = Uint8Array.from(
      { length: 4_000_000 },
      (_, index) => noise[(index * 31) % noise.length]! ^ (index >> 7),
    );
    await expect(store.recordContents(new Map([['sha256:large', large]]))).rejects.toMatchObject({
      code: 'DiskFull',
    });
    writeFileSync(filler, '');
    await store.recordContents(new Map([['sha256:large', large]]));
    expect([...(await store.contents(['sha256:small', 'sha256:large'])).keys()].sort()).toEqual([
      'sha256:large',
      'sha256:small',
    ]);
    expect(failures).toEqual([]);
    await store.close();
    await embedded.stop();
  },
);

interface Mounted extends AsyncDisposable {
  readonly path: string;
}

function mountMemory(options: string): Mounted {
  const path = temporaryDirectory();
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', options, 'plimsoll-test', path]);
  return {
    path,
    [Symbol.asyncDispose]: () => {
      execFileSync('/bin/umount', [path]);
      return Promise.resolve();
    },
  };
}
