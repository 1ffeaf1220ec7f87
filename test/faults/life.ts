import { name, type Name } from '../../reconciler/model/ids.ts';
import { createCredentialProvider } from '../../reconciler/docker/auth.ts';
import { createEngine } from '../../reconciler/docker/engine.ts';
import { connectWorld } from '../../reconciler/main.ts';
import { isSyncError } from '../../reconciler/model/error.ts';
import type { Clock, Source, Store } from '../../reconciler/model/ports.ts';
import { readSettings } from '../../reconciler/settings.ts';
import { followHint, sweep } from '../../reconciler/sync/drift.ts';
import { lookAt } from '../../reconciler/sync/follow.ts';
import { workOn } from '../../reconciler/sync/work.ts';
import type { World } from '../../reconciler/sync/world.ts';

const installation = 'faulty';

export interface LifeOptions {
  readonly socketPath: string;
  readonly store: Store;
  readonly source: Source;
  readonly clock: Clock;
  /** Hears of what nobody foresaw. */
  readonly onBug: (error: unknown) => void;
}

/** One life of the daemon: its loops, run by hand, and an end that it does not see coming. */
export interface Life {
  readonly world: World;
  /** One turn of every loop. */
  turn(options: { readonly sweeps: boolean }): Promise<void>;
  /** What a SIGKILL leaves: nothing more is written, and calls under way are cut wherever they are. */
  kill(): Promise<void>;
}

const credentials = createCredentialProvider({ explicit: {}, configFile: null });
const auditEveryMs = 300;
/** Rounds of due stacks in one turn: a rollback and its follower, no endless chain. */
const mostRounds = 4;

export async function beginLife({ socketPath, store, source, clock, onBug }: LifeOptions): Promise<Life> {
  const mortal = createMortal(store);
  const settings = await settingsFor(socketPath);
  const address = { kind: 'socket', path: socketPath } as const;
  // As the daemon's own, but asked sooner whether it told everything: a run is short.
  const engine = createEngine({ address, installation: settings.installation, credentials, auditEveryMs });
  const connected = await connectWorld(settings, {
    engines: [{ name: name('default'), host: `unix://${socketPath}`, address, dress: () => engine }],
    store: mortal.store,
    notifier: { notify: () => undefined },
    onBug,
  });
  const sources = connected.world.sources.map((followed) => ({ ...followed, source }));
  const world: World = { ...connected.world, sources, clock };
  await store.endLeases(clock.now());
  await store.followSources([source.name]);
  const lifetime = new AbortController();
  const hints = new Set<Name>();
  const watching = world.engines
    .get(world.engines.byDefault)
    .watch((stack) => void hints.add(stack), lifetime.signal)
    .catch(onBug);
  return {
    world,
    turn: (options) => turn(world, { ...options, hints, isAlive: mortal.isAlive }),
    async kill() {
      mortal.kill();
      lifetime.abort();
      await connected.close();
      await watching;
    },
  };
}

interface Turn {
  readonly sweeps: boolean;
  readonly hints: Set<Name>;
  readonly isAlive: () => boolean;
}

async function turn(world: World, { sweeps, hints, isAlive }: Turn): Promise<void> {
  const { signal } = new AbortController();
  for (const followed of world.sources) {
    await unlessWorldFails(() => lookAt(world, followed, { trigger: 'poll', signal }));
  }
  for (const stack of hints) {
    hints.delete(stack);
    await unlessWorldFails(() => followHint(world, stack, signal));
  }
  if (sweeps) await unlessWorldFails(() => sweep(world, signal));
  for (let round = 0; round < mostRounds && isAlive(); round += 1) {
    const due = await world.store.dueStacks(world.clock.now());
    if (due.length === 0) return;
    await Promise.all(due.map((stack) => unlessWorldFails(() => workOn(world, stack, signal))));
  }
}

/** As the daemon's loops: what fails is found again. A bug is thrown on. */
async function unlessWorldFails(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSyncError(error)) throw error;
  }
}

interface Mortal {
  readonly store: Store;
  readonly isAlive: () => boolean;
  kill(): void;
}

/** After the kill no call returns, as for a process that is not there any more. */
function createMortal(store: Store): Mortal {
  let isAlive = true;
  const proxy = new Proxy(store, {
    get(target, key: keyof Store) {
      const call = target[key] as (...args: readonly unknown[]) => Promise<unknown>;
      return (...args: readonly unknown[]) => (isAlive ? call(...args) : new Promise(() => undefined));
    },
  });
  return { store: proxy, isAlive: () => isAlive, kill: () => void (isAlive = false) };
}

function settingsFor(socketPath: string) {
  const source = {
    name: name('memory'),
    repository: '/nowhere',
    ref: 'HEAD',
    path: '',
    intervalMs: 1_000,
    engines: null,
    credentials: null,
  };
  return readSettings({
    configFile: null,
    environment: { HOME: '/nowhere' },
    directory: '/nowhere',
    overrides: {
      installation: name(installation),
      stateDirectory: '/nowhere',
      engineHost: `unix://${socketPath}`,
      sources: [source],
    },
  });
}
