import type { ContainerInspectInfo } from 'dockerode';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { exec } from '../support/exec.ts';
import { services, stack, type Spec } from '../support/manifest.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

interface Case {
  readonly field: string;
  readonly from: Spec;
  readonly to: Spec;
  /** Read from the engine, in the engine's words. */
  readonly read: (container: ContainerInspectInfo) => unknown;
  readonly expected: unknown;
}

const allCores = availableParallelism() > 1 ? `0-${availableParallelism() - 1}` : '0';
const mebibyte = 1024 * 1024;

const cases: readonly Case[] = [
  limit('cpus', { from: 0.5, to: 0.25, read: (host) => host.NanoCpus, expected: 250_000_000 }),
  limit('cpu_shares', { from: 512, to: 256, read: (host) => host.CpuShares, expected: 256 }),
  limit('cpu_period', { from: 100_000, to: 50_000, read: (host) => host.CpuPeriod, expected: 50_000 }),
  limit('cpu_quota', { from: 50_000, to: 25_000, read: (host) => host.CpuQuota, expected: 25_000 }),
  limit('cpuset', { from: '0', to: allCores, read: (host) => host.CpusetCpus, expected: allCores }),
  limit('mem_limit', { from: '64m', to: '256m', read: (host) => host.Memory, expected: 256 * mebibyte }),
  limit('mem_reservation', {
    from: '32m',
    to: '16m',
    read: (host) => host.MemoryReservation,
    expected: 16 * mebibyte,
  }),
  limit('pids_limit', { from: 50, to: 60, read: (host) => host.PidsLimit, expected: 60 }),
  limit('restart', {
    from: 'on-failure:3',
    to: 'always',
    read: (host) => host.RestartPolicy?.Name,
    expected: 'always',
  }),
  {
    field: 'memswap_limit',
    from: { mem_limit: '64m', memswap_limit: '96m' },
    to: { mem_limit: '64m', memswap_limit: '128m' },
    read: ({ HostConfig }) => HostConfig.MemorySwap,
    expected: 128 * mebibyte,
  },
  {
    field: 'networks',
    from: { networks: ['left'] },
    to: { networks: ['left', 'right'] },
    read: ({ NetworkSettings }) => Object.keys(NetworkSettings.Networks).sort(),
    expected: ['inplace_left', 'inplace_right'],
  },
];

let fleet: Deployment;
const before = new Map<string, ContainerInspectInfo>();
const after = new Map<string, ContainerInspectInfo>();

beforeAll(async () => {
  fleet = await createDeployment();
  fleet.commit({
    'stacks/inplace/stack.yaml': stack({ networks: { left: {}, right: {} } }),
    ...files('from'),
  });
  expect(await fleet.sync()).toEqual({ inplace: 'succeeded' });
  await readAll(before);
  fleet.commit(files('to'));
  expect(await fleet.sync()).toEqual({ inplace: 'succeeded' });
  await readAll(after);
});

afterAll(() => fleet.close());

test.each(cases)('$field changes while the process runs on', ({ field, read, expected }) => {
  const [was, is] = [before.get(field)!, after.get(field)!];
  expect(read(was)).not.toEqual(expected);
  expect(read(is)).toEqual(expected);
  expect({ id: is.Id, startedAt: is.State.StartedAt }).toEqual({
    id: was.Id,
    startedAt: was.State.StartedAt,
  });
});

realTest('the kernel holds the new limits', async () => {
  const memory = await exec(
    fleet.docker,
    'inplace-mem-limit-1',
    readEither('memory/memory.limit_in_bytes', 'memory.max'),
  );
  expect(Number(memory)).toBe(256 * mebibyte);
  const pids = await exec(fleet.docker, 'inplace-pids-limit-1', readEither('pids/pids.max', 'pids.max'));
  expect(Number(pids)).toBe(60);
});

test('the next plan is empty', async () => {
  expect((await fleet.plan('inplace')).steps).toEqual([]);
});

interface LimitCase {
  readonly from: unknown;
  readonly to: unknown;
  readonly read: (host: ContainerInspectInfo['HostConfig']) => unknown;
  readonly expected: unknown;
}

function limit(field: string, { from, to, read, expected }: LimitCase): Case {
  return {
    field,
    from: { [field]: from },
    to: { [field]: to },
    read: ({ HostConfig }) => read(HostConfig),
    expected,
  };
}

function files(version: 'from' | 'to'): Readonly<Record<string, string>> {
  const specs = cases.map((each) => [serviceName(each), { image: inject('images').web1, ...each[version] }]);
  return services('inplace', Object.fromEntries(specs));
}

async function readAll(into: Map<string, ContainerInspectInfo>): Promise<void> {
  for (const each of cases) into.set(each.field, await fleet.inspect(`inplace-${serviceName(each)}-1`));
}

function serviceName({ field }: Case): string {
  return field.replaceAll('_', '-');
}

/** A file of control groups of the first version, or of the second. */
function readEither(first: string, second: string): readonly string[] {
  return ['sh', '-c', `cat /sys/fs/cgroup/${first} 2>/dev/null || cat /sys/fs/cgroup/${second}`];
}
