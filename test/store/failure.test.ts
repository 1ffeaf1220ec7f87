import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { connect } from '../../reconciler/store/connection.ts';
import { createStore, openStore } from '../../reconciler/store/database.ts';
import { guarded } from '../../reconciler/store/failure.ts';
import { asAdministrator, describeOnServers } from './open.ts';

test('a server that nobody runs is unreachable, told without the password', async () => {
  const port = await unusedPort();
  const url = `postgres://plimsoll:hunter2@127.0.0.1:${port}/plimsoll`;
  const failure = await openStore({ url }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'StoreUnreachable', recovery: 'retry' });
  expect(String(failure)).toMatch(/cannot be reached \(.*ECONNREFUSED.*\); check that the server runs/);
  expect(String(failure)).not.toContain('hunter2');
});

test('a socket that is not there is an unreachable server', async () => {
  const address = { socket: '/nonexistent/.s.PGSQL.5432', user: 'plimsoll', database: 'postgres' };
  await expect(openStore(address)).rejects.toMatchObject({ code: 'StoreUnreachable' });
});

test('a server that accepts and hangs up is unreachable, and is not dialled without a pause', async () => {
  let dialled = 0;
  await using server = await listen((socket) => {
    dialled += 1;
    socket.destroy();
  });
  const sql = connect({ url: `postgres://x@127.0.0.1:${server.port}/x` });
  const asking = guarded({ ask: () => sql`select 1` }, 1_000);
  await expect(asking.ask()).rejects.toMatchObject({ code: 'StoreUnreachable' });
  await sql.end({ timeout: 0 });
  expect(dialled).toBeGreaterThan(1);
  expect(dialled).toBeLessThan(12);
});

test('a server that never answers is unreachable after the deadline', async () => {
  await using server = await listen((socket) => socket.resume());
  const sql = connect({ url: `postgres://x@127.0.0.1:${server.port}/x` });
  await expect(guarded({ ask: () => sql`select 1` }, 100).ask()).rejects.toMatchObject({
    code: 'StoreUnreachable',
    message:
      'The database did not answer within 0.1 seconds; check its load and locks, the attempt is repeated by itself.',
  });
  await sql.end({ timeout: 0 });
});

describeOnServers(({ address, store, sql }, server) => {
  test('a database that is not there is a mistake in the configuration', async () => {
    if (!('socket' in address)) throw new Error('the test servers listen on sockets');
    await expect(openStore({ ...address, database: 'nowhere' })).rejects.toMatchObject({
      code: 'ConfigInvalid',
      message: expect.stringContaining('database "nowhere" does not exist'),
    });
  });

  test('a user who is not there is a mistake in the configuration', async () => {
    if (!('socket' in address)) throw new Error('the test servers listen on sockets');
    await expect(openStore({ ...address, user: 'nobody_knows' })).rejects.toMatchObject({
      code: 'ConfigInvalid',
    });
  });

  test('a connection that the server cuts fails the statement and is made anew for the next', async () => {
    const own = connect(address);
    const cut = createStore(own);
    expect(await cut.statuses()).toEqual([]);
    const pids = await own<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const sleeping = own`select pg_sleep(60)`.then(
      () => 'slept',
      (error: unknown) => error,
    );
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    expect(await sleeping).toBeInstanceOf(Error);
    expect(await cut.statuses()).toEqual([]);
    expect(await own`select pg_backend_pid() as pid`).not.toEqual(pids);
    await cut.close();
  });

  test('a read-only database is named as such', async () => {
    const own = connect(address);
    await own`set default_transaction_read_only = on`;
    const readOnly = createStore(own);
    const failures = await Promise.all(
      Array.from({ length: 20 }, () =>
        readOnly.followSources([]).then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    expect(failures).toContainEqual(
      expect.objectContaining({ code: 'StoreUnreachable', message: expect.stringContaining('read-only') }),
    );
    await readOnly.close();
  });

  test('a store that was closed can be closed again', async () => {
    const own = createStore(connect(address));
    await own.statuses();
    await own.close();
    await own.close();
    await expect(own.statuses()).rejects.toMatchObject({ code: 'StoreUnreachable' });
  });

  test('a bug is not dressed up as a failure of the world', async () => {
    const broken = { ...(await store.history({ limit: 1 })), limit: 1.5 };
    await expect(store.history(broken)).rejects.toMatchObject({ name: 'PostgresError' });
  });

  test('a server without a free connection is busy, not broken', async () => {
    const guest = `guest_${crypto.randomUUID().slice(0, 8)}`;
    await asAdministrator(server, `create role ${guest} login connection limit 0`);
    if (!('socket' in address)) throw new Error('the test servers listen on sockets');
    await expect(openStore({ ...address, user: guest })).rejects.toMatchObject({ code: 'StoreUnreachable' });
  });
});

interface Listener extends AsyncDisposable {
  readonly port: number;
}

async function listen(onConnection: Parameters<typeof createServer>[1] & {}): Promise<Listener> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = async (): Promise<void> => void (await new Promise((resolve) => server.close(resolve)));
  return { port: address.port, [Symbol.asyncDispose]: close };
}

async function unusedPort(): Promise<number> {
  await using server = await listen((socket) => socket.destroy());
  return server.port;
}
