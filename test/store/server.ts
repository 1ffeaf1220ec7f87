import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreAddress } from '../../reconciler/store/connection.ts';
import { chooseAccount } from '../../reconciler/store/embedded/account.ts';
import { createCluster, role } from '../../reconciler/store/embedded/cluster.ts';
import { makeRunnable } from '../../reconciler/store/embedded/bundle.ts';
import { launch } from '../../reconciler/store/embedded/launch.ts';
import type { Programs } from '../../reconciler/store/embedded/programs.ts';
import { serverArguments } from '../../reconciler/store/embedded/server.ts';
import { watchOver } from '../../reconciler/store/embedded/watchdog.ts';

/** A migrated database that each test file gets a copy of. */
export const templateDatabase = 'plimsoll_template';

/** A server of the run, as it reaches the tests: plain data. */
export interface TestServer {
  readonly name: string;
  readonly socket: string;
}

export function addressOf({ socket }: TestServer, database: string): StoreAddress {
  return { socket, user: role, database };
}

interface StartedServer {
  readonly server: TestServer;
  stop(): Promise<void>;
}

/** The embedded server's own settings, but for many tests at once and without waiting for the disk. */
export async function startTestServer(
  found: Programs,
  directory: string,
  port?: number,
): Promise<StartedServer> {
  mkdirSync(directory, { recursive: true });
  const dataDirectory = join(directory, 'data');
  const account = chooseAccount(dataDirectory);
  const { folder, major } = makeRunnable(found, { account, stateDirectory: directory });
  if (!existsSync(dataDirectory))
    await createCluster({ dataDirectory, account, initdb: join(folder, 'initdb') });
  const network = port === undefined ? [] : ['listen_addresses=127.0.0.1', `port=${port}`];
  const more = [
    'max_connections=200',
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    ...network,
  ];
  const { child, lines } = launch(
    join(folder, 'postgres'),
    [...serverArguments(major, 'plimsoll-test'), ...more.flatMap((setting) => ['-c', setting])],
    { directory: dataDirectory, account },
  );
  const watchdog = watchOver(child.pid ?? 0, account);
  const ended = once(child, 'exit').then(() => watchdog.dismiss());
  await new Promise<void>((resolve, reject) => {
    const words: string[] = [];
    lines.on('line', (line) => {
      words.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error(`Postgres ${major} did not start:\n${words.join('\n')}`)));
  });
  return {
    server: { name: `PostgreSQL ${major}`, socket: join(dataDirectory, `.s.PGSQL.${port ?? 5432}`) },
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
