import { join } from 'node:path';
import type { NoticeFeed } from './control/feed.ts';
import { createDaemonOperator } from './control/order.ts';
import type { DaemonFacts } from './control/protocol.ts';
import { serveControl } from './control/server.ts';
import { keepEngine } from './docker/private-keeper.ts';
import type { PrivateEngine } from './docker/private.ts';
import type { EngineAccess } from './engine-access.ts';
import { obtainEngines, type NamedAccess } from './engines-access.ts';
import type { Listener, ListenerOptions } from './listener.ts';
import { connectWorld, type EnginePart } from './main.ts';
import { isSyncError, type SyncError } from './model/error.ts';
import type { Settings } from './settings.ts';
import { openPlace } from './store/embedded/place.ts';
import { accessStore, type StoreAccess } from './store-access.ts';
import { runSchedule } from './sync/schedule.ts';
import type { World } from './sync/world.ts';
import { readVersion } from './version.ts';

export interface DaemonOptions {
  readonly feed: NoticeFeed;
  /** What is done before the loops begin: finding an engine, starting one. */
  readonly say: (line: string) => void;
  readonly onBug: (error: unknown) => void;
  /** Called once everything is connected, before the first look. */
  readonly onReady: (world: World, facts: DaemonFacts) => void;
  readonly dress?: (access: EngineAccess) => NonNullable<EnginePart['dress']>;
  /** Ends the daemon: running steps come to their end first. */
  readonly signal: AbortSignal;
}

/** Syncs of different stacks at once. */
const concurrency = 4;
/** A `plimsoll plan` that began just before us has the store open for this long at most. */
const otherCommandMs = 3_000;

/**
 * Runs until the signal aborts and everything is closed in order. The store comes first: a second daemon on the same
 * state directory is refused before it touches anything. Throws what ended it when that was not the signal.
 */
export async function runDaemon(settings: Settings, options: DaemonOptions): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const onFailure = (error: SyncError): void => broken.abort(error);
  const closers: Closer[] = [];
  try {
    const watching = { ...tellingTo(options.feed), onFailure };
    const access = await accessStore(settings, { isShared: false, waitMs: otherCommandMs, ...watching });
    closers.push(() => access.close());
    const engines = await obtainEngines(settings, options.say, signal);
    for (const { access } of engines) {
      if (access.own !== null) closers.push(keep(access.own, options.feed));
    }
    await serve(settings, { ...options, signal, access, engines, closers });
  } finally {
    await closeAll(closers);
  }
  if (broken.signal.aborted) throw broken.signal.reason;
}

function keep(own: PrivateEngine, feed: NoticeFeed): Closer {
  const keeper = keepEngine(own, tellingTo(feed));
  return async () => {
    await keeper.stop();
    await own.stop();
  };
}

/** For what the daemon runs itself and starts again when it ends. */
function tellingTo(feed: NoticeFeed): Telling {
  return {
    onTrouble: ({ code, message }) => feed.notify({ kind: 'trouble', engine: null, code, message }),
    onRecovery: (message) => feed.notify({ kind: 'recovered', message }),
  };
}

interface Telling {
  readonly onTrouble: (error: SyncError) => void;
  readonly onRecovery: (message: string) => void;
}

type Closer = () => Promise<void>;

interface Serving extends DaemonOptions {
  readonly access: StoreAccess;
  readonly engines: readonly NamedAccess[];
  readonly closers: Closer[];
}

async function serve(settings: Settings, serving: Serving): Promise<void> {
  const { access, engines, closers, feed, signal, onBug, dress } = serving;
  const { store } = access;
  await store.followSources(settings.sources.map(({ name }) => name));
  const connected = await connectWorld(settings, {
    engines: engines.map(({ name, candidate: { host, address }, access: found }) => ({
      name,
      host,
      address,
      ...(dress && { dress: dress(found) }),
    })),
    store,
    notifier: feed,
    onBug,
    isDaemon: true,
  });
  closers.push(() => connected.close());
  const { world } = connected;
  const listener = await listen(settings, { world, feed, onBug, say: serving.say });
  closers.push(async () => listener?.close());
  const facts = describeDaemon(settings, { world, engines, listen: listener?.url ?? null });
  const place = openPlace(settings.stateDirectory);
  closers.push(async () => place.close());
  const operator = createDaemonOperator(world, facts);
  const control = await serveControl({ socketPath: join(place.short, 'control.sock'), operator, onBug });
  closers.push(() => control.close());
  serving.onReady(world, facts);
  await runSchedule(world, { concurrency, signal });
}

/**
 * Null where nothing is served: when that is said, or when the usual address is another's and nobody asked for it, so that
 * only the dashboard is missing.
 */
async function listen(
  { listen: address, trustedProxies, receivers, dashboard }: Settings,
  { world, feed, onBug, say }: Pick<ListenerOptions, 'world' | 'feed' | 'onBug'> & Pick<DaemonOptions, 'say'>,
): Promise<Listener | null> {
  if (address === 'off') return null;
  const { openListener } = await import('./listener.ts');
  try {
    const reading = { world, feed, onBug };
    return await openListener({ address, trustedProxies, receivers, dashboard, ...reading });
  } catch (error) {
    if (address !== 'default' || receivers.length > 0 || !isSyncError(error, 'ListenFailed')) throw error;
    say(`No dashboard: ${error.message}`);
    return null;
  }
}

interface Described {
  readonly world: World;
  readonly engines: readonly NamedAccess[];
  readonly listen: string | null;
}

function describeDaemon({ stateDirectory }: Settings, { world, engines, listen }: Described): DaemonFacts {
  return {
    version: readVersion(),
    pid: process.pid,
    startedAt: world.clock.now(),
    stateDirectory,
    engines: engines.map(({ name, candidate }) => ({ name, host: candidate.host })),
    listen,
  };
}

/** Last opened, first closed. One that fails keeps none of the others from closing. */
async function closeAll(closers: readonly Closer[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
