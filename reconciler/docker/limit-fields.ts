import type { ContainerIntent, ContainerSpec } from '../model/container.ts';
import type { ContainerUpdate } from '../model/plan.ts';
import { writeRestart } from './process-fields.ts';
import type { HostConfigAnswer } from './wire.ts';

type LimitFields = Pick<
  ContainerSpec,
  | 'cpu_period'
  | 'cpu_quota'
  | 'cpu_shares'
  | 'cpus'
  | 'cpuset'
  | 'mem_limit'
  | 'mem_reservation'
  | 'mem_swappiness'
  | 'memswap_limit'
  | 'oom_kill_disable'
  | 'oom_score_adj'
  | 'pids_limit'
>;

const nanoCpus = 1_000_000_000;

/** What it may use, in canonical form: the engine says 0, -1 or null where there is no limit. */
export function readLimits(host: HostConfigAnswer): LimitFields {
  const cpus = positive(host.NanoCpus);
  return {
    cpus: cpus === null ? null : cpus / nanoCpus,
    cpu_shares: positive(host.CpuShares),
    cpu_period: positive(host.CpuPeriod),
    cpu_quota: positive(host.CpuQuota),
    cpuset: host.CpusetCpus ?? '',
    mem_limit: positive(host.Memory),
    mem_reservation: positive(host.MemoryReservation),
    memswap_limit: host.MemorySwap || null,
    mem_swappiness: readSwappiness(host.MemorySwappiness),
    oom_kill_disable: host.OomKillDisable ?? false,
    oom_score_adj: host.OomScoreAdj ?? 0,
    pids_limit: positive(host.PidsLimit),
  };
}

export function writeLimits(intent: ContainerIntent): HostConfigAnswer {
  return {
    ...(intent.cpus && { NanoCpus: Math.round(intent.cpus * nanoCpus) }),
    ...(intent.cpu_shares && { CpuShares: intent.cpu_shares }),
    ...(intent.cpu_period && { CpuPeriod: intent.cpu_period }),
    ...(intent.cpu_quota && { CpuQuota: intent.cpu_quota }),
    ...(intent.cpuset && { CpusetCpus: intent.cpuset }),
    ...(intent.mem_limit && { Memory: intent.mem_limit }),
    ...(intent.mem_reservation && { MemoryReservation: intent.mem_reservation }),
    ...(intent.memswap_limit && { MemorySwap: intent.memswap_limit }),
    ...(typeof intent.mem_swappiness === 'number' && { MemorySwappiness: intent.mem_swappiness }),
    ...(intent.oom_kill_disable && { OomKillDisable: true }),
    ...(intent.oom_score_adj && { OomScoreAdj: intent.oom_score_adj }),
    ...(intent.pids_limit && { PidsLimit: intent.pids_limit }),
  };
}

/** An update reads 0 as "leave it alone"; what it can take away, it takes away with -1. */
export function writeUpdate(to: ContainerUpdate): HostConfigAnswer {
  return {
    ...writeLimits({ image: '', ...to }),
    ...(to.cpu_quota === null && { CpuQuota: -1 }),
    ...(to.mem_reservation === null && { MemoryReservation: -1 }),
    ...(to.pids_limit === null && { PidsLimit: -1 }),
    ...(to.restart && { RestartPolicy: writeRestart(to.restart) }),
  };
}

function positive(value: number | null | undefined): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}

function readSwappiness(value: number | null | undefined): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}
