import type { ContainerSpec, RestartPolicy } from '../model/container.ts';
import type { Container } from '../model/generated/container.ts';
import { inside, report, type Place } from './place.ts';
import { readSize } from './quantity.ts';

type LimitField =
  | 'cpus'
  | 'cpu_shares'
  | 'cpu_period'
  | 'cpu_quota'
  | 'cpuset'
  | 'mem_limit'
  | 'mem_reservation'
  | 'memswap_limit'
  | 'mem_swappiness'
  | 'oom_kill_disable'
  | 'oom_score_adj'
  | 'pids_limit'
  | 'shm_size';

/** Limits as they were said; undefined where nothing was. */
export type Limits = { readonly [Field in LimitField]: ContainerSpec[Field] | undefined };

/** Compose's own keys and those below `deploy.resources` as one; 0 and -1 become "no limit" where they mean it. */
export function readLimits(spec: Container, place: Place): Limits {
  const limits = spec.deploy?.resources?.limits ?? {};
  const reservations = spec.deploy?.resources?.reservations ?? {};
  const size = (key: 'mem_limit' | 'mem_reservation' | 'memswap_limit' | 'shm_size'): number | undefined =>
    spec[key] === undefined ? undefined : readSize(spec[key], inside(place, key));
  const resources = inside(place, 'deploy', 'resources');
  const read: Limits = {
    cpus: noLimit(same(readCpus(spec.cpus), readCpus(limits.cpus), inside(resources, 'limits', 'cpus'))),
    cpu_shares: noLimit(spec.cpu_shares),
    cpu_period: noLimit(spec.cpu_period),
    cpu_quota: noLimit(spec.cpu_quota),
    cpuset: spec.cpuset === undefined ? undefined : String(spec.cpuset),
    mem_limit: noLimit(
      same(size('mem_limit'), readMemory(limits.memory, resources), inside(resources, 'limits', 'memory')),
    ),
    mem_reservation: noLimit(
      same(
        size('mem_reservation'),
        readMemory(reservations.memory, resources),
        inside(resources, 'reservations', 'memory'),
      ),
    ),
    memswap_limit: size('memswap_limit') === 0 ? null : size('memswap_limit'),
    mem_swappiness: spec.mem_swappiness === -1 ? null : spec.mem_swappiness,
    oom_kill_disable: spec.oom_kill_disable,
    oom_score_adj: spec.oom_score_adj,
    pids_limit: noLimit(same(spec.pids_limit, limits.pids, inside(resources, 'limits', 'pids'))),
    shm_size: size('shm_size'),
  };
  checkLimits(read, place);
  return read;
}

function readCpus(value: string | number | undefined): number | undefined {
  // The engine counts billionths.
  return value === undefined ? undefined : Math.round(Number(value) * 1e9) / 1e9;
}

function readMemory(value: string | number | undefined, place: Place): number | undefined {
  return value === undefined ? undefined : readSize(value, place);
}

/** The key of the service and the one below `deploy` may both be there when they agree, as in Compose. */
function same(own: number | undefined, deployed: number | undefined, place: Place): number | undefined {
  if (own !== undefined && deployed !== undefined && own !== deployed) {
    report(
      place,
      'ConflictingKeys',
      'says something else than the key of the service itself. Keep one of them.',
    );
  }
  return own ?? deployed;
}

function noLimit(value: number | undefined): number | null | undefined {
  return value !== undefined && value <= 0 ? null : value;
}

const leastMemoryBytes = 6 * 1024 * 1024;

/** What every engine refuses when it creates the container. */
function checkLimits(limits: Limits, place: Place): void {
  const {
    cpus,
    cpu_period: period,
    cpu_quota: quota,
    mem_limit: memory,
    mem_reservation: reserved,
    memswap_limit: swap,
  } = limits;
  if (isSet(cpus) && (isSet(period) || isSet(quota))) {
    report(
      inside(place, isSet(quota) ? 'cpu_quota' : 'cpu_period'),
      'ConflictingKeys',
      'cannot stand beside `cpus`. Keep one of them.',
    );
  }
  if (isSet(memory) && memory < leastMemoryBytes)
    report(
      inside(place, 'mem_limit'),
      'WrongValue',
      'should be at least 6m, the least that the engine allows.',
    );
  if (isSet(reserved) && isSet(memory) && reserved > memory)
    report(inside(place, 'mem_reservation'), 'WrongValue', 'should not be more than `mem_limit`.');
  if (!isSet(swap)) return;
  if (!isSet(memory)) report(inside(place, 'memswap_limit'), 'MissingKey', 'needs `mem_limit` beside it.');
  else if (swap !== -1 && swap < memory)
    report(
      inside(place, 'memswap_limit'),
      'WrongValue',
      'counts memory and swap together, so it should be at least `mem_limit`.',
    );
}

function isSet(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

/** `restart`, else `deploy.restart_policy`. */
export function readRestart(spec: Container, place: Place): RestartPolicy | undefined {
  if (spec.restart !== undefined) {
    const [condition = 'no', attempts = '0'] = spec.restart.split(':');
    return { condition: restartConditions[condition] ?? 'no', max_attempts: Number(attempts) };
  }
  const policy = spec.deploy?.restart_policy;
  if (policy === undefined) return undefined;
  const { condition = 'any', max_attempts: attempts = 0 } = policy;
  const isCounted = condition === 'on-failure';
  if (attempts > 0 && !isCounted) {
    report(
      inside(place, 'deploy', 'restart_policy', 'max_attempts'),
      'ConflictingKeys',
      'counts only with `condition: on-failure`. Remove one of them.',
    );
  }
  return { condition: restartConditions[condition] ?? 'no', max_attempts: isCounted ? attempts : 0 };
}

const restartConditions: Readonly<Record<string, RestartPolicy['condition']>> = {
  no: 'no',
  none: 'no',
  always: 'always',
  any: 'always',
  'unless-stopped': 'unless-stopped',
  'on-failure': 'on-failure',
};

/** `replicas`, `scale` or `deploy.replicas`; 1 when nothing is said. */
export function readReplicas(spec: Container & { readonly replicas?: number }, place: Place): number {
  const said = (['replicas', 'scale'] as const).flatMap((key) =>
    spec[key] === undefined ? [] : [spec[key]],
  );
  const [first] = said;
  const deployed = spec.deploy?.replicas;
  if (said.some((value) => value !== first))
    report(
      inside(place, 'scale'),
      'ConflictingKeys',
      'says something else than `replicas`. Keep one of them.',
    );
  return same(first, deployed, inside(place, 'deploy', 'replicas')) ?? 1;
}
