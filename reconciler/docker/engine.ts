import type { SyncEvent } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Plan, Target } from '../model/plan.ts';
import type { ApplyOptions, Engine } from '../model/ports.ts';
import { applyPlan } from './apply.ts';
import type { CredentialProvider } from './auth.ts';
import { createConnection, type EngineAddress } from './connection.ts';
import type { ContainerRef } from './container-calls.ts';
import { createEventFeed } from './events.ts';
import { createFactSource } from './facts.ts';
import { createImageCache } from './image-cache.ts';
import { createInformer } from './informer.ts';
import { observeEngine } from './observe.ts';
import type { OperationContext } from './operation-context.ts';
import { isWait, runOperation } from './operations.ts';
import { createRegistryReader } from './registry.ts';
import { watchEngine } from './watch.ts';

export interface EngineOptions {
  readonly address: EngineAddress;
  /** Whose containers are ours; written into every label. */
  readonly installation: Name;
  readonly credentials: CredentialProvider;
  /** How many calls that change something are under way at once. */
  readonly concurrency?: number;
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
  const connection = createConnection(options.address);
  const facts = createFactSource(connection);
  const lifetime = new AbortController();
  const feed = createEventFeed(connection, facts, lifetime.signal);
  const informer = createInformer(connection, feed);
  const images = createImageCache(connection, feed);
  const registry = createRegistryReader(connection, credentials);
  const parts = { connection, feed, informer, images, credentials, installation };
  feed.listen(({ kind }) => {
    if (kind === 'reload') facts.forget();
  });

  async function* apply(plan: Plan, { contents, signal }: ApplyOptions): AsyncIterable<SyncEvent> {
    const created = new Map<string, string>();
    const shared: Omit<OperationContext, 'progress'> = {
      ...parts,
      contents,
      stack: plan.stack,
      facts: await facts.read(signal),
      resolve: (target) => resolveTarget(target, created),
      cancel: signal,
      signal: lifetime.signal,
    };
    const following = new AbortController();
    if (!plan.steps.some(({ operation }) => isWait(operation))) following.abort();
    // What keeps the stream from opening keeps the steps from succeeding too, and is told by them.
    const followed = feed.follow(following.signal).catch(() => undefined);
    try {
      yield* applyPlan(plan, {
        concurrency,
        signal,
        async run({ id, operation }, progress) {
          const result = await runOperation(operation, { ...shared, progress });
          if (result.containerId !== undefined) created.set(id, result.containerId);
          return result;
        },
      });
    } finally {
      following.abort();
      await followed;
    }
  }

  return {
    async info(signal) {
      return (await facts.read(signal)).info;
    },
    observe: (request, signal) =>
      observeEngine({ connection, installation, facts, informer, images, registry }, request, signal),
    apply,
    watch: (onHint, signal) => watchEngine({ feed, informer, installation }, onHint, signal),
    calls: () => connection.calls(),
    async close() {
      lifetime.abort();
      connection.close();
    },
  };
}

function resolveTarget(target: Target, created: ReadonlyMap<string, string>): ContainerRef {
  if (target.kind === 'container') return { id: target.id, name: target.name };
  const id = created.get(target.step);
  if (id === undefined) throw new TypeError(`step ${target.step} has created no container yet`);
  return { id, name: target.name };
}
