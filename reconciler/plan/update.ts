import type { ContainerSpec } from '../model/container.ts';
import { updatableFields, type ContainerUpdate, type UpdatableField } from '../model/plan.ts';
import { isSame } from './difference.ts';

/**
 * Whether `docker update` can bring a container from one set of limits to another. It takes 0 and the empty string for
 * "leave it as it is", so most limits cannot be lifted again, and it refuses a share of the processor in cores
 * beside one in periods (moby `daemon/container/container_unix.go` UpdateContainer).
 */
export function canUpdate(field: UpdatableField, from: ContainerSpec, to: ContainerSpec): boolean {
  switch (field) {
    case 'restart':
    case 'pids_limit':
      return true;
    case 'cpuset':
      return to.cpuset !== '';
    case 'cpus':
      return to.cpus !== null && from.cpu_period === null && from.cpu_quota === null;
    case 'cpu_quota':
      return from.cpus === null;
    case 'cpu_period':
      return to.cpu_period !== null && from.cpus === null;
    case 'cpu_shares':
    case 'mem_reservation':
      return to[field] !== null;
    case 'memswap_limit':
      return to.memswap_limit !== null && to.memswap_limit > 0;
    case 'mem_limit':
      return to.mem_limit !== null && !hasOpenSwap(from) && !hasOpenSwap(to);
    default:
      return field satisfies never;
  }
}

/** Unlimited swap is a number below any memory limit to the engine, which then refuses to raise that. */
function hasOpenSwap({ memswap_limit: limit }: ContainerSpec): boolean {
  return limit === -1;
}

/** The fields to send: those that differ, and the swap limit with the memory limit, which the engine checks together. */
export function updateOf(
  fields: readonly UpdatableField[],
  from: ContainerSpec,
  to: ContainerSpec,
): ContainerUpdate {
  const sendsMemory = fields.includes('mem_limit') && to.memswap_limit !== null;
  const sent = new Set<UpdatableField>(sendsMemory ? [...fields, 'memswap_limit'] : fields);
  const chosen = updatableFields.filter(
    (field) => sent.has(field) && (!isSame(from[field], to[field]) || sendsMemory),
  );
  return Object.fromEntries(chosen.map((field) => [field, to[field]]));
}

export function isUpdatable(field: string): field is UpdatableField {
  return updatableFields.some((updatable) => updatable === field);
}
