import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import { instanceHealth, type Health } from '../model/status.ts';
import { lookupOf } from './lookup.ts';

/** From best to worst: a whole is as well as its worst part. */
const order: readonly Health[] = ['healthy', 'progressing', 'suspended', 'unknown', 'degraded', 'missing'];

export function worstOf(healths: readonly Health[]): Health {
  return healths.reduce(
    (worst, health) => (order.indexOf(health) > order.indexOf(worst) ? health : worst),
    'healthy',
  );
}

export interface ServiceHealth {
  readonly health: Health;
  /** Instances that are healthy. */
  readonly ready: number;
}

/** Of the instances that should be there; one that is not there is missing. */
export function serviceHealth(stack: Name, service: DesiredService, observed: ObservedState): ServiceHealth {
  const containers = lookupOf(observed).services.get(stack)?.get(service.name) ?? [];
  const healths = Array.from({ length: service.replicas }, (_, index) =>
    bestOf(
      containers.filter(({ instance }) => instance === index + 1),
      service.lifecycle,
    ),
  );
  return { health: worstOf(healths), ready: healths.filter((health) => health === 'healthy').length };
}

export function stackHealth(stack: DesiredStack, observed: ObservedState): Health {
  return worstOf(stack.services.map((service) => serviceHealth(stack.name, service, observed).health));
}

/** While one generation replaces another, the place is as well as the better of the two. */
function bestOf(containers: readonly ObservedContainer[], lifecycle: DesiredService['lifecycle']): Health {
  const healths = new Set(containers.map(({ state }) => instanceHealth(state, lifecycle)));
  return order.find((health) => healths.has(health)) ?? 'missing';
}
