import { describe, expect, test } from 'vitest';
import { hashLike, hashService } from '../../reconciler/manifest/hash.ts';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import { specHash } from '../../reconciler/model/ids.ts';
import { loadService, stackManifest, type Tree } from './tree.ts';

const hashOf = (spec: string, others: Tree = {}): string => loadService(`image: app:1\n${spec}`, others).hash;

/** Every field at once. The text of the hash below is part of what people have deployed: it may never change. */
const everything: ContainerIntent = {
  image: 'app:1',
  platform: 'linux/amd64',
  command: ['a'],
  entrypoint: [],
  environment: { B: '', A: 'x' },
  user: '1000',
  labels: { a: '' },
  stdin_open: false,
  ports: [{ target: 80, protocol: 'tcp', published: '', host_ip: '' }],
  expose: ['80/tcp'],
  network_mode: 'networks',
  networks: {
    shop_default: { aliases: ['web'], ipv4_address: null, ipv6_address: null, link_local_ips: [] },
  },
  mounts: {
    '/d': { type: 'volume', source: 'shop_d', read_only: false, nocopy: false, subpath: '' },
    '/h': { type: 'bind', source: '/h', read_only: true, propagation: '' },
    '/t': { type: 'tmpfs', size: null, mode: null },
  },
  configs: { '/c': { digest: 'sha256:00', mode: 292, uid: 0, gid: 0 } },
  healthcheck: {
    test: ['CMD', 'x'],
    interval: 5000,
    timeout: 0,
    retries: 0,
    start_period: 0,
    start_interval: 0,
  },
  restart: { condition: 'always', max_attempts: 0 },
  logging: { driver: 'local', options: { tag: '' } },
  ulimits: { nofile: { soft: 0, hard: 5 } },
  cpus: 0.5,
  mem_limit: null,
};

describe('golden hashes', () => {
  test('the algorithm of v1 is what it was', () => {
    expect(hashService({ container: { image: 'redis:7' }, lifecycle: 'service' })).toBe(
      'v1:bd3d4e03f18108bc3e595327eed91313a38c13a66796e210e451ae57ac0ce160',
    );
    expect(hashService({ container: everything, lifecycle: 'service' })).toBe(
      'v1:2eac6601460de9c01685d652b6e722822c182fca3eceb08faff9d47b9caa79c3',
    );
    expect(hashService({ container: everything, lifecycle: 'job' })).toBe(
      'v1:fd68d05d691cea849c018843aaba9fa0d8f0a0617ff7d50dac0b90ecb40963a7',
    );
  });

  test('a whole manifest hashes to what it did', () => {
    expect(
      hashOf(
        'ports: ["8080:80"]\nenvironment: { A: x }\nhealthcheck: { test: x, interval: 5s }\nrestart: always',
      ),
    ).toBe('v1:40665caab6f3590bfeafa041eb2d847ba5f6c784d495bb2a8f538701dad9058e');
  });
});

test('a member that a later release adds at zero changes no hash', () => {
  const later = {
    ...everything,
    ports: everything.ports!.map((port) => Object.assign({ later: null }, port)),
    networks: { shop_default: { ...everything.networks!['shop_default']!, later: '' } },
    mounts: Object.fromEntries(
      Object.entries(everything.mounts!).map(([path, mount]) => [path, { ...mount, later: false }]),
    ),
    healthcheck: { ...everything.healthcheck!, later: 0 },
    restart: { ...everything.restart!, later: [] },
  };
  expect(hashService({ container: later, lifecycle: 'service' })).toBe(
    hashService({ container: everything, lifecycle: 'service' }),
  );
});

test('a version that this release does not know gives no hash', () => {
  const service = { container: everything, lifecycle: 'service' } as const;
  expect(hashLike(specHash(`v1:${'0'.repeat(64)}`), service)).toBe(hashService(service));
  expect(hashLike(specHash(`v2:${'0'.repeat(64)}`), service)).toBeNull();
});

describe('what a person means decides', () => {
  test.each([
    ['the order of keys', 'tty: true\nuser: a', 'user: a\ntty: true'],
    [
      'the order in lists without order',
      'cap_add: [A, B]\nports: ["1:1", "2:2"]',
      'ports: ["2:2", "1:1"]\ncap_add: [B, CAP_A]',
    ],
    ['map or list', 'environment: { A: x, N: 5 }', 'environment: ["N=5", "A=x"]'],
    ['short or long', 'ports: ["8080:80"]', 'ports: [{ target: 80, published: 8080 }]'],
    ['text or list', 'command: sleep 5', 'command: [sleep, "5"]'],
    ['units', 'mem_limit: 1g', 'mem_limit: 1024m'],
    ['rollout', 'rollout: { strategy: recreate }', ''],
    ['drift', 'drift: { mode: off }', ''],
    ['replicas', 'replicas: 3', ''],
    ['pull policy', 'pull_policy: always', ''],
    ['extensions', 'x-note: hello', ''],
    ['empty', 'ports: []\nenvironment: {}\nlabels: []', ''],
    ['tag latest', '', ''],
  ])('%s makes no difference', (_name, left, right) => {
    expect(hashOf(left)).toBe(hashOf(right));
  });

  test.each([
    ['image', 'user: a', 'user: b'],
    ['command and none', 'command: []', ''],
    ['an empty variable and none', 'environment: { A: "", B: x }', 'environment: { B: x }'],
    ['the order of arguments', 'command: [a, b]', 'command: [b, a]'],
    ['the order of DNS servers', 'dns: [9.9.9.9, 1.1.1.1]', 'dns: [1.1.1.1, 9.9.9.9]'],
    ['no limit and nothing said', 'mem_limit: 0', ''],
    ['read-only', 'volumes: ["/h:/d:ro"]', 'volumes: ["/h:/d"]'],
    ['job or service', 'lifecycle: job', ''],
    ['content of a config', 'configs: [{ target: /a, content: x }]', 'configs: [{ target: /a, content: y }]'],
    [
      'mode of a config',
      'configs: [{ target: /a, content: x, mode: "0400" }]',
      'configs: [{ target: /a, content: x }]',
    ],
    [
      'an option of a log driver',
      'logging: { driver: local, options: { tag: "" } }',
      'logging: { driver: local }',
    ],
  ])('%s makes a difference', (_name, left, right) => {
    expect(hashOf(left)).not.toBe(hashOf(right));
  });

  test('an env file counts by what it sets, not by its name or comments', () => {
    const left = hashOf('env_file: a.env', { 'stacks/shop/a.env': '# one\nA=x\n' });
    expect(hashOf('env_file: b.env', { 'stacks/shop/b.env': 'export A="x"' })).toBe(left);
    expect(hashOf('env_file: b.env', { 'stacks/shop/b.env': 'A=y' })).not.toBe(left);
  });

  test('owner, other services, sync policy and unused declarations make no difference', () => {
    const busy = {
      'stacks/shop/stack.yaml': stackManifest(
        'sync: { automatic: false }\nvolumes: { data: }\nnetworks: { back: }',
      ),
    };
    expect(hashOf('', busy)).toBe(hashOf(''));
  });
});
