import { readdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { connect, type Sql } from '../../reconciler/store/connection.ts';
import { openStore } from '../../reconciler/store/database.ts';
import { migrate } from '../../reconciler/store/migrate.ts';
import { asAdministrator, describeOnServers } from './open.ts';
import { addressOf, type TestServer } from './server.ts';

const migrations = readdirSync(new URL('../../reconciler/store/sql/', import.meta.url));
const opened: Sql[] = [];

afterAll(() => Promise.all(opened.splice(0).map((sql) => sql.end())));

async function emptyDatabase(server: TestServer, options = ''): Promise<string> {
  const database = `empty_${randomBytes(6).toString('hex')}`;
  await asAdministrator(server, `create database ${database} ${options}`);
  return database;
}

function open(server: TestServer, database: string): Sql {
  const sql = connect(addressOf(server, database));
  opened.push(sql);
  return sql;
}

describeOnServers(({ sql: migrated, address }, server) => {
  test('twenty programs that migrate an empty database at once all succeed, and each migration runs once', async () => {
    const database = await emptyDatabase(server);
    const programs = Array.from({ length: 20 }, () => open(server, database));
    await Promise.all(programs.map((sql) => migrate(sql)));
    const rows = await programs[0]!`select number, name from plimsoll.migrations order by number`;
    expect(rows.map(({ name }) => String(name))).toEqual(migrations);
  });

  test('a database that is up to date is left alone', async () => {
    const before = await migrated`select * from plimsoll.migrations`;
    await migrate(migrated);
    expect(await migrated`select * from plimsoll.migrations`).toEqual(before);
  });

  test('a database of a newer program is refused, untouched, with what to do', async () => {
    const database = await emptyDatabase(server);
    const sql = open(server, database);
    await migrate(sql);
    await sql`insert into plimsoll.migrations (number, name) values (9000, '9000_of_the_future.sql')`;
    await sql`drop table plimsoll.contents`;
    await expect(openStore(addressOf(server, database))).rejects.toMatchObject({
      code: 'StoreVersionMismatch',
      message: `The database was written by a newer Plimsoll (its tables are at version 9000, this program knows ${migrations.length}); run that version or a later one, or restore a backup from before the upgrade.`,
    });
    expect(await sql`select to_regclass('plimsoll.contents') as contents`).toEqual([{ contents: null }]);
  });

  test('a migration that fails leaves nothing behind, and the next attempt begins anew', async () => {
    const database = await emptyDatabase(server);
    const sql = open(server, database);
    await sql.unsafe('create schema plimsoll; create table plimsoll.contents (other integer)');
    await expect(migrate(sql)).rejects.toThrow('already exists');
    expect(await sql`select to_regclass('plimsoll.migrations') as migrations`).toEqual([
      { migrations: null },
    ]);
    await sql`drop table plimsoll.contents`;
    await migrate(sql);
    expect(await sql`select count(*) from plimsoll.migrations`).toEqual([{ count: migrations.length }]);
  });

  test('a database in another encoding than UTF8 is refused', async () => {
    const database = await emptyDatabase(server, "encoding 'LATIN1' locale 'C' template template0");
    await expect(openStore(addressOf(server, database))).rejects.toMatchObject({
      code: 'ConfigInvalid',
      data: { encoding: 'LATIN1' },
    });
  });

  test('a user who may not create a schema is told so', async () => {
    const database = await emptyDatabase(server);
    await asAdministrator(server, `create role guest_${database} login`);
    if (!('socket' in address)) throw new Error('the test servers listen on sockets');
    const guest = { ...address, database, user: `guest_${database}` };
    await expect(openStore(guest)).rejects.toMatchObject({
      code: 'ConfigInvalid',
      message: expect.stringContaining('may create a schema'),
    });
  });
});
