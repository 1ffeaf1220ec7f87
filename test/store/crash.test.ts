import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSyncError, type SyncError } from '../../reconciler/model/error.ts';
import { openStore } from '../../reconciler/store/database.ts';
import { startEmbeddedStore } from '../../reconciler/store/embedded.ts';
import { connect } from '../../reconciler/store/connection.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { madeStateDirectory } from './made.ts';
import { until } from '../support/until.ts';
import { isRunning, killHard, processesEndingWith, startDaemon, stopDaemon } from './processes.ts';
import { freshStack, sampleBegin } from './samples.ts';

test('the server of a daemon that was killed ends by itself, and the next start finds everything', async () => {
  const stateDirectory = madeStateDirectory();
  const daemon = await startDaemon(stateDirectory);
  await killHard(daemon.child);
  await until('the watchdog stopped the server', () => !isRunning(daemon.server));
  const embedded = await startEmbeddedStore({ stateDirectory });
  const store = await openStore(embedded.address);
  expect(await store.statuses()).toEqual([]);
  await store.close();
  await embedded.stop();
});

test('a server whose daemon and watchdog were both killed is ended by the next start', async () => {
  const stateDirectory = madeStateDirectory();
  const daemon = await startDaemon(stateDirectory);
  const watchdogs = processesEndingWith(`kill -INT "$0" ${daemon.server}`);
  expect(watchdogs).toHaveLength(1);
  for (const watchdog of watchdogs) process.kill(watchdog, 'SIGKILL');
  await killHard(daemon.child);
  expect(isRunning(daemon.server)).toBe(true);
  const embedded = await startEmbeddedStore({ stateDirectory });
  expect(isRunning(daemon.server)).toBe(false);
  expect(embedded.processId).not.toBe(daemon.server);
  await embedded.stop();
});

test('a next start that comes while the watchdog is still at work gets the store too', async () => {
  const stateDirectory = madeStateDirectory();
  for (let round = 0; round < 3; round++) {
    const daemon = await startDaemon(stateDirectory);
    await killHard(daemon.child);
    const embedded = await startEmbeddedStore({ stateDirectory });
    const store = await openStore(embedded.address);
    expect(await store.statuses()).toEqual([]);
    await store.close();
    await embedded.stop();
  }
});

test('a daemon that comes to its end without a stop takes its server along', async () => {
  const { child, server } = await startDaemon(madeStateDirectory(), { ending: 'forget' });
  await until('the daemon ended', () => child.exitCode !== null);
  await until('the server ended', () => !isRunning(server));
});

test('a process id that now belongs to somebody else does not keep the server from starting', async () => {
  const stateDirectory = madeStateDirectory();
  const first = await startEmbeddedStore({ stateDirectory });
  process.kill(first.processId, 'SIGKILL');
  await until('the server was gone', () => !isRunning(first.processId));
  await first.stop();
  writeFileSync(
    join(stateDirectory, 'postgres', 'postmaster.pid'),
    `${process.pid}\n/elsewhere\n1\n5432\n.\n\n`,
  );
  const embedded = await startEmbeddedStore({ stateDirectory });
  expect(isRunning(embedded.processId)).toBe(true);
  await embedded.stop();
});

test('a server that is killed in the middle of writes loses no row that was acknowledged', async () => {
  const stateDirectory = madeStateDirectory();
  const acknowledged = new Map<string, Set<number>>();
  for (let round = 0; round < 3; round++) {
    const troubles: SyncError[] = [];
    const embedded = await startEmbeddedStore({ stateDirectory, onTrouble: (error) => troubles.push(error) });
    const store = await openStore(embedded.address);
    await expectAll(store, acknowledged);
    const ids = await Promise.all(
      Array.from({ length: 6 }, () => store.beginSync(sampleBegin(freshStack(`r${round}`)))),
    );
    let writes = 0;
    const writer = async (id: string): Promise<void> => {
      const written = new Set<number>();
      acknowledged.set(id, written);
      for (let at = 1; ; at++) {
        await store.recordEvent(id, { kind: 'stepProgress', at, step: 'x', message: 'x'.repeat(at % 500) });
        written.add(at);
        writes += 1;
        if (writes === 400 + round) process.kill(embedded.processId, 'SIGKILL');
      }
    };
    const ends = await Promise.allSettled(ids.map(writer));
    for (const end of ends) {
      expect(
        end.status === 'rejected' && isSyncError(end.reason, 'StoreUnreachable'),
        JSON.stringify(end),
      ).toBe(true);
    }
    await until('the failure was told', () => troubles.length > 0);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatchObject({
      code: 'StoreUnreachable',
      message: expect.stringContaining('ended by itself, SIGKILL'),
    });
    await store.close();
    await embedded.stop();
  }
  const embedded = await startEmbeddedStore({ stateDirectory });
  const store = await openStore(embedded.address);
  await expectAll(store, acknowledged);
  await store.close();
  await embedded.stop();
});

async function expectAll(
  store: Awaited<ReturnType<typeof openStore>>,
  acknowledged: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<void> {
  for (const [id, written] of acknowledged) {
    const found = new Set((await store.events(id)).map(({ at }) => at));
    expect([...written].filter((at) => !found.has(at))).toEqual([]);
  }
}

test('a server that is killed is started again, and what is asked meanwhile is answered by the next one', async () => {
  const told: string[] = [];
  const embedded = await startEmbeddedStore({
    stateDirectory: madeStateDirectory(),
    onTrouble: ({ message }) => told.push(message.split('.')[0] ?? ''),
    onRecovery: (message) => told.push(message),
    onFailure: ({ message }) => told.push(message),
  });
  const store = await openStore(embedded.address);
  const id = await store.beginSync(sampleBegin(freshStack()));
  const first = embedded.processId;
  process.kill(first, 'SIGKILL');
  await until('the death was told', () => told.length > 0);
  expect(await store.sync(id)).toMatchObject({ id });
  expect(embedded.processId).not.toBe(first);
  expect(isRunning(embedded.processId)).toBe(true);
  expect(told).toEqual([
    expect.stringMatching(/ended by itself, SIGKILL; it is started again by itself/),
    'The embedded database answers again.',
  ]);
  await store.close();
  await embedded.stop();
  expect(isRunning(embedded.processId)).toBe(false);
});

test('a server that does not stay up is given up after a few starts, with its last words', async () => {
  const troubles: SyncError[] = [];
  const failures: SyncError[] = [];
  const stateDirectory = madeStateDirectory();
  const embedded = await startEmbeddedStore({
    stateDirectory,
    onTrouble: (error) => troubles.push(error),
    onFailure: (error) => failures.push(error),
  });
  const store = await openStore(embedded.address);
  const versionFile = join(stateDirectory, 'postgres', 'PG_VERSION');
  const version = readFileSync(versionFile);
  writeFileSync(versionFile, '1\n');
  process.kill(embedded.processId, 'SIGKILL');
  await until('it was given up', () => failures.length > 0);
  expect(troubles).toHaveLength(5);
  expect(failures).toHaveLength(1);
  expect(failures[0]?.message).toMatch(/did not start, 6 times within ten minutes; start Plimsoll again.*/);
  expect(failures[0]?.message).toContain('was initialized by PostgreSQL version 1');
  await expect(store.sync('1')).rejects.toMatchObject({ code: 'StoreUnreachable' });
  writeFileSync(versionFile, version);
  await store.close();
  await embedded.stop();
}, 120_000);

test('a single server process that is killed costs the statements under way, and the store goes on', async () => {
  const failures: SyncError[] = [];
  const embedded = await startEmbeddedStore({
    stateDirectory: madeStateDirectory(),
    onFailure: (error) => failures.push(error),
  });
  const store = await openStore(embedded.address);
  const id = await store.beginSync(sampleBegin(freshStack()));
  const sql = connect(embedded.address);
  const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  process.kill(backend!.pid, 'SIGKILL');
  await until('the store answered again', () =>
    store.sync(id).then(
      (sync) => sync?.id === id,
      () => false,
    ),
  );
  expect(failures).toEqual([]);
  await sql.end({ timeout: 0 });
  await store.close();
  await embedded.stop();
});

test('two daemons cannot have one state directory: the second is told the process id of the first', async () => {
  const stateDirectory = madeStateDirectory();
  const daemon = await startDaemon(stateDirectory);
  await expect(startEmbeddedStore({ stateDirectory })).rejects.toMatchObject({
    code: 'StoreLocked',
    message: `Process ${daemon.child.pid} already uses the state directory ${stateDirectory}; stop it, or give this one a state directory of its own.`,
    data: { pid: daemon.child.pid },
  });
  expect(isRunning(daemon.server)).toBe(true);
  await stopDaemon(daemon);
  await (await startEmbeddedStore({ stateDirectory })).stop();
});

test('a daemon that is stopped in its tracks still owns its state directory', async () => {
  const stateDirectory = madeStateDirectory();
  const daemon = await startDaemon(stateDirectory);
  daemon.child.kill('SIGSTOP');
  await expect(startEmbeddedStore({ stateDirectory })).rejects.toMatchObject({ code: 'StoreLocked' });
  daemon.child.kill('SIGCONT');
  await stopDaemon(daemon);
});

test('whoever is willing to wait gets the state directory when its owner leaves', async () => {
  const stateDirectory = madeStateDirectory();
  const daemon = await startDaemon(stateDirectory);
  const waiting = startEmbeddedStore({ stateDirectory, waitMs: 30_000 });
  await stopDaemon(daemon);
  await (await waiting).stop();
});

test('of ten that start at once on one state directory, one gets it and the others are told who', async () => {
  const stateDirectory = temporaryDirectory();
  const starts = await Promise.allSettled(
    Array.from({ length: 10 }, () => startEmbeddedStore({ stateDirectory })),
  );
  const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const refused = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason as unknown] : []));
  expect(started).toHaveLength(1);
  for (const error of refused)
    expect(error).toMatchObject({ code: 'StoreLocked', data: { pid: process.pid } });
  await started[0]?.stop();
});
