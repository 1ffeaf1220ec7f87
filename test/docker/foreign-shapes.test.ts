import { describe, expect, test } from 'vitest';
import type { EngineFacts } from '../../reconciler/docker/facts.ts';
import { readLimits } from '../../reconciler/docker/limit-fields.ts';
import { readNetwork } from '../../reconciler/docker/network-fields.ts';
import { readProcess } from '../../reconciler/docker/process-fields.ts';
import { readSecurity } from '../../reconciler/docker/security-fields.ts';
import { readStorage } from '../../reconciler/docker/storage-fields.ts';
import type {
  ConfigAnswer,
  ContainerAnswer,
  EndpointAnswer,
  HostConfigAnswer,
  MountPoint,
} from '../../reconciler/docker/wire.ts';

// What an engine can say though our own create calls never lead to it: other versions, other tools, other hosts.

const id = `0123456789ab${'c'.repeat(52)}`;
const facts: EngineFacts = {
  info: {
    id: 'engine',
    version: '28.0.0',
    apiVersion: '1.48',
    os: 'linux',
    architecture: 'amd64',
    defaults: { loggingDriver: 'journald', runtime: 'crun', init: false, cgroup: 'private' },
    unsupported: [],
  },
  hostName: 'dockerhost',
  clockOffsetMs: 0,
  supports: () => true,
};

interface Shape {
  readonly config?: ConfigAnswer;
  readonly host?: HostConfigAnswer;
  readonly mounts?: readonly MountPoint[];
  readonly networks?: Readonly<Record<string, EndpointAnswer | null>> | null;
}

function answer({ config = {}, host = {}, mounts = [], networks = {} }: Shape): ContainerAnswer {
  return {
    Id: id,
    Name: '/x',
    Created: '2026-01-01T00:00:00Z',
    Image: 'sha256:1',
    State: { Status: 'running' },
    Config: config,
    HostConfig: host,
    Mounts: mounts,
    NetworkSettings: { Networks: networks },
  };
}

const volume = (source: string, rest: object = {}) => ({
  type: 'volume',
  source,
  read_only: false,
  nocopy: false,
  subpath: '',
  ...rest,
});

describe('mounts', () => {
  const read = (shape: Shape) => readStorage(answer(shape), new Set()).mounts;

  test.each<[string, Shape, object]>([
    [
      'a named volume in short form',
      { host: { Binds: ['data:/var/data:ro,nocopy'] } },
      {
        '/var/data': volume('data', { read_only: true, nocopy: true }),
      },
    ],
    ['a carried anonymous volume', { host: { Binds: [`${id}:/data`] } }, { '/data': volume('') }],
    [
      'a bind with a label for SELinux',
      { host: { Binds: ['/srv:/data:z,rslave'] } },
      {
        '/data': { type: 'bind', source: '/srv', read_only: false, propagation: 'rslave' },
      },
    ],
    [
      "a bind of the engine's own directory, which gets another propagation",
      {
        host: { Binds: ['/:/rootfs:ro'] },
        mounts: [{ Type: 'bind', Source: '/', Destination: '/rootfs', RW: false }],
      },
      { '/rootfs': { type: 'bind', source: '/', read_only: true, propagation: 'rprivate' } },
    ],
    [
      'a tmpfs in short form',
      { host: { Tmpfs: { '/run': 'size=64m,mode=1770,uid=1' } } },
      {
        '/run': { type: 'tmpfs', size: 67_108_864, mode: 0o1770 },
      },
    ],
    [
      'a tmpfs of half the memory',
      { host: { Tmpfs: { '/run': 'size=50%' } } },
      {
        '/run': { type: 'tmpfs', size: null, mode: null },
      },
    ],
    [
      'an unclean target',
      { host: { Mounts: [{ Type: 'volume', Source: 'v', Target: '/a//b/' }] } },
      {
        '/a/b': volume('v'),
      },
    ],
    [
      'what --volumes-from brought',
      { mounts: [{ Type: 'volume', Name: 'shared', Destination: '/s', RW: false }] },
      {
        '/s': volume('shared', { read_only: true }),
      },
    ],
    ['nothing, said as null', { host: { Binds: null, Mounts: null, Tmpfs: null } }, {}],
  ])('%s', (_, shape, expected) => {
    expect(read(shape)).toEqual(expected);
  });
});

describe('networks', () => {
  test.each<[string, Shape, object]>([
    [
      'the mode that 20.10 calls default',
      { host: { NetworkMode: 'default' }, networks: { bridge: {} } },
      {
        network_mode: 'bridge',
        networks: {},
      },
    ],
    [
      'a container that was taken off the bridge',
      { host: { NetworkMode: 'bridge' } },
      { network_mode: 'none' },
    ],
    [
      'a further network of a container on the bridge',
      {
        host: { NetworkMode: 'bridge' },
        networks: { bridge: {}, other: { Aliases: null, IPAMConfig: null } },
      },
      {
        network_mode: 'bridge',
        networks: { other: { aliases: [], ipv4_address: null, ipv6_address: null, link_local_ips: [] } },
      },
    ],
    [
      'aliases to which 20.10 added the short id and the host name',
      {
        host: { NetworkMode: 'net' },
        networks: { net: { Aliases: ['web', 'db', '0123456789ab', 'box'] } },
      },
      {
        networks: {
          net: { aliases: ['db', 'web'], ipv4_address: null, ipv6_address: null, link_local_ips: [] },
        },
      },
    ],
    [
      'a published port without a binding',
      { host: { PortBindings: { '80': null, '81/udp': [] } } },
      {
        ports: [
          { target: 80, protocol: 'tcp', published: '', host_ip: '' },
          { target: 81, protocol: 'udp', published: '', host_ip: '' },
        ],
        expose: ['80/tcp', '81/udp'],
      },
    ],
    [
      'an address of IPv6 in brackets',
      { host: { ExtraHosts: ['six:[2001:db8::1]', 'gw:host-gateway'] } },
      {
        extra_hosts: ['gw:host-gateway', 'six:2001:db8::1'],
      },
    ],
  ])('%s', (_, shape, expected) => {
    expect(readNetwork(answer(shape))).toMatchObject(expected);
  });
});

describe('the process', () => {
  test.each<[string, Shape, object]>([
    [
      'the host name that an engine made of the id',
      { config: { Hostname: '0123456789ab' } },
      { hostname: '' },
    ],
    [
      'the host name of the host',
      { config: { Hostname: 'dockerhost' }, host: { NetworkMode: 'host' } },
      {
        hostname: '',
      },
    ],
    [
      "a host name of its own on the host's network",
      {
        config: { Hostname: 'mine' },
        host: { NetworkMode: 'host' },
      },
      { hostname: 'mine' },
    ],
    [
      'the names of whoever lends the network',
      {
        config: { Hostname: 'lender', Domainname: 'example.org' },
        host: { NetworkMode: 'container:x' },
      },
      { hostname: '', domainname: '' },
    ],
    [
      'a variable without a value, which takes one away',
      { config: { Env: ['A=1=2', 'B', 'C='] } },
      {
        environment: { A: '1=2', C: '' },
      },
    ],
    ['a check that was switched off', { config: { Healthcheck: { Test: ['NONE'] } } }, { healthcheck: null }],
    ['a check without a test', { config: { Healthcheck: { Interval: 1 } } }, { healthcheck: null }],
    ['signals in other words', { config: { StopSignal: 'term' } }, { stop_signal: 'SIGTERM' }],
    [
      'what nobody said',
      { host: { RestartPolicy: { Name: '' }, LogConfig: { Type: '', Config: null } } },
      {
        restart: { condition: 'no', max_attempts: 0 },
        logging: { driver: 'journald', options: {} },
        runtime: 'crun',
        stop_grace_period: 10_000,
        stop_signal: 'SIGTERM',
        user: '',
        labels: {},
      },
    ],
  ])('%s', (_, shape, expected) => {
    expect(readProcess(answer(shape), facts)).toMatchObject(expected);
  });
});

describe('rights and limits', () => {
  test.each<[string, HostConfigAnswer, object]>([
    [
      'capabilities with their prefix',
      { CapAdd: ['CAP_SYS_TIME', 'net_admin', 'NET_ADMIN'] },
      {
        cap_add: ['NET_ADMIN', 'SYS_TIME'],
      },
    ],
    [
      'options in their old spelling',
      { SecurityOpt: ['seccomp:unconfined', 'no-new-privileges:true'] },
      {
        security_opt: ['no-new-privileges', 'seccomp=unconfined'],
      },
    ],
    [
      'the label that privileged containers get',
      { Privileged: true, SecurityOpt: ['label=disable'] },
      {
        security_opt: [],
      },
    ],
    [
      'a label that somebody asked for',
      { SecurityOpt: ['label=disable'] },
      { security_opt: ['label=disable'] },
    ],
    [
      'what nobody said',
      { CapAdd: null, Ulimits: null, Devices: null, IpcMode: '', CgroupnsMode: '' },
      {
        cap_add: [],
        ulimits: {},
        devices: [],
        ipc: 'private',
        cgroup: 'private',
      },
    ],
  ])('%s', (_, host, expected) => {
    expect(readSecurity(host, facts)).toMatchObject(expected);
  });

  test('no limit is null, however the engine says it', () => {
    const zero = {
      Memory: 0,
      NanoCpus: 0,
      CpuQuota: -1,
      PidsLimit: 0,
      MemorySwappiness: -1,
      MemoryReservation: -1,
    };
    const nothing = {
      mem_limit: null,
      cpus: null,
      cpu_quota: null,
      pids_limit: null,
      mem_swappiness: null,
      mem_reservation: null,
      memswap_limit: null,
    };
    expect(readLimits(zero)).toMatchObject(nothing);
    expect(readLimits({ ...zero, PidsLimit: -1, MemorySwappiness: null })).toMatchObject(nothing);
    expect(readLimits({ MemorySwap: -1 })).toMatchObject({ memswap_limit: -1 });
  });
});
