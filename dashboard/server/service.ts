import { SyncError } from '../../reconciler/model/error.ts';
import type {
  FieldBody,
  InstanceBody,
  ObservedFieldBody,
  ServiceBody,
} from '../../reconciler/model/generated/api.ts';
import type { Change } from '../../reconciler/model/change.ts';
import type { Name } from '../../reconciler/model/ids.ts';
import type { ObservedContainer, ObservedState } from '../../reconciler/model/observed.ts';
import type { Preview } from '../../reconciler/sync/preview.ts';
import { commitBody, findStack, holdBody, lookAtStack } from './looking.ts';
import { causeBody } from './plans.ts';
import type { Reading } from './reading.ts';
import { statesOfServices } from './states.ts';

export interface ServiceAddress {
  readonly stack: string;
  readonly service: string;
}

/** A service in full: what should be beside what is in each of its containers. */
export async function readService(
  { world }: Reading,
  address: ServiceAddress,
  signal: AbortSignal,
): Promise<ServiceBody> {
  const stack = await findStack(world, address.stack);
  const state = statesOfServices(world, stack.status).find(({ service }) => service === address.service);
  if (state === undefined) {
    throw new SyncError(
      'RecordNotFound',
      `Stack ${address.stack} has no service "${address.service}". /api/stacks/${address.stack} lists them.`,
    );
  }
  const service = state.service as Name;
  const { preview, unseen } = await lookAtStack(world, stack, signal);
  const desired = stack.view?.loaded?.desired?.services.find(({ name }) => name === service) ?? null;
  return {
    at: world.clock.now(),
    state,
    commit: commitBody(stack.view),
    file: desired?.origin.file ?? null,
    desired: desired === null ? {} : { ...desired.container },
    differs: preview === null ? [] : fieldsOf(preview, service),
    instances: preview === null ? [] : instancesOf(preview, service),
    holds: stack.holds.map(holdBody).filter((hold) => hold.service === null || hold.service === service),
    unseen,
  };
}

/** Fields in which an instance is not what it should be, each once, with every instance that differs in it. */
function fieldsOf({ plan, intent, observed }: Preview, service: Name): FieldBody[] {
  const containers = containersOf(observed, { stack: intent.stack, service });
  const fields = new Map<string, FieldBody & { observed: ObservedFieldBody[] }>();
  for (const change of plan.changes) {
    if (change.kind !== 'modify' || !('service' in change.resource)) continue;
    if (change.resource.service !== service) continue;
    const { path, from, to } = change;
    const known = fields.get(path) ?? {
      path,
      desired: to ?? null,
      observed: [],
      cause: causeBody(change),
      class: change.class,
    };
    known.observed.push({ instance: instanceName(change, containers), value: from ?? null });
    fields.set(path, known);
  }
  return [...fields.values()];
}

function instanceName({ resource }: Change, containers: readonly ObservedContainer[]): string {
  if (resource.kind !== 'instance') return '';
  const found = containers.find(({ instance }) => instance === resource.instance);
  return found?.name ?? `${resource.service}.${resource.instance}`;
}

function instancesOf({ intent, observed }: Preview, service: Name): InstanceBody[] {
  return containersOf(observed, { stack: intent.stack, service }).map((container) => {
    const { state, spec, imageId } = container;
    return {
      id: container.id,
      name: container.name,
      number: container.instance,
      state: state.status,
      health: state.health,
      exitCode: state.exitCode,
      restarts: state.restartCount,
      createdAt: container.createdAt,
      startedAt: state.startedAt,
      image: spec.image,
      imageId,
      digests: [...(observed.imagesById[imageId]?.repoDigests ?? [])],
      revision: container.revision,
    };
  });
}

interface ServiceName {
  readonly stack: Name;
  readonly service: Name;
}

function containersOf(
  { containers }: ObservedState,
  { stack, service }: ServiceName,
): readonly ObservedContainer[] {
  return containers
    .filter(({ ownership }) => ownership.stack === stack && ownership.resource === service)
    .sort((a, b) => a.instance - b.instance);
}
