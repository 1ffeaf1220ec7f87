import { isSyncError, SyncError } from '../model/error.ts';
import type { StepResult } from '../model/event.ts';
import type { Ownership } from '../model/observed.ts';
import { pause } from './abort.ts';
import type { OperationOf } from './container-operations.ts';
import { engineSays, statusOf } from './errors.ts';
import { notOurs, type OperationContext } from './operation-context.ts';
import {
  createNetwork,
  createVolume,
  inspectNetwork,
  inspectVolume,
  removeNetwork,
  removeVolume,
} from './resource-calls.ts';
import { readNetworkAnswer, readVolumeAnswer, writeNetwork, writeVolume } from './resources.ts';

const nothing: StepResult = {};
/** An engine lets go of a network a little after its last container. */
const removeAttempts = 15;
const removePauseMs = 200;

/** A network of this name that is this very one was made by an attempt that was killed. */
export async function runCreateNetwork(
  { network }: OperationOf<'createNetwork'>,
  context: OperationContext,
): Promise<StepResult> {
  const { connection, installation, signal } = context;
  try {
    await createNetwork(connection, writeNetwork(network, context), signal);
  } catch (error) {
    if (!isSyncError(error, 'NameTaken')) throw error;
    const present = readNetworkAnswer(
      await inspectNetwork(connection, network.engineName, signal),
      installation,
    );
    if (!isSame(present.ownership, { stack: context.stack, resource: network.name })) throw error;
  }
  return nothing;
}

export async function runRemoveNetwork(
  { id, name }: OperationOf<'removeNetwork'>,
  context: OperationContext,
): Promise<StepResult> {
  return unlessGone(async () => {
    const { connection, installation, signal } = context;
    const present = readNetworkAnswer(await inspectNetwork(connection, id, signal), installation);
    if (present.ownership?.stack !== context.stack) throw notOurs(`Network ${name}`);
    for (let attempt = 1; ; attempt++) {
      try {
        return await removeNetwork(connection, { id, name }, signal);
      } catch (error) {
        if (!engineSays(error, 'activeEndpoints')) throw error;
        if (attempt === removeAttempts) throw await withHolders(error, { id, name }, context);
        await pause(removePauseMs, signal);
      }
    }
  });
}

/** Not every engine says who is on the network. */
async function withHolders(
  error: unknown,
  { id, name }: { readonly id: string; readonly name: string },
  { connection, signal }: OperationContext,
): Promise<unknown> {
  const { Containers } = await inspectNetwork(connection, id, signal);
  const holders = Object.entries(Containers ?? {}).map(
    ([container, { Name }]) => Name ?? container.slice(0, 12),
  );
  if (holders.length === 0) return error;
  const commands = holders.sort().map((holder) => `\`docker network disconnect ${name} ${holder}\``);
  return new SyncError(
    'EngineConflict',
    `Could not remove network ${name}: it has active endpoints of ${holders.join(', ')}. Take them off it with ${commands.join(', ')}, or leave the network as it was.`,
    { data: { network: name, holders: holders.join(' ') }, cause: error },
  );
}

/** The engine answers with the volume that has the name, new or old. */
export async function runCreateVolume(
  { volume }: OperationOf<'createVolume'>,
  context: OperationContext,
): Promise<StepResult> {
  const { connection, installation, signal, stack } = context;
  const answer = await createVolume(connection, writeVolume(volume, context), signal);
  const { ownership } = readVolumeAnswer(answer, installation);
  if (isSame(ownership, { stack, resource: volume.name })) return nothing;
  throw new SyncError(
    'NameTaken',
    `The volume ${volume.engineName} exists and is not Plimsoll's. Declare it external, or give it another name.`,
    { data: { volume: volume.engineName } },
  );
}

export async function runRemoveVolume(
  { name }: OperationOf<'removeVolume'>,
  context: OperationContext,
): Promise<StepResult> {
  return unlessGone(async () => {
    const { connection, installation, signal } = context;
    const present = readVolumeAnswer(await inspectVolume(connection, name, signal), installation);
    if (present.ownership?.stack !== context.stack) throw notOurs(`Volume ${name}`);
    await removeVolume(connection, name, signal);
  });
}

async function unlessGone(work: () => Promise<void>): Promise<StepResult> {
  try {
    await work();
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  return nothing;
}

function isSame(
  left: Ownership | null,
  right: { readonly stack: string; readonly resource: string },
): boolean {
  return left?.stack === right.stack && left.resource === right.resource;
}
