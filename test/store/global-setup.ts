import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { connect } from '../../reconciler/store/connection.ts';
import { openStore } from '../../reconciler/store/database.ts';
import { startEmbeddedStore } from '../../reconciler/store/embedded.ts';
import { findBundled, findOnMachine, type Programs } from '../../reconciler/store/embedded/programs.ts';
import { migrate } from '../../reconciler/store/migrate.ts';
import { makeTestDirectory } from '../support/leftovers.js';
import { addressOf, startTestServer, templateDatabase, type TestServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly storeServers: readonly TestServer[];
    /** A state directory with a migrated store in it, to be copied. */
    readonly madeStateDirectory: string;
  }
}

/** One server a run of each kind that this machine has: the bundled one, and the newest that is installed. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = makeTestDirectory();
  const kinds: readonly Programs[] = [findBundled(), await findOnMachine('')].filter(
    (found) => found !== null,
  );
  if (kinds.length === 0) throw new Error('the store cannot be tested: no bundled and no installed Postgres');
  const started = await Promise.all(
    kinds.map((programs, index) => startTestServer(programs, join(directory, `server-${index}`))),
  );
  for (const { server } of started) await createTemplate(server);
  const made = join(directory, 'made');
  await makeStore(made);
  project.provide('madeStateDirectory', made);
  project.provide(
    'storeServers',
    started.map(({ server }) => server),
  );
  return async () => {
    await Promise.all(started.map((running) => running.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
}

async function makeStore(stateDirectory: string): Promise<void> {
  const embedded = await startEmbeddedStore({ stateDirectory });
  const store = await openStore(embedded.address);
  await store.close();
  await embedded.stop();
}

async function createTemplate(server: TestServer): Promise<void> {
  const admin = connect(addressOf(server, 'postgres'));
  await admin.unsafe(`create database ${templateDatabase}`);
  await admin.end();
  const template = connect(addressOf(server, templateDatabase));
  await migrate(template);
  await template.end();
}
