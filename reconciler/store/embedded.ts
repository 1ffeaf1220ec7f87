import { chmodSync, existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { SyncError } from '../model/error.ts';
import type { SocketAddress } from './connection.ts';
import { chooseAccount, giveTo, type Account } from './embedded/account.ts';
import { makeRunnable } from './embedded/bundle.ts';
import { createCluster, database, otherMajor, readClusterMajor, role } from './embedded/cluster.ts';
import { endOrphan } from './embedded/orphan.ts';
import { becomeOwner } from './embedded/owner.ts';
import { openPlace, toStateError, type Place } from './embedded/place.ts';
import { findPrograms, noPrograms, type Programs } from './embedded/programs.ts';
import { KeptServer } from './embedded/keeper.ts';

export interface EmbeddedStoreOptions {
  /** Made if missing. The database lies in `postgres/` below it. */
  readonly stateDirectory: string;
  /** Where to look for `postgres` when the bundled one does not fit, in the form of PATH. */
  readonly searchPath?: string;
  /** How long to wait for another owner of the state directory to leave; 0 unless said otherwise. */
  readonly waitMs?: number;
  /** Told when the server ended without having been asked to and is started again; statements wait for that. */
  readonly onTrouble?: (error: SyncError) => void;
  /** Told when it answers again after that. */
  readonly onRecovery?: (message: string) => void;
  /** Told when the server cannot be kept up. Statements fail with StoreUnreachable from then on. */
  readonly onFailure?: (error: SyncError) => void;
}

export interface EmbeddedStore {
  /** Valid in this process, until `stop`. */
  readonly address: SocketAddress;
  /** Of the server that runs at this moment. */
  readonly processId: number;
  /** Ends the server in order and gives the state directory free. */
  stop(): Promise<void>;
}

const folderName = 'postgres';

/** The way to the server that another process runs on a state directory: Postgres keeps the two apart. */
export interface JoinedStore {
  /** Valid in this process, until `leave`. */
  readonly address: SocketAddress;
  leave(): void;
}

export function joinEmbeddedStore(stateDirectory: string): JoinedStore {
  const place = openPlace(stateDirectory);
  return { address: addressIn(place), leave: () => place.close() };
}

/** Whether a store was ever made in the state directory: a question that starts nothing. */
export function hasEmbeddedStore(stateDirectory: string): boolean {
  return existsSync(join(stateDirectory, folderName));
}

/**
 * Starts a private Postgres server on the state directory, as a child of this process that only this account can
 * reach, and returns once it accepts connections. One process owns a state directory at a time; whatever a killed
 * owner left behind is taken over without a hand.
 */
export async function startEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const place = openPlace(options.stateDirectory);
  const owner = await becomeOwner(place, options.waitMs ?? 0).catch((error: unknown) => {
    place.close();
    throw error;
  });
  const leave = async (): Promise<void> => {
    await owner.release();
    place.close();
  };
  try {
    const server = await startIn(place, options);
    const stop = async (): Promise<void> => {
      await server.stop();
      await leave();
    };
    let stopped: Promise<void> | null = null;
    return {
      address: { ...addressIn(place), ready: () => server.ready() },
      get processId() {
        return server.processId;
      },
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    await leave();
    throw toStateError(place.directory, error);
  }
}

function addressIn({ short }: Place): SocketAddress {
  return { socket: join(short, folderName, '.s.PGSQL.5432'), user: role, database };
}

async function startIn(place: Place, options: EmbeddedStoreOptions): Promise<KeptServer> {
  const dataDirectory = join(place.directory, folderName);
  const account = chooseAccount(dataDirectory);
  const programs = await choosePrograms(place, {
    account,
    dataDirectory,
    searchPath: options.searchPath ?? '',
  });
  if (readClusterMajor(dataDirectory) === null) {
    await createCluster({ dataDirectory, account, initdb: join(programs.folder, 'initdb') });
  } else {
    await endOrphan(dataDirectory);
    if (account !== null && lstatSync(dataDirectory).uid !== account.uid) giveTo(dataDirectory, account);
    // A copy that was brought back seldom has the one mode that Postgres accepts.
    chmodSync(dataDirectory, 0o700);
  }
  const server = new KeptServer({
    postgres: join(programs.folder, 'postgres'),
    major: programs.major,
    dataDirectory,
    account,
    onTrouble: options.onTrouble ?? (() => {}),
    onRecovery: options.onRecovery ?? (() => {}),
    onFailure: options.onFailure ?? (() => {}),
  });
  await server.start();
  return server;
}

interface Choice {
  readonly account: Account | null;
  readonly dataDirectory: string;
  readonly searchPath: string;
}

/** An existing data directory is opened by the version that made it, wherever that is found. */
async function choosePrograms(
  place: Place,
  { account, dataDirectory, searchPath }: Choice,
): Promise<Programs> {
  const major = readClusterMajor(dataDirectory);
  const programs = await findPrograms({ major, searchPath });
  if (programs !== null) return makeRunnable(programs, { account, stateDirectory: place.directory });
  throw major === null ? noPrograms() : otherMajor(dataDirectory, major);
}
