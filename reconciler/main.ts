import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './clock.ts';
import { createCredentialProvider } from './docker/auth.ts';
import type { EngineAddress } from './docker/connection.ts';
import { createEngine } from './docker/engine.ts';
import { createSource } from './git/source.ts';
import type { SourceConfig } from './manifest/config-read.ts';
import type { EngineChoice } from './manifest/engine.ts';
import type { Name } from './model/ids.ts';
import type { Notifier } from './model/notice.ts';
import type { Engine, Source, Store } from './model/ports.ts';
import { repositoryIdentity } from './model/repository.ts';
import { openQueues, type Queues } from './queue/queues.ts';
import type { Settings } from './settings.ts';
import { createAlarms } from './sync/alarms.ts';
import { createDriftBook } from './sync/drift-book.ts';
import { createEngines, type NamedEngine } from './sync/engines.ts';
import { createHeads, createOwnHeads } from './sync/heads.ts';
import { createNewsFeed } from './sync/news.ts';
import { createRunning } from './sync/running.ts';
import { createStatuses } from './sync/status.ts';
import { createTurns } from './sync/turn.ts';
import { createViews } from './sync/view.ts';
import { createWakes } from './sync/wakes.ts';
import type { World } from './sync/world.ts';

export interface Parts {
  /** One for each of the settings' engines. */
  readonly engines: readonly EnginePart[];
  readonly store: Store;
  readonly notifier: Notifier;
  /** Hears of work that threw something that nobody foresaw. */
  readonly onBug: (error: unknown) => void;
  /** Follows its sources for good, shares the work with other daemons, and speaks at forges. */
  readonly isDaemon?: boolean;
}

export interface EnginePart {
  readonly name: Name;
  readonly host: string;
  readonly address: EngineAddress;
  /** Puts something between the use cases and the engine. */
  readonly dress?: (engine: Engine) => Engine;
}

export interface ConnectedWorld {
  readonly world: World;
  /** Closes what this opened; the store is the caller's. */
  close(): Promise<void>;
}

/** Connects every port of a world as the settings say. Nothing is asked of engine or source yet. */
export async function connectWorld(settings: Settings, parts: Parts): Promise<ConnectedWorld> {
  const { store, notifier } = parts;
  const engines = createEngines(
    parts.engines.map((part) => connectEngine(settings, part)),
    { byDefault: settings.defaultEngine ?? firstOf(settings.engines).name, clock: systemClock },
  );
  const sources = settings.sources.map((source) => ({
    source: connectSource(settings, source),
    repository: repositoryIdentity(source.repository),
    ref: source.ref,
    intervalMs: source.intervalMs,
    engines: engineChoice(settings, source),
    cache: new Map(),
    inTurn: createTurns(),
  }));
  const queues = await connectQueues(settings, parts);
  const world: World = {
    clock: systemClock,
    engines,
    store,
    queue: queues.create('syncs'),
    hints: queues.create('hints'),
    forgeWork: queues.create('forges'),
    notifier,
    ...(await connectForges(settings, parts)),
    sources,
    installation: settings.installation,
    policy: settings.policy,
    defaults: settings.defaults,
    retention: settings.history,
    owner: `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`,
    views: createViews(),
    heads: parts.isDaemon === true ? createHeads(store) : createOwnHeads(),
    news: createNewsFeed(),
    statuses: await createStatuses(store, notifier),
    alarms: createAlarms(systemClock),
    drift: await createDriftBook({ store, notifier }, systemClock.now()),
    running: createRunning(),
    wakes: createWakes(systemClock),
  };
  return {
    world,
    async close() {
      await queues.close();
      await Promise.all([engines.close(), ...sources.map(({ source }) => source.close())]);
    },
  };
}

function connectEngine(settings: Settings, part: EnginePart): NamedEngine {
  const { name, host, address, dress = (engine: Engine) => engine } = part;
  const { installation, registryCredentials: explicit, dockerConfig: configFile } = settings;
  const credentials = createCredentialProvider({ explicit, configFile });
  return { name, host, engine: dress(createEngine({ address, installation, credentials })) };
}

/** A source that is left a single engine need not name it. */
function engineChoice({ engines, defaultEngine }: Settings, source: SourceConfig): EngineChoice {
  const configured = engines.map(({ name }) => name);
  const allowed = source.engines ?? configured;
  const isDefaultAllowed = defaultEngine !== null && allowed.includes(defaultEngine);
  const byDefault = isDefaultAllowed ? defaultEngine : allowed.length === 1 ? firstOf(allowed) : null;
  return { configured, allowed, byDefault };
}

function firstOf<Item>([first]: readonly Item[]): Item {
  if (first === undefined) throw new TypeError('the settings name at least one engine');
  return first;
}

function connectQueues(
  { queueUrl, installation }: Settings,
  { notifier, onBug, isDaemon = false }: Parts,
): Promise<Queues> {
  return openQueues({
    url: isDaemon ? (queueUrl?.reveal() ?? null) : null,
    installation,
    onFailure: (_, error) => onBug(error),
    onTrouble: ({ code, message }) => notifier.notify({ kind: 'trouble', engine: null, code, message }),
    onRecovery: (message) => notifier.notify({ kind: 'recovered', message }),
  });
}

/** Commands beside a daemon leave what is to be said at forges to it; their client is loaded only where there is one. */
async function connectForges(
  settings: Settings,
  { isDaemon = false }: Parts,
): Promise<Pick<World, 'forges' | 'missed'>> {
  if (!isDaemon || settings.forges.length === 0) return { forges: new Map(), missed: [] };
  const { accessForges, accessMissed } = await import('./forge-access.ts');
  return { forges: accessForges(settings), missed: accessMissed(settings) };
}

export function connectSource(settings: Settings, source: SourceConfig): Source {
  const { name, repository, ref, path, credentials } = source;
  return createSource({
    name,
    repository,
    ref,
    path,
    cacheDirectory: join(settings.stateDirectory, 'cache'),
    environment: settings.environment,
    ...(credentials !== null && { credentials }),
  });
}
