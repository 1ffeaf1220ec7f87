import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Sql } from '../../reconciler/store/connection.ts';
import { findBundled, findOnMachine } from '../../reconciler/store/embedded/programs.ts';
import { addressOf, startTestServer } from '../store/server.ts';
import { freePort } from './free-port.ts';

export interface TestDatabase {
  readonly url: string;
  /** For looking into it. */
  readonly sql: Sql;
  /** Every connection is lost, and the server recovers from its log. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const database = 'several';

/** A Postgres server as operators have one: named by a URL, and used by several programs. */
export async function startDatabase(directory: string): Promise<TestDatabase> {
  const programs = (await findOnMachine('')) ?? findBundled();
  if (programs === null) throw new Error('no Postgres to be named by a URL');
  const port = await freePort();
  let started = await startTestServer(programs, directory, port);
  const admin = connect(addressOf(started.server, 'postgres'));
  await admin.unsafe(`create role operator login password 'operator'`);
  await admin.unsafe(`create database ${database} owner operator`);
  writeFileSync(
    join(directory, 'data', 'pg_hba.conf'),
    'local all all trust\nhost all all 127.0.0.1/32 trust\n',
  );
  await admin`select pg_reload_conf()`;
  await admin.end();
  const sql = connect(addressOf(started.server, database));
  return {
    url: `postgres://operator:operator@127.0.0.1:${port}/${database}`,
    sql,
    async restart() {
      await started.stop();
      started = await startTestServer(programs, directory, port);
    },
    async close() {
      await sql.end({ timeout: 0 });
      await started.stop();
    },
  };
}
