import { isSyncError, SyncError } from '../model/error.ts';
import type { StepResult } from '../model/event.ts';
import { isSameJson } from '../model/json.ts';
import type { Operation, OperationKind, Target } from '../model/plan.ts';
import { pause } from './abort.ts';
import { removeUnusedVolume } from './config-volume.ts';
import {
  connectNetwork,
  disconnectNetwork,
  inspectContainer,
  removeContainer,
  renameContainer,
  restartContainer,
  signalContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
  updateContainer,
  type ContainerRef,
} from './container-calls.ts';
import { createReadyContainer } from './create.ts';
import { engineSays } from './errors.ts';
import { writeUpdate } from './limit-fields.ts';
import { readAttachment, writeEndpoint } from './network-fields.ts';
import { claim, claimFor, readOwn, type OperationContext } from './operation-context.ts';

export type OperationOf<Kind extends OperationKind> = Extract<Operation, { readonly kind: Kind }>;

const nothing: StepResult = {};
/** What a stop may take beyond the grace period: the kill, and the engine's own work. */
const stopMarginMs = 120_000;
const removalDeadlineMs = 30_000;
const removalPollMs = 200;

export async function runCreate(
  operation: OperationOf<'createContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  const references = Object.entries(operation.references).map(
    ([service, target]) => [service, context.resolve(target)] as const,
  );
  const creator = { ...context, references: Object.fromEntries(references) };
  const { id } = await createReadyContainer(operation, creator);
  context.informer.notePrepared(id);
  return { containerId: id };
}

export async function runStart(
  { target }: OperationOf<'startContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  await startContainer(context.connection, await claim(target, context), context.signal);
  return nothing;
}

export async function runUnpause(
  { target }: OperationOf<'unpauseContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  const container = await claim(target, context);
  try {
    await unpauseContainer(context.connection, container, context.signal);
  } catch (error) {
    if (!engineSays(error, 'notPaused')) throw error;
  }
  return nothing;
}

export async function runRestart(
  { target, graceMs }: OperationOf<'restartContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  const container = await claim(target, context);
  const deadlineMs = await stopDeadline(container, graceMs, context);
  await restartContainer(context.connection, container, { graceMs, deadlineMs, signal: context.signal });
  return nothing;
}

export async function runSignal(
  { target, signal: name }: OperationOf<'signalContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  await signalContainer(context.connection, await claim(target, context), { name, signal: context.signal });
  return nothing;
}

/** A container that is gone has stopped. */
export async function runStop(
  { target, graceMs }: OperationOf<'stopContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  return unlessGone(async () => {
    const container = await claim(target, context);
    const deadlineMs = await stopDeadline(container, graceMs, context);
    await stopContainer(context.connection, container, { graceMs, deadlineMs, signal: context.signal });
  });
}

/**
 * By force, with its config volumes, and when asked with its anonymous ones. An engine takes only those along that it
 * named itself for this very container, not those that were carried over from a predecessor.
 */
export async function runRemove(
  { target, anonymousVolumes }: OperationOf<'removeContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  return unlessGone(async () => {
    const ref = context.resolve(target);
    const { container, configVolumes } = await readOwn(ref, context);
    await removeAndWait(ref, anonymousVolumes, context);
    const carried = anonymousVolumes ? Object.values(container.anonymousVolumes) : [];
    for (const volume of [...Object.values(configVolumes), ...carried]) {
      await removeUnusedVolume(context.connection, volume, context.signal);
    }
  });
}

export async function runRename(
  { target, name }: OperationOf<'renameContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  const container = await claimFor(name, target, context);
  try {
    await renameContainer(context.connection, container, { name, signal: context.signal });
  } catch (error) {
    if (!engineSays(error, 'sameName')) throw error;
  }
  return nothing;
}

export async function runUpdate(
  { target, to }: OperationOf<'updateContainer'>,
  context: OperationContext,
): Promise<StepResult> {
  const container = await claim(target, context);
  await updateContainer(context.connection, container, { body: writeUpdate(to), signal: context.signal });
  return nothing;
}

/** Where it is connected already, but not as wanted, it is connected anew. */
export async function runConnect(
  { target, network, attachment }: OperationOf<'connectNetwork'>,
  context: OperationContext,
): Promise<StepResult> {
  const container = await claim(target, context);
  const { connection, signal } = context;
  const options = { network, endpoint: writeEndpoint(attachment), signal };
  try {
    await connectNetwork(connection, container, options);
  } catch (error) {
    if (!engineSays(error, 'alreadyConnected')) throw error;
    const { NetworkSettings } = await inspectContainer(connection, container, signal);
    const present = readAttachment(NetworkSettings?.Networks?.[network] ?? {}, container.id);
    if (isSameJson({ ...present }, { ...attachment })) return nothing;
    await disconnectNetwork(connection, container, { network, signal });
    await connectNetwork(connection, container, options);
  }
  return nothing;
}

export async function runDisconnect(
  { target, network }: OperationOf<'disconnectNetwork'>,
  context: OperationContext,
): Promise<StepResult> {
  const container = await claim(target, context);
  try {
    await disconnectNetwork(context.connection, container, { network, signal: context.signal });
  } catch (error) {
    if (!engineSays(error, 'notConnected')) throw error;
  }
  return nothing;
}

async function unlessGone(work: () => Promise<void>): Promise<StepResult> {
  try {
    await work();
  } catch (error) {
    if (!isSyncError(error, 'ContainerVanished')) throw error;
  }
  return nothing;
}

/** Where the operation gives no grace period, the container's own holds. */
async function stopDeadline(
  container: ContainerRef,
  graceMs: number | null,
  context: OperationContext,
): Promise<number> {
  if (graceMs !== null) return graceMs + stopMarginMs;
  const known = await readOwn(container, context);
  return known.container.spec.stop_grace_period + stopMarginMs;
}

async function removeAndWait(
  container: ContainerRef,
  volumes: boolean,
  { connection, signal }: OperationContext,
): Promise<void> {
  try {
    await removeContainer(connection, container, { volumes, signal });
  } catch (error) {
    if (!engineSays(error, 'removalInProgress')) throw error;
    await awaitRemoval(container, { connection, signal });
  }
}

/** Somebody else removes it at this moment. Ends by throwing ContainerVanished, which is what is wanted. */
async function awaitRemoval(
  container: ContainerRef,
  { connection, signal }: Pick<OperationContext, 'connection' | 'signal'>,
): Promise<void> {
  const deadline = Date.now() + removalDeadlineMs;
  while (Date.now() < deadline && !signal.aborted) {
    await inspectContainer(connection, container, signal);
    await pause(removalPollMs, signal);
  }
  throw new SyncError(
    'EngineConflict',
    `Container ${container.name} is being removed by somebody else, and that does not end. It is tried again.`,
    { data: { container: container.name } },
  );
}

/** Whether an operation changes this container, so that what is known of it no longer holds. */
export function targetOf(operation: Operation): Target | null {
  return 'target' in operation ? operation.target : null;
}
