import type { Name } from '../model/ids.ts';
import type { Engine } from '../model/ports.ts';
import type { CredentialProvider } from './auth.ts';
import { createConnection, type EngineAddress } from './connection.ts';
import { readChangedFiles } from './changed-files.ts';
import { createCorrections } from './corrections.ts';
import { createEventFeed } from './events.ts';
import { createFactSource } from './facts.ts';
import { createImageCache } from './image-cache.ts';
import { createInformer } from './informer.ts';
import { createListReader } from './lists.ts';
import { observeEngine } from './observe.ts';
import { createOwners } from './owners.ts';
import { createPictures } from './pictures.ts';
import { createRegistryReader } from './registry.ts';
import { runPlan } from './run-plan.ts';
import { watchEngine } from './watch.ts';

export interface EngineOptions {
  readonly address: EngineAddress;
  /** Whose containers are ours; written into every label. */
  readonly installation: Name;
  readonly credentials: CredentialProvider;
  /** How many calls that change something are under way at once. */
  readonly concurrency?: number;
  /** How often the engine is asked whether its events told everything. */
  readonly auditEveryMs?: number;
}

export interface DockerEngine extends Engine {
  /** How many calls were made so far, by name: `containerList`, `containerInspect`, … */
  calls(): Readonly<Record<string, number>>;
}

/** A first apply is bound by the engine's processor: more at once only waits elsewhere. */
const defaultConcurrency = 6;

/** A Docker engine, from API 1.41 on. Opens nothing until it is asked for something. */
export function createEngine(options: EngineOptions): DockerEngine {
  const { installation, credentials, concurrency = defaultConcurrency } = options;
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const connection = createConnection(options.address);
  const facts = createFactSource(connection);
  const feed = createEventFeed(connection, facts, {
    lifetime: signal,
    ...(options.auditEveryMs !== undefined && { auditEveryMs: options.auditEveryMs }),
  });
  const lists = createListReader(connection, feed);
  const corrections = createCorrections(feed);
  const informer = createInformer({ connection, feed, lists, corrections });
  const owners = createOwners();
  const images = createImageCache(connection, feed);
  const registry = createRegistryReader(connection, credentials);
  const pictures = createPictures({ installation, lists, informer, owners });
  const observer = { facts, feed, pictures, images, registry };
  const shared = { connection, installation, feed, informer, lists, images, registry, credentials };
  const runner = { ...shared, factSource: facts, concurrency, signal };
  feed.listen(({ kind }) => {
    if (kind === 'reload') facts.forget();
  });
  return {
    async info(signal) {
      return (await facts.read(signal)).info;
    },
    observe: (request, signal) => observeEngine(observer, request, signal),
    apply: (plan, options) => runPlan(runner, plan, options),
    watch: (onHint, signal) => watchEngine({ feed, informer, owners, installation }, onHint, signal),
    changedFiles: (containerId, signal) => readChangedFiles(connection, containerId, signal),
    hearing: () => ({ isLive: feed.isLive(), gaps: feed.gaps(), corrections: corrections.count() }),
    calls: () => connection.calls(),
    async close() {
      lifetime.abort();
      connection.close();
    },
  };
}
