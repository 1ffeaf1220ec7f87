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
  /** Who else wants it; null when nobody but the same owner does. */
  readonly other: Owner | null;
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
  isSame: (left: Owner, right: Owner) => boolean,
): readonly PortConflict<Owner>[] {
  const byPort = groupByPort(demands.filter(({ first, last }) => first === last));
  return demands.flatMap((demand): readonly PortConflict<Owner>[] => {
    const takers = portsOf(demand).flatMap((port) => findTaker(demand, byPort.get(port) ?? [], isSame));
    const free = demand.last - demand.first + 1 - takers.length;
    if (takers.length === 0 || free >= demand.count) return [];
    const other = takers.find((taker) => !isSame(taker, demand.owner));
    return [{ demand, other: other ?? null }];
  });
}

function groupByPort<Owner>(
  fixed: readonly PortDemand<Owner>[],
): ReadonlyMap<number, readonly PortDemand<Owner>[]> {
  const byPort = new Map<number, PortDemand<Owner>[]>();
  for (const demand of fixed) {
    const known = byPort.get(demand.first);
    if (known === undefined) byPort.set(demand.first, [demand]);
    else known.push(demand);
  }
  return byPort;
}

function portsOf({ first, last }: PortDemand<unknown>): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Somebody who takes one of the ports away, preferably somebody else; none or one. */
function findTaker<Owner>(
  demand: PortDemand<Owner>,
  rivals: readonly PortDemand<Owner>[],
  isSame: (left: Owner, right: Owner) => boolean,
): readonly Owner[] {
  const takes = (rival: PortDemand<Owner>): boolean =>
    rival !== demand && overlaps(demand.binding, rival.binding);
  const taker =
    rivals.find((rival) => takes(rival) && !isSame(rival.owner, demand.owner)) ?? rivals.find(takes);
  return taker === undefined ? [] : [taker.owner];
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
