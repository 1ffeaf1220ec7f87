import { describe, expect, test } from 'vitest';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import { knownKeys } from '../../reconciler/manifest/schema-walk.ts';
import { schemaOf } from '../../reconciler/manifest/schema.ts';
import { intentOf, loadService, stackManifest } from './tree.ts';

const stack = {
  'stacks/shop/stack.yaml': stackManifest(
    'volumes: { data: }\nnetworks: { back: { ipam: { config: [{ subnet: 172.30.0.0/16 }, { subnet: "2001:db8::/64" }] } } }',
  ),
};

/** Every key of a container, in each of its forms, and what the engine is to be told. */
const forms: readonly (readonly [yaml: string, want: Omit<ContainerIntent, 'image'>])[] = [
  ['platform: linux/amd64', { platform: 'linux/amd64' }],
  ['platform: arm64', { platform: 'linux/arm64' }],
  ['platform: linux/aarch64', { platform: 'linux/arm64' }],
  ['platform: linux/arm64/v8', { platform: 'linux/arm64' }],
  ['platform: constructor', { platform: 'linux/constructor' }],

  ['command: [nginx, -g, daemon off;]', { command: ['nginx', '-g', 'daemon off;'] }],
  [`command: sh -c "echo 'a b'"`, { command: ['sh', '-c', "echo 'a b'"] }],
  ['command: [sleep, 5]', { command: ['sleep', '5'] }],
  ['command: []', { command: [] }],
  ['command: ""', { command: [] }],
  ['command:', {}],
  ['entrypoint: /run.sh --fast', { entrypoint: ['/run.sh', '--fast'] }],
  ['entrypoint: []', { entrypoint: [] }],

  [
    'environment: { A: x, B: 5, C: true, D: 1.5, E: "" }',
    { environment: { A: 'x', B: '5', C: 'true', D: '1.5', E: '' } },
  ],
  ['environment: [A=x, B=a=b, "C="]', { environment: { A: 'x', B: 'a=b', C: '' } }],
  ['environment: { PRICE: "${PRICE} is $5" }', { environment: { PRICE: '${PRICE} is $5' } }],
  [
    'environment: { constructor: x, MODE: 0755, BIG: 12345678901234567890 }',
    { environment: { constructor: 'x', MODE: '493', BIG: '12345678901234567890' } },
  ],
  ['environment: {}', {}],

  ['user: "1000:1000"', { user: '1000:1000' }],
  ['user: 1000', { user: '1000' }],
  ['working_dir: /srv', { working_dir: '/srv' }],
  ['hostname: a', { hostname: 'a' }],
  ['domainname: example.org', { domainname: 'example.org' }],
  ['labels: { a: b, n: 5, e: }', { labels: { a: 'b', n: '5', e: '' } }],
  ['labels: [a=b, flag]', { labels: { a: 'b', flag: '' } }],
  ['annotations: [org.example/a=b]', { annotations: { 'org.example/a': 'b' } }],
  ['stdin_open: true', { stdin_open: true }],
  ['tty: true', { tty: true }],

  ['dns: 9.9.9.9', { dns: ['9.9.9.9'] }],
  ['dns: [9.9.9.9, 1.1.1.1]', { dns: ['9.9.9.9', '1.1.1.1'] }],
  ['dns_search: example.org', { dns_search: ['example.org'] }],
  ['dns_opt: [use-vc, ndots:2]', { dns_opt: ['ndots:2', 'use-vc'] }],
  [
    'extra_hosts: ["b:192.0.2.1", "a=::1", "c=[::2]", "d:::3"]',
    { extra_hosts: ['a:::1', 'b:192.0.2.1', 'c:::2', 'd:::3'] },
  ],
  [
    'extra_hosts: { a: [192.0.2.1, 192.0.2.2], host: host-gateway }',
    { extra_hosts: ['a:192.0.2.1', 'a:192.0.2.2', 'host:host-gateway'] },
  ],
  ['mac_address: 02-42-AC-11-65-43', { mac_address: '02:42:ac:11:65:43' }],

  ['tmpfs: /run', { mounts: { '/run': { type: 'tmpfs', size: null, mode: null } } }],
  [
    'tmpfs: ["/a:size=64m,mode=1777", /b]',
    {
      mounts: {
        '/a': { type: 'tmpfs', size: 67_108_864, mode: 0o1777 },
        '/b': { type: 'tmpfs', size: null, mode: null },
      },
    },
  ],
  ['read_only: true', { read_only: true }],
  ['shm_size: 128m', { shm_size: 134_217_728 }],
  ['shm_size: 67108864', { shm_size: 67_108_864 }],
  ['storage_opt: { size: 10G }', { storage_opt: { size: '10G' } }],

  ['restart: "no"', { restart: { condition: 'no', max_attempts: 0 } }],
  ['restart: no', { restart: { condition: 'no', max_attempts: 0 } }],
  ['restart: always', { restart: { condition: 'always', max_attempts: 0 } }],
  ['restart: unless-stopped', { restart: { condition: 'unless-stopped', max_attempts: 0 } }],
  ['restart: on-failure', { restart: { condition: 'on-failure', max_attempts: 0 } }],
  ['restart: on-failure:3', { restart: { condition: 'on-failure', max_attempts: 3 } }],
  [
    'deploy: { restart_policy: { condition: on-failure, max_attempts: 3 } }',
    { restart: { condition: 'on-failure', max_attempts: 3 } },
  ],
  ['deploy: { restart_policy: { condition: any } }', { restart: { condition: 'always', max_attempts: 0 } }],
  ['deploy: { restart_policy: { condition: none } }', { restart: { condition: 'no', max_attempts: 0 } }],

  ['stop_signal: SIGINT', { stop_signal: 'SIGINT' }],
  ['stop_signal: int', { stop_signal: 'SIGINT' }],
  ['stop_signal: 2', { stop_signal: '2' }],
  ['stop_grace_period: 1m30s', { stop_grace_period: 90_000 }],
  ['stop_grace_period: 1.5s', { stop_grace_period: 1_500 }],
  ['stop_grace_period: 1d2h', { stop_grace_period: 93_600_000 }],
  ['init: true', { init: true }],
  [
    'logging: { driver: local, options: { max-size: 10m, max-file: 3 } }',
    { logging: { driver: 'local', options: { 'max-size': '10m', 'max-file': '3' } } },
  ],
  ['logging: { options: { tag: web } }', { logging: { driver: '', options: { tag: 'web' } } }],
  ['runtime: runc', { runtime: 'runc' }],

  ['privileged: true', { privileged: true }],
  ['cap_add: [cap_net_admin, SYS_TIME, NET_ADMIN]', { cap_add: ['NET_ADMIN', 'SYS_TIME'] }],
  ['cap_drop: [all]', { cap_drop: ['ALL'] }],
  [
    'security_opt: ["seccomp:unconfined", "no-new-privileges:true", "label=type:svirt"]',
    { security_opt: ['label=type:svirt', 'no-new-privileges', 'seccomp=unconfined'] },
  ],
  ['group_add: [adm, 998]', { group_add: ['998', 'adm'] }],
  ['userns_mode: host', { userns_mode: 'host' }],
  ['pid: host', { pid: 'host' }],
  ['pid: container:other', { pid: 'container:other' }],
  ['ipc: shareable', { ipc: 'shareable' }],
  ['uts: host', { uts: 'host' }],
  ['cgroup: private', { cgroup: 'private' }],
  ['cgroup_parent: m-x', { cgroup_parent: 'm-x' }],
  ['sysctls: { net.core.somaxconn: 1024 }', { sysctls: { 'net.core.somaxconn': '1024' } }],
  ['sysctls: [net.core.somaxconn=1024]', { sysctls: { 'net.core.somaxconn': '1024' } }],
  [
    'ulimits: { nproc: 65535, nofile: { soft: 20000, hard: 40000 } }',
    { ulimits: { nproc: { soft: 65_535, hard: 65_535 }, nofile: { soft: 20_000, hard: 40_000 } } },
  ],
  ['devices: [/dev/null]', { devices: ['/dev/null:/dev/null:rwm'] }],
  [
    'devices: ["/dev/b:/dev/c:r", { source: /dev/a, permissions: rw }]',
    { devices: ['/dev/a:/dev/a:rw', '/dev/b:/dev/c:r'] },
  ],
  ['device_cgroup_rules: ["c 1:3 mr"]', { device_cgroup_rules: ['c 1:3 mr'] }],

  ['cpus: 1.5', { cpus: 1.5 }],
  ['cpus: "0.50"', { cpus: 0.5 }],
  ['cpus: 0', { cpus: null }],
  [
    'deploy: { resources: { limits: { cpus: "0.25", memory: 256M, pids: 20 }, reservations: { memory: 128M } } }',
    { cpus: 0.25, mem_limit: 268_435_456, pids_limit: 20, mem_reservation: 134_217_728 },
  ],
  ['cpus: 0.5\ndeploy: { resources: { limits: { cpus: "0.5" } } }', { cpus: 0.5 }],
  ['cpu_shares: 512', { cpu_shares: 512 }],
  ['cpu_period: 100000\ncpu_quota: 50000', { cpu_period: 100_000, cpu_quota: 50_000 }],
  ['cpuset: 0-3', { cpuset: '0-3' }],
  ['cpuset: 0', { cpuset: '0' }],
  ['mem_limit: 512m', { mem_limit: 536_870_912 }],
  ['mem_limit: 1.5g', { mem_limit: 1_610_612_736 }],
  ['mem_limit: 512 MiB', { mem_limit: 536_870_912 }],
  ['mem_limit: 0', { mem_limit: null }],
  [
    'mem_limit: 512m\nmem_reservation: 256m\nmemswap_limit: 1g',
    { mem_limit: 536_870_912, mem_reservation: 268_435_456, memswap_limit: 1_073_741_824 },
  ],
  ['mem_limit: 512m\nmemswap_limit: -1', { mem_limit: 536_870_912, memswap_limit: -1 }],
  ['mem_swappiness: 10', { mem_swappiness: 10 }],
  ['mem_swappiness: -1', { mem_swappiness: null }],
  ['oom_kill_disable: true', { oom_kill_disable: true }],
  ['oom_score_adj: -500', { oom_score_adj: -500 }],
  ['pids_limit: 100', { pids_limit: 100 }],
  ['pids_limit: -1', { pids_limit: null }],

  [
    'expose: [3000, "4000/udp", "5000-5002"]',
    { expose: ['3000/tcp', '4000/udp', '5000/tcp', '5001/tcp', '5002/tcp'] },
  ],
  ['x-note: kept for readers', {}],
];

test.each(forms)('%s is told to the engine in canonical form', (yaml, want) => {
  expect(intentOf(yaml)).toEqual(want);
});

describe('healthcheck', () => {
  const nothing = { test: [], interval: 0, timeout: 0, retries: 0, start_period: 0, start_interval: 0 };
  test.each([
    ['healthcheck: { test: pg_isready }', { ...nothing, test: ['CMD-SHELL', 'pg_isready'] }],
    [
      'healthcheck: { test: [CMD, pg_isready], interval: 5s, timeout: 500ms, retries: 4, start_period: 1m, start_interval: 1s }',
      {
        test: ['CMD', 'pg_isready'],
        interval: 5_000,
        timeout: 500,
        retries: 4,
        start_period: 60_000,
        start_interval: 1_000,
      },
    ],
    [
      'healthcheck: { test: [CMD-SHELL, "pg_isready -U x"] }',
      { ...nothing, test: ['CMD-SHELL', 'pg_isready -U x'] },
    ],
    ['healthcheck: { test: [NONE] }', { ...nothing, test: ['NONE'] }],
    ['healthcheck: { disable: true }', { ...nothing, test: ['NONE'] }],
    ['healthcheck: { interval: 7s }', { ...nothing, interval: 7_000 }],
  ])('%s says only what was said', (yaml, want) => {
    expect(intentOf(yaml)).toEqual({ healthcheck: want });
  });
});

describe('ports', () => {
  const tcp = (target: number, published = '', host_ip = ''): object => ({
    target,
    protocol: 'tcp',
    published,
    host_ip,
  });
  test.each([
    ['[80]', [tcp(80)]],
    ['["8080:80"]', [tcp(80, '8080')]],
    ['["127.0.0.1:8080:80"]', [tcp(80, '8080', '127.0.0.1')]],
    ['["127.0.0.1::80"]', [tcp(80, '', '127.0.0.1')]],
    ['["[::1]:8080:80"]', [tcp(80, '8080', '::1')]],
    ['["8000-8002:80-82"]', [tcp(80, '8000'), tcp(81, '8001'), tcp(82, '8002')]],
    ['["8000-8010:80"]', [tcp(80, '8000-8010')]],
    ['["80-81"]', [tcp(80), tcp(81)]],
    ['["5353:53/udp"]', [{ target: 53, protocol: 'udp', published: '5353', host_ip: '' }]],
    [
      '["53:53", "53:53/UDP"]',
      [tcp(53, '53'), { target: 53, protocol: 'udp', published: '53', host_ip: '' }],
    ],
    ['[{ target: 80 }]', [tcp(80)]],
    [
      '[{ target: 80, published: 8080, host_ip: 127.0.0.1, protocol: tcp, mode: ingress, name: web, app_protocol: http }]',
      [tcp(80, '8080', '127.0.0.1')],
    ],
    ['[{ target: 80, published: "8000-8010" }]', [tcp(80, '8000-8010')]],
    ['["81:81", "80:80", "81:81"]', [tcp(80, '80'), tcp(81, '81')]],
  ])('%s are expanded, sorted and without duplicates', (yaml, want) => {
    expect(intentOf(`ports: ${yaml}`).ports).toEqual(want);
  });

  test('published ports count as exposed', () => {
    expect(intentOf('ports: ["8080:80", "53/udp"]\nexpose: [9000]').expose).toEqual([
      '53/udp',
      '80/tcp',
      '9000/tcp',
    ]);
  });
});

describe('volumes', () => {
  const volume = (source: string, more: object = {}): object => ({
    type: 'volume',
    source,
    read_only: false,
    nocopy: false,
    subpath: '',
    ...more,
  });
  const bind = (source: string, more: object = {}): object => ({
    type: 'bind',
    source,
    read_only: false,
    propagation: '',
    ...more,
  });
  test.each([
    ['[data:/d]', { '/d': volume('shop_data') }],
    ['[data:/d:ro]', { '/d': volume('shop_data', { read_only: true }) }],
    ['[data:/d:nocopy]', { '/d': volume('shop_data', { nocopy: true }) }],
    ['[/d]', { '/d': volume('') }],
    ['[/host//x/:/d/]', { '/d': bind('/host/x') }],
    ['["/host:/d:ro,rslave"]', { '/d': bind('/host', { read_only: true, propagation: 'rslave' }) }],
    ['["/host:/d:cached"]', { '/d': bind('/host') }],
    [
      '[{ type: volume, source: data, target: /d, read_only: true, volume: { nocopy: true, subpath: a/b } }]',
      { '/d': volume('shop_data', { read_only: true, nocopy: true, subpath: 'a/b' }) },
    ],
    ['[{ type: volume, target: /d }]', { '/d': volume('') }],
    [
      '[{ type: bind, source: /host, target: /d, bind: { propagation: rshared, create_host_path: true }, consistency: cached }]',
      { '/d': bind('/host', { propagation: 'rshared' }) },
    ],
    [
      '[{ type: tmpfs, target: /d, tmpfs: { size: 1g, mode: 0700 } }]',
      { '/d': { type: 'tmpfs', size: 1_073_741_824, mode: 0o700 } },
    ],
    [
      '[{ type: tmpfs, target: /d, tmpfs: { mode: "0700" } }]',
      { '/d': { type: 'tmpfs', size: null, mode: 0o700 } },
    ],
  ])('%s are mounts by their path', (yaml, want) => {
    expect(intentOf(`volumes: ${yaml}`, stack).mounts).toEqual(want);
  });
});

describe('networks', () => {
  const attachment = (more: object = {}): object => ({
    aliases: ['web'],
    ipv4_address: null,
    ipv6_address: null,
    link_local_ips: [],
    ...more,
  });
  test.each([
    ['', 'networks', { shop_default: attachment() }],
    ['networks: []', 'networks', { shop_default: attachment() }],
    ['networks: [back]', 'networks', { shop_back: attachment() }],
    ['networks: [default, back]', 'networks', { shop_default: attachment(), shop_back: attachment() }],
    ['networks: { back: }', 'networks', { shop_back: attachment() }],
    [
      'networks: { back: { aliases: [z, a, web], ipv4_address: 172.30.0.9, ipv6_address: "2001:DB8::9", link_local_ips: [169.254.1.2] } }',
      'networks',
      {
        shop_back: attachment({
          aliases: ['a', 'web', 'z'],
          ipv4_address: '172.30.0.9',
          ipv6_address: '2001:db8::9',
          link_local_ips: ['169.254.1.2'],
        }),
      },
    ],
    ['network_mode: host', 'host', {}],
    ['network_mode: none', 'none', {}],
    ['network_mode: bridge', 'bridge', {}],
    ['network_mode: container:other', 'container:other', {}],
  ])('%s connects the container', (yaml, mode, networks) => {
    const { network_mode: gotMode, networks: got } = loadService(`image: app:1\n${yaml}`, stack).container;
    expect({ mode: gotMode, networks: got }).toEqual({ mode, networks });
  });
});

describe('configs', () => {
  const digest = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
  const files = { 'stacks/shop/conf/a.conf': 'hello', 'shared/a.conf': 'hello' };
  test.each([
    ['[{ target: /a, content: hello }]', { digest, mode: 0o444, uid: 0, gid: 0 }],
    [
      '[{ target: /a, file: conf/a.conf, mode: 0400, uid: "101", gid: 102 }]',
      { digest, mode: 0o400, uid: 101, gid: 102 },
    ],
    ['[{ target: /a, file: ./conf/../conf/a.conf, mode: "0440" }]', { digest, mode: 0o440, uid: 0, gid: 0 }],
    ['[{ target: /a, file: ../../shared/a.conf }]', { digest, mode: 0o444, uid: 0, gid: 0 }],
  ])('%s are content-addressed', (yaml, want) => {
    expect(intentOf(`configs: ${yaml}`, files).configs).toEqual({ '/a': want });
  });

  test.each([
    ['reaction: recreate', {}],
    ['reaction: restart', { '/a': { kind: 'restart' } }],
    ['reaction: signal', { '/a': { kind: 'signal', signal: 'SIGHUP' } }],
    ['reaction: signal, signal: usr1', { '/a': { kind: 'signal', signal: 'SIGUSR1' } }],
    ['reaction: signal, signal: 10', { '/a': { kind: 'signal', signal: '10' } }],
  ])(
    'with %s say how a running process learns of them, which is no part of the version',
    (yaml, reactions) => {
      const plain = loadService('image: app:1\nconfigs: [{ target: /a, content: x }]');
      const own = loadService(`image: app:1\nconfigs: [{ target: /a, content: x, ${yaml} }]`);
      expect(own).toMatchObject({ reactions, hash: plain.hash });
    },
  );
});

describe('what is not the container', () => {
  test.each([
    ['', { replicas: 1, pullPolicy: 'missing', lifecycle: 'service' }],
    ['replicas: 3', { replicas: 3, pullPolicy: 'missing', lifecycle: 'service' }],
    ['replicas: 0', { replicas: 0, pullPolicy: 'missing', lifecycle: 'service' }],
    ['scale: 2', { replicas: 2, pullPolicy: 'missing', lifecycle: 'service' }],
    [
      'deploy: { replicas: 2, mode: replicated }',
      { replicas: 2, pullPolicy: 'missing', lifecycle: 'service' },
    ],
    ['deploy:', { replicas: 1, pullPolicy: 'missing', lifecycle: 'service' }],
    ['pull_policy: if_not_present', { replicas: 1, pullPolicy: 'missing', lifecycle: 'service' }],
    ['pull_policy: always', { replicas: 1, pullPolicy: 'always', lifecycle: 'service' }],
    ['pull_policy: daily', { replicas: 1, pullPolicy: 'every:86400000', lifecycle: 'service' }],
    ['pull_policy: weekly', { replicas: 1, pullPolicy: 'every:604800000', lifecycle: 'service' }],
    ['pull_policy: every_1h30m', { replicas: 1, pullPolicy: 'every:5400000', lifecycle: 'service' }],
    ['pull_policy: never', { replicas: 1, pullPolicy: 'never', lifecycle: 'service' }],
    ['lifecycle: job', { replicas: 1, pullPolicy: 'missing', lifecycle: 'job' }],
  ])('%s', (yaml, want) => {
    expect(loadService(`image: app:1\n${yaml}`)).toMatchObject(want);
  });

  test('rollout and drift take what the service says over the stack, over the operator', () => {
    const service = loadService(
      'image: app:1\nrollout: { strategy: recreate }\ndrift: { mode: warn, ignore: [mem_limit, volumes./x.read_only] }',
      {
        'stacks/shop/stack.yaml': stackManifest(
          'rollout: { strategy: rolling, min_healthy_time: 30s }\ndrift: { ignore: [labels.a] }',
        ),
      },
    );
    expect(service.rollout).toEqual({
      strategy: 'recreate',
      minHealthyTimeMs: 30_000,
      healthyDeadlineMs: 300_000,
      progressDeadlineMs: 600_000,
      autoRevert: true,
    });
    expect(service.drift).toEqual({
      mode: 'warn',
      fields: {},
      onStop: 'heal',
      ignore: ['labels.a', 'mem_limit', 'mounts./x.read_only'],
    });
  });

  test('drift has a mode for everything and modes for single fields, in short or in a block', () => {
    const inShort = loadService('image: app:1\ndrift: off');
    expect(inShort.drift).toEqual({ mode: 'off', fields: {}, onStop: 'heal', ignore: [] });
    const inFull = loadService(
      'image: app:1\nnetworks: [back]\ndrift: { on_stop: respect, fields: { mem_limit: warn, networks.back.aliases: off } }',
      {
        'stacks/shop/stack.yaml': stackManifest(
          'networks: { back: {} }\ndrift: { mode: warn, fields: { cpus: heal } }',
        ),
      },
    );
    expect(inFull.drift).toEqual({
      mode: 'warn',
      fields: { cpus: 'heal', mem_limit: 'warn', 'networks.shop_back.aliases': 'off' },
      onStop: 'respect',
      ignore: [],
    });
  });

  test('a mode that a service gives counts for the fields that the stack has modes for', () => {
    const service = loadService('image: app:1\ndrift: heal', {
      'stacks/shop/stack.yaml': stackManifest('drift: { fields: { cpus: off }, on_stop: respect }'),
    });
    expect(service.drift).toEqual({ mode: 'heal', fields: {}, onStop: 'respect', ignore: [] });
  });
});

test('a key without a form in these tables fails this test', () => {
  const tested = new Set(
    [
      ...forms
        .map(([yaml]) => yaml)
        .join('\n')
        .matchAll(/^([a-z_]+):/gm),
    ].map(([, key]) => key),
  );
  const elsewhere = new Set([
    'configs',
    'depends_on',
    'drift',
    'env_file',
    'healthcheck',
    'image',
    'lifecycle',
    'network_mode',
    'networks',
    'ports',
    'pull_policy',
    'replicas',
    'rollout',
    'scale',
    'volumes',
  ]);
  const missing = knownKeys(schemaOf('service'), ['spec']).filter(
    (key) => !tested.has(key) && !elsewhere.has(key),
  );
  expect(missing).toEqual([]);
});
