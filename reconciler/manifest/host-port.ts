import type { PortBinding } from '../model/container.ts';
import { familyOf } from './address.ts';
import { readRange } from './port.ts';

/** A demand for host ports: any `count` of a range. */
export interface PortDemand<Owner> {
  readonly owner: Owner;
  readonly binding: PortBinding;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export interface PortConflict<Owner> {
  readonly demand: PortDemand<Owner>;
  /** Who else wants it; never empty. */
  readonly others: readonly Owner[];
}

/** What `replicas` containers with this binding want; null where the engine chooses freely. */
export function demandOf<Owner>(
  owner: Owner,
  binding: PortBinding,
  replicas: number,
): PortDemand<Owner> | null {
  const range = readRange(binding.published);
  return range === null || replicas === 0 ? null : { owner, binding, ...range, count: replicas };
}

/** `127.0.0.1:8080/tcp`, as a person would write it. */
export function formatHostPort({ binding }: Pick<PortDemand<unknown>, 'binding'>): string {
  const ip =
    binding.host_ip === ''
      ? ''
      : `${binding.host_ip.includes(':') ? `[${binding.host_ip}]` : binding.host_ip}:`;
  return `${ip}${binding.published}/${binding.protocol}`;
}

/**
 * Fixed ports that two want, and ranges of which others leave too little. Each conflict is told once for each of the
 * two: which of them should give way, only a person knows.
 */
export function findPortConflicts<Owner>(
  demands: readonly PortDemand<Owner>[],
): readonly PortConflict<Owner>[] {
  const fixed = demands.filter(({ first, last }) => first === last);
  const byPort = groupByPort(fixed);
  return demands.flatMap((demand): readonly PortConflict<Owner>[] => {
    const taken = neighbours(demand, byPort).filter(
      (other) => other !== demand && overlaps(demand.binding, other.binding),
    );
    const free = demand.last - demand.first + 1 - new Set(taken.map(({ first }) => first)).size;
    return taken.length > 0 && free < demand.count
      ? [{ demand, others: taken.map(({ owner }) => owner) }]
      : [];
  });
}

function groupByPort<Owner>(
  fixed: readonly PortDemand<Owner>[],
): ReadonlyMap<number, readonly PortDemand<Owner>[]> {
  const byPort = new Map<number, PortDemand<Owner>[]>();
  for (const demand of fixed) byPort.set(demand.first, [...(byPort.get(demand.first) ?? []), demand]);
  return byPort;
}

function neighbours<Owner>(
  { first, last }: PortDemand<Owner>,
  byPort: ReadonlyMap<number, readonly PortDemand<Owner>[]>,
): readonly PortDemand<Owner>[] {
  const ports = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return ports.flatMap((port) => byPort.get(port) ?? []);
}

function overlaps(left: PortBinding, right: PortBinding): boolean {
  if (left.protocol !== right.protocol) return false;
  return (
    left.host_ip === right.host_ip ||
    covers(left.host_ip, right.host_ip) ||
    covers(right.host_ip, left.host_ip)
  );
}

/** Whether listening on the first address takes the port on the second one too. */
function covers(wide: string, narrow: string): boolean {
  if (wide === '') return true;
  return (wide === '0.0.0.0' && familyOf(narrow) === 4) || (wide === '::' && familyOf(narrow) === 6);
}
