import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../reconciler/store/connection.ts';
import { openStore } from '../../reconciler/store/database.ts';
import { findBundled, findOnMachine } from '../../reconciler/store/embedded/programs.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { freshStack, sampleBegin } from './samples.ts';
import { addressOf, startTestServer } from './server.ts';

const directory = temporaryDirectory();
const port = await unusedPort();
const url = (password: string): string => `postgres://shop_admin:${password}@127.0.0.1:${port}/shop`;
let server = await start();

async function start(): ReturnType<typeof startTestServer> {
  const programs = (await findOnMachine('')) ?? findBundled();
  if (programs === null) throw new Error('no Postgres to be named by a URL');
  return startTestServer(programs, directory, port);
}

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** As an operator would: a role with a password, which owns a database. */
beforeAll(async () => {
  const admin = connect(addressOf(server.server, 'postgres'));
  await admin.unsafe(`create role shop_admin login password 's3cret/@:'`);
  await admin.unsafe('create database shop owner shop_admin');
  const rules = join(directory, 'data', 'pg_hba.conf');
  const others = readFileSync(rules, 'utf8').replaceAll(/^host.*$/gm, '');
  writeFileSync(rules, others);
  appendFileSync(rules, 'host all all 127.0.0.1/32 scram-sha-256\n');
  await admin`select pg_reload_conf()`;
  await until('a wrong password was refused', () => refusal('wrong').then((failure) => failure !== null));
  await admin.end();
});

afterAll(() => server.stop());

async function refusal(password: string): Promise<unknown> {
  const sql = connect({ url: url(encodeURIComponent(password)) });
  try {
    await sql`select 1`;
    return null;
  } catch (error) {
    return error;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

test('a server that is named by a URL is migrated and used, as the owner of one database and nothing more', async () => {
  const store = await openStore({ url: url(encodeURIComponent('s3cret/@:')) });
  const id = await store.beginSync(sampleBegin(freshStack()));
  expect(await store.sync(id)).toMatchObject({ id });
  await store.close();
});

test('a wrong password is a mistake in the configuration, and is not repeated in the message', async () => {
  const failure = await openStore({ url: url('hunter2') }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'ConfigInvalid', recovery: 'stop' });
  expect(String(failure)).toContain('password authentication failed for user "shop_admin"');
  expect(String(failure)).not.toContain('hunter2');
});

test('a server that is away for a while is used again when it is back', async () => {
  const store = await openStore({ url: url(encodeURIComponent('s3cret/@:')) });
  const id = await store.beginSync(sampleBegin(freshStack()));
  await server.stop();
  await expect(store.sync(id)).rejects.toMatchObject({ code: 'StoreUnreachable' });
  server = await start();
  await until('the store answered again', () =>
    store.sync(id).then(
      (sync) => sync?.id === id,
      () => false,
    ),
  );
  await store.close();
});
