import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { Store } from '../../reconciler/model/ports.ts';
import { connect, type Sql, type StoreAddress } from '../../reconciler/store/connection.ts';
import { createStore } from '../../reconciler/store/database.ts';
import { addressOf, templateDatabase, type TestServer } from './server.ts';

export interface TestStore {
  /** Of a database that only this test file uses. */
  readonly address: StoreAddress;
  readonly sql: Sql;
  readonly store: Store;
}

/** Declares the same tests once for each server, on a fresh copy of the migrated template. */
export function describeOnServers(declare: (opened: TestStore, server: TestServer) => void): void {
  for (const server of inject('storeServers')) {
    describe(`on ${server.name}`, () => {
      const database = `test_${randomBytes(6).toString('hex')}`;
      const address = addressOf(server, database);
      const sql = connect(address);
      beforeAll(() => asAdministrator(server, `create database ${database} template ${templateDatabase}`));
      afterAll(async () => {
        // The driver waits in vain for connections that were cut.
        await sql.end({ timeout: 1 });
        await asAdministrator(server, `drop database ${database} with (force)`);
      });
      declare({ address, sql, store: createStore(sql) }, server);
    });
  }
}

/** One statement outside every test's database. */
export async function asAdministrator(server: TestServer, statement: string): Promise<void> {
  const admin = connect(addressOf(server, 'postgres'));
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end();
  }
}
