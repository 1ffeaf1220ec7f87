import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { Target } from '../model/plan.ts';
import type { CredentialProvider } from './auth.ts';
import type { Connection } from './connection.ts';
import { inspectContainer, type ContainerRef } from './container-calls.ts';
import { readContainer, type InspectedContainer } from './container.ts';
import type { EventFeed } from './events.ts';
import type { EngineFacts } from './facts.ts';
import type { ImageCache } from './image-cache.ts';
import type { Informer } from './informer.ts';
import { readContainerLabels } from './labels.ts';
import type { ListReader } from './lists.ts';
import type { RegistryReader } from './registry.ts';

/** What every operation can reach. */
export interface OperationContext {
  readonly connection: Connection;
  readonly facts: EngineFacts;
  readonly feed: EventFeed;
  readonly informer: Informer;
  readonly lists: ListReader;
  readonly images: ImageCache;
  readonly registry: RegistryReader;
  readonly credentials: CredentialProvider;
  readonly installation: Name;
  readonly stack: Name;
  /** Content of config files by digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** The container that a target stands for, once the step that creates it is done. */
  readonly resolve: (target: Target) => ContainerRef;
  readonly progress: (message: string) => void;
  /** Ends pulls and waits, which change nothing that was begun. */
  readonly cancel: AbortSignal;
  /** Ends with the engine's owner only: a call that changes something is not cut off in the middle. */
  readonly signal: AbortSignal;
}

/**
 * The container of a target, proven to be ours: by the step that made it, by the last look, or by asking. Ids are never
 * used twice, so an old proof stays good.
 */
export async function claim(target: Target, context: OperationContext): Promise<ContainerRef> {
  const container = context.resolve(target);
  if (target.kind === 'container') await readOwn(container, context);
  return container;
}

/**
 * The same for one that gets a name: it is ours under the name that it has, or under the one that it gets, when somebody
 * had taken that from it.
 */
export async function claimFor(
  name: string,
  target: Target,
  context: OperationContext,
): Promise<ContainerRef> {
  const container = context.resolve(target);
  const { connection, informer, installation, stack, signal } = context;
  if (target.kind === 'step' || informer.lastKnown(container.id) !== null) return claim(target, context);
  const { Config, Name } = await inspectContainer(connection, container, signal);
  const names = [Name.replace(/^\//, ''), name];
  const own = names.map((one) => readContainerLabels(Config.Labels ?? {}, { installation, name: one }));
  if (own.some((labels) => labels?.stack === stack)) return container;
  throw notOurs(`Container ${container.name}`);
}

/** What is known of a container of ours; asks where nothing is. Throws PlanOutdated when it is not ours. */
export async function readOwn(
  container: ContainerRef,
  { connection, facts, informer, installation, stack, signal }: OperationContext,
): Promise<InspectedContainer> {
  const known = informer.lastKnown(container.id);
  const reader = { installation, facts };
  const own = known ?? readContainer(await inspectContainer(connection, container, signal), reader);
  if (own?.container.ownership.stack !== stack) throw notOurs(`Container ${container.name}`);
  return own;
}

export function notOurs(what: string): SyncError {
  return new SyncError(
    'PlanOutdated',
    `${what} is not Plimsoll's, or not any more: its name and its labels do not agree. It is left alone; make a new plan.`,
  );
}
