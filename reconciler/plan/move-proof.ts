import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { serviceHealth } from './health.ts';

export interface Arrival {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
}

/**
 * Why what is on the old engine must stay: a clause, or null when everything is healthy on the new one or will have
 * proven so by the end of the plan.
 */
export function whyNotProven(own: Plan, { desired, observed }: Arrival): string | null {
  const hindered = own.decisions.find(({ verdict }) => verdict === 'blocked' || verdict === 'held');
  if (hindered !== undefined) return `not all of it can run on ${desired.engine} yet`;
  const unproven = desired.services.find(
    (service) =>
      service.replicas > 0 && !isHealthy(service, { desired, observed }) && !willProve(own, service),
  );
  return unproven === undefined ? null : `${unproven.name} is not healthy on ${desired.engine} yet`;
}

function isHealthy(service: DesiredService, { desired, observed }: Arrival): boolean {
  return serviceHealth(desired.name, service, observed).health === 'healthy';
}

/** A failing step of the plan keeps those of the old engine from beginning. */
function willProve({ steps }: Plan, { name, lifecycle }: DesiredService): boolean {
  return steps.some(({ resource, operation }) => {
    const isOwn = (resource.kind === 'service' || resource.kind === 'instance') && resource.service === name;
    if (!isOwn) return false;
    if (operation.kind === 'awaitHealthy' || operation.kind === 'awaitCompleted') return true;
    return lifecycle === 'job' && operation.kind === 'startContainer';
  });
}
