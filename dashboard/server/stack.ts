import type { EdgeBody, NetworkUseBody, StackBody } from '../../reconciler/model/generated/api.ts';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import { compareText } from '../../reconciler/model/problem.ts';
import { commitBody, findStack, holdBody, lookAtStack } from './looking.ts';
import { planBody } from './plans.ts';
import type { Reading } from './reading.ts';
import { stackState, statesOfServices } from './states.ts';

/** A stack in full, with what a sync would do now. */
export async function readStack({ world }: Reading, name: string, signal: AbortSignal): Promise<StackBody> {
  const stack = await findStack(world, name);
  const { status, view, holds } = stack;
  const { preview, unseen } = await lookAtStack(world, stack, signal);
  const desired = view?.loaded?.desired ?? null;
  return {
    at: world.clock.now(),
    state: stackState(world, status),
    commit: commitBody(view),
    conditions: [...status.conditions],
    holds: holds.map(holdBody),
    problems: [...(view?.loaded?.problems ?? [])],
    services: [...statesOfServices(world, status)],
    dependencies: desired === null ? [] : dependenciesOf(desired),
    networks: desired === null ? [] : networksOf(desired),
    plan: preview === null ? null : planBody(preview.plan),
    unseen,
  };
}

function dependenciesOf({ services }: DesiredStack): EdgeBody[] {
  return services.flatMap(({ name, dependsOn }) =>
    dependsOn.map(({ service, condition }) => ({ service: name, on: service, condition })),
  );
}

function networksOf({ services, networks }: DesiredStack): NetworkUseBody[] {
  return networks
    .map(({ name, engineName }) => ({
      network: name,
      services: services
        .filter(({ container }) => engineName in (container.networks ?? {}))
        .map((service) => service.name as string),
    }))
    .sort((a, b) => compareText(a.network, b.network));
}
