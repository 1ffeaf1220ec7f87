import { isSyncError, type SyncError } from './model/error.ts';
import type { Store } from './model/ports.ts';
import type { Secret } from './model/secret.ts';
import { createReadOnlyStore } from './read-only-store.ts';
import { connect, type StoreAddress } from './store/connection.ts';
import { createStore, openStore } from './store/database.ts';
import { hasEmbeddedStore, joinEmbeddedStore, startEmbeddedStore } from './store/embedded.ts';

export interface StoreRequest {
  readonly stateDirectory: string;
  /** Null: the private server of the state directory. */
  readonly databaseUrl: Secret | null;
  /** Where to look for `postgres` when the bundled one does not fit. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface StoreAccess {
  readonly store: Store;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Another process may own the state directory: use its server beside it. */
  readonly isShared: boolean;
  /** How long to wait for a command that has the store open for a moment. */
  readonly waitMs?: number;
  /** Told when the private server ended by itself and is started again. */
  readonly onTrouble?: (error: SyncError) => void;
  /** Told when it answers again after that. */
  readonly onRecovery?: (message: string) => void;
  /** Told when it cannot be kept up. */
  readonly onFailure?: (error: SyncError) => void;
}

/** The store, made where there is none yet. Throws StoreLocked where a daemon owns it and it is not to be shared. */
export async function accessStore(request: StoreRequest, options: StoreOptions): Promise<StoreAccess> {
  const server = await enterServer(request, options);
  try {
    const store = await openStore(server.address);
    // Whoever held a lease in a private database died with its server: nobody has to wait until it runs out.
    if (server.isOwn) await store.endLeases(Date.now());
    return { store, close: () => closeBoth(store, server) };
  } catch (error) {
    await server.leave();
    throw error;
  }
}

/** What was recorded so far, for looking only: makes neither database nor tables, and knows nothing where there are none. */
export async function accessMemory(request: StoreRequest): Promise<StoreAccess> {
  const isThere = request.databaseUrl !== null || hasEmbeddedStore(request.stateDirectory);
  if (!isThere) return { store: createReadOnlyStore(null), close: async () => {} };
  const server = await enterServer(request, { isShared: true });
  const store = createStore(connect(server.address));
  try {
    await Promise.all([store.statuses(), store.knownStacks()]);
    return { store: createReadOnlyStore(store), close: () => closeBoth(store, server) };
  } catch (error) {
    await closeBoth(store, server);
    if (!hasNoTables(error)) throw error;
    return { store: createReadOnlyStore(null), close: async () => {} };
  }
}

interface ServerAccess {
  readonly address: StoreAddress;
  /** A private server that this process has just started. */
  readonly isOwn: boolean;
  leave(): Promise<void>;
}

async function enterServer(
  { stateDirectory, databaseUrl, environment }: StoreRequest,
  { isShared, ...options }: StoreOptions,
): Promise<ServerAccess> {
  if (databaseUrl !== null) {
    return { address: { url: databaseUrl.reveal() }, isOwn: false, leave: async () => {} };
  }
  try {
    const searchPath = environment['PATH'] ?? '';
    const server = await startEmbeddedStore({ stateDirectory, searchPath, ...options });
    return { address: server.address, isOwn: true, leave: () => server.stop() };
  } catch (error) {
    if (!isShared || !isSyncError(error, 'StoreLocked')) throw error;
    // A second client of the server that a daemon runs: leases keep their work apart.
    const joined = joinEmbeddedStore(stateDirectory);
    return { address: joined.address, isOwn: false, leave: async () => joined.leave() };
  }
}

async function closeBoth(store: Store, server: ServerAccess): Promise<void> {
  await store.close();
  await server.leave();
}

/** Nothing was recorded yet, or by a release so old that its tables lack something: a plan without memory is still right. */
function hasNoTables(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === '42P01' || code === '3F000' || code === '42703';
}
