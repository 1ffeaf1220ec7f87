import { join } from 'node:path';
import type { SyncError } from './model/error.ts';
import { isSyncError } from './model/error.ts';
import type { Store } from './model/ports.ts';
import type { Secret } from './model/secret.ts';
import { openStore } from './store/database.ts';
import { hasEmbeddedStore, startEmbeddedStore } from './store/embedded.ts';
import { database, role } from './store/embedded/cluster.ts';
import { openPlace } from './store/embedded/place.ts';

export interface StoreRequest {
  readonly stateDirectory: string;
  /** Null: the private server of the state directory. */
  readonly databaseUrl: Secret | null;
  readonly searchPath: string;
}

export interface StoreAccess {
  readonly store: Store;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Another process may own the state directory: use its server beside it. */
  readonly isShared: boolean;
  readonly onFailure: (error: SyncError) => void;
}

/** The store, made where there is none yet. Throws StoreLocked where a daemon owns it and it is not to be shared. */
export async function accessStore(request: StoreRequest, options: StoreOptions): Promise<StoreAccess> {
  if (request.databaseUrl !== null) {
    const store = await openStore({ url: request.databaseUrl.reveal() });
    return { store, close: () => store.close() };
  }
  try {
    return await startOwn(request, options);
  } catch (error) {
    if (!options.isShared || !isSyncError(error, 'StoreLocked')) throw error;
    return await joinRunning(request);
  }
}

/** Whether something was ever recorded; a question that starts nothing. */
export function hasStore({ databaseUrl, stateDirectory }: StoreRequest): boolean {
  return databaseUrl !== null || hasEmbeddedStore(stateDirectory);
}

async function startOwn(
  { stateDirectory, searchPath }: StoreRequest,
  { onFailure }: StoreOptions,
): Promise<StoreAccess> {
  const server = await startEmbeddedStore({ stateDirectory, searchPath, onFailure });
  try {
    const store = await openStore(server.address);
    return {
      store,
      async close() {
        await store.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** As a second client of the server that a daemon runs: Postgres keeps the two apart, leases keep their work apart. */
async function joinRunning({ stateDirectory }: StoreRequest): Promise<StoreAccess> {
  const place = openPlace(stateDirectory);
  try {
    const socket = join(place.short, 'postgres', '.s.PGSQL.5432');
    const store = await openStore({ socket, user: role, database });
    return {
      store,
      async close() {
        await store.close();
        place.close();
      },
    };
  } catch (error) {
    place.close();
    throw error;
  }
}
