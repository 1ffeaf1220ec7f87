import { readFileSync, readdirSync } from 'node:fs';
import { SyncError } from '../model/error.ts';
import type { Sql, Statements } from './connection.ts';
import { inTransaction } from './transaction.ts';

const folder = new URL('./sql/', import.meta.url);
const oldestServer = 140_000;
/** Held while migrating; the number is "plimsoll" in our own keeping and means nothing to others. */
const migrationLock = 7_046_721_153;

/**
 * Brings the schema `plimsoll` up to the newest migration. Any number of programs may do this at once: one migrates,
 * the others wait and find the work done. A database that a newer program has migrated is refused untouched.
 */
export async function migrate(sql: Sql): Promise<void> {
  const known = readMigrations();
  const newest = known.at(-1)?.number ?? 0;
  if ((await appliedNumber(sql)) === newest) return;
  await refuseUnsuitableServer(sql);
  await inTransaction(sql, async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${migrationLock})`;
    await transaction`create schema if not exists plimsoll`;
    await createVersionTable(transaction);
    const applied = await appliedNumber(transaction);
    if (applied > newest) throw newerDatabase(applied, newest);
    for (const migration of known.filter(({ number }) => number > applied))
      await apply(transaction, migration);
  });
}

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: string;
}

/** The files `sql/0001_name.sql`, in order and without a gap. */
function readMigrations(): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name, index) => {
    const number = Number(name.slice(0, 4));
    if (number !== index + 1) throw new Error(`migration ${name} should have number ${index + 1}`);
    return { number, name, statements: readFileSync(new URL(name, folder), 'utf8') };
  });
}

/** The newest migration that the database has; 0 for a database that we never saw. */
async function appliedNumber(sql: Statements): Promise<number> {
  const [table] = await sql<{ exists: boolean }[]>`
    select to_regclass('plimsoll.migrations') is not null as exists`;
  if (table?.exists !== true) return 0;
  const [row] = await sql<{ number: number | null }[]>`
    select max(number) as number from plimsoll.migrations`;
  return row?.number ?? 0;
}

async function refuseUnsuitableServer(sql: Sql): Promise<void> {
  const [server] = await sql<{ number: number; version: string; encoding: string }[]>`
    select current_setting('server_version_num')::integer as number,
           current_setting('server_version') as version,
           current_setting('server_encoding') as encoding`;
  if (server === undefined) return;
  const { number, version, encoding } = server;
  if (number < oldestServer) {
    throw new SyncError(
      'StoreVersionMismatch',
      `The database server is PostgreSQL ${version}; Plimsoll needs 14 or later. Upgrade it or name another.`,
      { data: { version } },
    );
  }
  if (encoding !== 'UTF8') {
    throw new SyncError(
      'ConfigInvalid',
      `The database has the encoding ${encoding}; Plimsoll needs UTF8. Make it with \`create database … encoding 'UTF8' template template0\`.`,
      { data: { encoding } },
    );
  }
}

async function createVersionTable(sql: Statements): Promise<void> {
  await sql`
    create table if not exists plimsoll.migrations (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`;
}

/** The version row comes first: even without the lock a second migrator would wait at it and then fail. */
async function apply(sql: Statements, { number, name, statements }: Migration): Promise<void> {
  await sql`insert into plimsoll.migrations (number, name) values (${number}, ${name})`;
  await sql.unsafe(statements);
}

function newerDatabase(applied: number, newest: number): SyncError {
  return new SyncError(
    'StoreVersionMismatch',
    `The database was written by a newer Plimsoll (its tables are at version ${applied}, this program knows ${newest}); ` +
      'run that version or a later one, or restore a backup from before the upgrade.',
    { data: { database: applied, program: newest } },
  );
}
