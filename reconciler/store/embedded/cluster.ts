import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SyncError } from '../../model/error.ts';
import { chooseNamedAccount, giveTo, type Account } from './account.ts';
import { createTail, launch } from './launch.ts';
import { diskFull } from './place.ts';

/** The one role of an embedded server, and the database that `initdb` makes. */
export const role = 'plimsoll';
export const database = 'postgres';

/** The major version that made a data directory, or null where there is none yet. */
export function readClusterMajor(dataDirectory: string): number | null {
  const found = lstatSync(dataDirectory, { throwIfNoEntry: false });
  if (found === undefined || (found.isDirectory() && readdirSync(dataDirectory).length === 0)) return null;
  try {
    return Number.parseInt(readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8'), 10);
  } catch (cause) {
    throw new SyncError(
      'StateDirectoryUnwritable',
      `${dataDirectory} is not a database that this account can read; move it away, or run Plimsoll as the account that owns it.`,
      { data: { path: dataDirectory }, cause },
    );
  }
}

export interface ClusterUse {
  readonly dataDirectory: string;
  readonly account: Account | null;
  /** Path of `initdb`. */
  readonly initdb: string;
}

/** Makes an empty database cluster, whole or not at all. Half a second. */
export async function createCluster({ dataDirectory, account, initdb }: ClusterUse): Promise<void> {
  const parent = dirname(dataDirectory);
  removeUnfinished(parent);
  const unfinished = mkdtempSync(join(parent, unfinishedPrefix));
  chmodSync(unfinished, 0o700);
  await runInitdb(initdb, unfinished, account);
  if (account !== null) giveTo(unfinished, account);
  renameSync(unfinished, dataDirectory);
  syncDirectory(parent);
}

const unfinishedPrefix = 'postgres.unfinished-';

function removeUnfinished(parent: string): void {
  for (const name of readdirSync(parent).filter((name) => name.startsWith(unfinishedPrefix))) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/**
 * "C" sorts by code unit, as the program does. Who can open the socket is decided by the directory's permissions. The
 * log of a store this small needs no 16 MB segments.
 */
const initdbArguments = [
  `--username=${role}`,
  '--auth=trust',
  '--encoding=UTF8',
  '--locale=C',
  '--data-checksums',
  '--wal-segsize=4',
  '--no-instructions',
];

async function runInitdb(initdb: string, directory: string, account: Account | null): Promise<void> {
  const named = chooseNamedAccount(account);
  if (named !== null) chownSync(directory, named.uid, named.gid);
  const tail = createTail();
  const { child, lines } = launch(initdb, initdbArguments, { directory, account: named });
  lines.on('line', tail.add);
  const [code] = await once(child, 'close');
  if (code === 0) return;
  rmSync(directory, { recursive: true, force: true });
  throw initdbFailure(dirname(directory), tail.text());
}

function initdbFailure(stateDirectory: string, words: string): SyncError {
  if (words.includes('No space left on device')) return diskFull(stateDirectory, words);
  const remedy = words.includes('could not look up effective user ID')
    ? 'Give this account a name in /etc/passwd, as a container run with --user lacks one, run Plimsoll as another user'
    : 'Mend that';
  return new SyncError(
    'ConfigInvalid',
    `The embedded database could not be made in ${stateDirectory}. ${remedy}, or name a database server in PLIMSOLL_DATABASE_URL. initdb said:\n${words}`,
    { data: { stateDirectory } },
  );
}

/** The rename itself must survive a power failure. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function otherMajor(dataDirectory: string, major: number): SyncError {
  return new SyncError(
    'StoreVersionMismatch',
    `The database in ${dataDirectory} was made by PostgreSQL ${major}, which is not on this machine. Nothing was changed. ` +
      `Install PostgreSQL ${major}: it is found on the PATH and used as it is. Or carry the data over to a newer one:\n` +
      `  1. postgres -D ${dataDirectory} -k ${dataDirectory} -c listen_addresses=    (of version ${major}, as the directory's owner)\n` +
      `  2. pg_dump -h ${dataDirectory} -U ${role} -n plimsoll ${database} > plimsoll.sql, then stop that server\n` +
      `  3. mv ${dataDirectory} ${dataDirectory}.${major}, and start Plimsoll: it makes an empty database\n` +
      `  4. psql -h ${dataDirectory} -U ${role} -c 'drop schema plimsoll cascade' -f plimsoll.sql ${database}, and restart Plimsoll`,
    { data: { dataDirectory, major } },
  );
}
