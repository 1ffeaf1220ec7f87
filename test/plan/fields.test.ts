import { expect, test } from 'vitest';
import type { ContainerIntent, ContainerSpec } from '../../reconciler/model/container.ts';
import type { ObservedState } from '../../reconciler/model/observed.ts';
import { canonicalSignal, cleanPath } from '../../reconciler/plan/canonical.ts';
import { emptyImage, expectedSpec } from '../../reconciler/plan/expected.ts';
import { fieldRules } from '../../reconciler/plan/fields.ts';
import {
  converge,
  emptyEngine,
  image,
  mountOf,
  network,
  planFor,
  port,
  running,
  service,
  stableOf,
  stack,
  volume,
  withContainer,
  withSpec,
} from './world.ts';

const defaults = emptyEngine().engine.defaults;
const check = {
  test: ['CMD', 'true'],
  interval: 5_000,
  timeout: 0,
  retries: 0,
  start_period: 0,
  start_interval: 0,
};
const attachment = { aliases: ['web'], ipv4_address: null, ipv6_address: null, link_local_ips: [] };

/** Two values of every field that a person can say, the second never what holds when nothing is said. */
const said: {
  readonly [Field in keyof typeof fieldRules]: readonly [ContainerSpec[Field], ContainerSpec[Field]];
} = {
  platform: ['linux/amd64', 'linux/arm64'],
  command: [['a'], ['b']],
  entrypoint: [['a'], ['b']],
  environment: [{ A: '1' }, { A: '2' }],
  user: ['1', '2'],
  working_dir: ['/a', '/b'],
  hostname: ['a', 'b'],
  domainname: ['a', 'b'],
  labels: [{ a: '1' }, { a: '2' }],
  annotations: [{ a: '1' }, { a: '2' }],
  stdin_open: [false, true],
  tty: [false, true],
  ports: [[port('80')], [port('81')]],
  expose: [['1/tcp'], ['2/tcp']],
  network_mode: ['none', 'host'],
  networks: [{ shop_default: attachment }, { shop_default: { ...attachment, aliases: ['web', 'www'] } }],
  mac_address: ['02:42:ac:11:00:02', '02:42:ac:11:00:03'],
  dns: [['1.1.1.1'], ['8.8.8.8']],
  dns_search: [['a'], ['b']],
  dns_opt: [['a'], ['b']],
  extra_hosts: [['a:1.1.1.1'], ['a:8.8.8.8']],
  mounts: [{ '/data': mountOf('data') }, { '/data': mountOf('data', { read_only: true }) }],
  configs: [
    { '/a': { digest: 'sha256:1', mode: 0o444, uid: 0, gid: 0 } },
    { '/a': { digest: 'sha256:2', mode: 0o444, uid: 0, gid: 0 } },
  ],
  read_only: [false, true],
  shm_size: [1024, 2048],
  storage_opt: [{ size: '1G' }, { size: '2G' }],
  healthcheck: [check, { ...check, retries: 9 }],
  restart: [
    { condition: 'always', max_attempts: 0 },
    { condition: 'on-failure', max_attempts: 3 },
  ],
  stop_signal: ['SIGINT', 'SIGQUIT'],
  stop_grace_period: [10_000, 30_000],
  init: [false, true],
  logging: [
    { driver: 'json-file', options: {} },
    { driver: 'json-file', options: { 'max-size': '1m' } },
  ],
  runtime: ['runc', 'crun'],
  privileged: [false, true],
  cap_add: [[], ['NET_ADMIN']],
  cap_drop: [[], ['ALL']],
  security_opt: [[], ['no-new-privileges']],
  group_add: [['1'], ['2']],
  userns_mode: ['', 'host'],
  pid: ['', 'host'],
  ipc: ['private', 'host'],
  uts: ['', 'host'],
  cgroup: ['private', 'host'],
  cgroup_parent: ['', '/a'],
  sysctls: [{ 'net.core.somaxconn': '1' }, { 'net.core.somaxconn': '2' }],
  ulimits: [{ nofile: { soft: 1, hard: 1 } }, { nofile: { soft: 2, hard: 2 } }],
  devices: [[], ['/dev/fuse:/dev/fuse:rwm']],
  device_cgroup_rules: [[], ['c 1:3 mr']],
  cpus: [0.5, 1.5],
  cpu_shares: [512, 1024],
  cpu_period: [50_000, 100_000],
  cpu_quota: [10_000, 20_000],
  cpuset: ['0', '1'],
  mem_limit: [1024 ** 3, 2 * 1024 ** 3],
  mem_reservation: [1024 ** 2, 2 * 1024 ** 2],
  memswap_limit: [-1, 2 * 1024 ** 3],
  mem_swappiness: [1, 2],
  oom_kill_disable: [false, true],
  oom_score_adj: [1, 2],
  pids_limit: [10, 20],
};

const fields = Object.keys(said).filter((field): field is keyof typeof said => field in fieldRules);

function stackOf(container: Partial<ContainerIntent>) {
  return stack([service('web', { container })], {
    volumes: [volume('data')],
    networks: [network('default')],
  });
}

test.each(fields)('a change of %s is found, and after it nothing is left to do', (field) => {
  const of = (index: 0 | 1) => stackOf({ [field]: said[field][index] });
  const before = running(of(0));
  const paths = planFor(of(1), before).changes.map((change) =>
    change.kind === 'modify' ? change.path : change.kind,
  );
  expect(paths.some((path) => path === field || path.startsWith(`${field}.`))).toBe(true);
  const after = converge(of(1), withPlatform(before, field));
  expect(planFor(of(1), withPlatform(after, field)).changes).toEqual([]);
});

/** An image for another platform, where that is what the test asks for. */
function withPlatform(observed: ObservedState, field: string): ObservedState {
  if (field !== 'platform') return observed;
  const foreign = image('acme/web:1', { platform: 'linux/arm64' });
  const images = { 'acme/web:1': foreign };
  const containers = observed.containers.map((container) =>
    Object.assign({}, container, { imageId: foreign.id }),
  );
  return { ...observed, containers, images, imagesById: { ...observed.imagesById, [foreign.id]: foreign } };
}

const givenUp = fields.filter(
  (field) => !['platform', 'mac_address', 'networks', 'network_mode', 'ipc'].includes(field),
);

test.each(givenUp)('taking %s back out of the manifest is found', (field) => {
  const before = stackOf({ [field]: said[field][1] });
  const after = stackOf({});
  for (const stable of [[], stableOf(before)]) {
    expect(planFor(after, running(before), { stable }).changes).not.toEqual([]);
  }
});

/** What engines write although nobody said it. */
const liberties: readonly (readonly [
  what: string,
  said: Partial<ContainerIntent>,
  seen: Partial<ContainerSpec>,
])[] = [
  ['a host name of its own', {}, { hostname: '5d1f0ac8bc6a' }],
  ['a drawn MAC address', {}, { mac_address: '02:42:ac:11:00:02' }],
  ['another default log driver', {}, { logging: { driver: 'local', options: {} } }],
  [
    'options of its default log driver',
    { logging: { driver: 'json-file', options: { 'max-size': '1m' } } },
    { logging: { driver: 'json-file', options: { 'max-size': '1m', 'max-file': '3' } } },
  ],
  ['another runtime', {}, { runtime: 'crun' }],
  ['an init process', {}, { init: true }],
  ['shareable IPC', {}, { ipc: 'shareable' }],
  ['a namespace for control groups', {}, { cgroup: 'host' }],
  ['its own size of shared memory', {}, { shm_size: 128 * 1024 * 1024 }],
  ['default limits among the said', { ulimits: {} }, { ulimits: { nofile: { soft: 1024, hard: 4096 } } }],
  ['no swap limit without swap accounting', { mem_limit: 1024 ** 3 }, { memswap_limit: -1 }],
  ['a process label for what is privileged', { privileged: true }, { security_opt: ['label=disable'] }],
  ['the slash for no working directory', {}, { working_dir: '/' }],
  ['a path as it cleans it', { working_dir: '/app//x/' }, { working_dir: '/app/x' }],
  ['a label of Docker Desktop', {}, { labels: { 'desktop.docker.io/binds/0/Source': '/a' } }],
  ['a signal by its number', { stop_signal: 'SIGINT' }, { stop_signal: '2' }],
  ['whole seconds', { stop_grace_period: 1_500 }, { stop_grace_period: 2_000 }],
  ['no swappiness', {}, { mem_swappiness: -1 }],
  ['0 for no limit', {}, { cpus: 0, cpu_shares: 0, mem_limit: 0, memswap_limit: 0, pids_limit: 0 }],
  [
    'its own default times of a health check',
    { healthcheck: check },
    { healthcheck: { ...check, timeout: 30_000, retries: 3, start_interval: 5_000 } },
  ],
  [
    'nothing for a check that is switched off',
    { healthcheck: { ...check, test: ['NONE'] } },
    { healthcheck: null },
  ],
  [
    'the propagation of a bind mount',
    { mounts: { '/a/': { type: 'bind', source: '/a/../b', read_only: false, propagation: '' } } },
    { mounts: { '/a': { type: 'bind', source: '/b', read_only: false, propagation: 'rprivate' } } },
  ],
  [
    'a name for an anonymous volume',
    { mounts: { '/a': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' } } },
    {
      mounts: {
        '/a': { type: 'volume', source: 'a'.repeat(64), read_only: false, nocopy: false, subpath: '' },
      },
    },
  ],
  [
    'the mode of a tmpfs',
    { mounts: { '/a': { type: 'tmpfs', size: null, mode: null } } },
    { mounts: { '/a': { type: 'tmpfs', size: 0, mode: 0o1777 } } },
  ],
  [
    'an interface setting moved to the attachment',
    { sysctls: { 'net.ipv4.conf.eth0.forwarding': '1' } },
    { sysctls: {} },
  ],
];

test.each(liberties)('an engine that writes %s makes no difference', (_, intent, seen) => {
  const desired = stackOf(intent);
  expect(planFor(desired, withSpec(running(desired), 'shop-web-1', seen)).changes).toEqual([]);
});

test('a process label that was asked for is compared', () => {
  const desired = stackOf({ security_opt: ['label=type:a'] });
  for (const security_opt of [['label=type:b'], ['label=level:s0', 'label=type:a']]) {
    expect(planFor(desired, withSpec(running(desired), 'shop-web-1', { security_opt })).changes).toHaveLength(
      1,
    );
  }
});

test('what an engine does not know is not compared, and it is said that it is left out', () => {
  const desired = stackOf({ annotations: { a: '1' }, healthcheck: { ...check, start_interval: 1_000 } });
  const observed = running(desired);
  const engine = {
    ...observed.engine,
    version: '20.10.24',
    apiVersion: '1.41',
    unsupported: ['annotations', 'healthcheck.start_interval', 'pids_limit'],
  };
  const older = withSpec({ ...observed, engine }, 'shop-web-1', {
    annotations: {},
    healthcheck: { ...check, start_interval: 5_000 },
  });
  const plan = planFor(desired, older);
  expect(plan.changes).toEqual([]);
  expect(plan.findings.map(({ code, message }) => [code, message])).toEqual([
    [
      'EN101',
      'Docker 20.10.24 (API 1.41) does not know annotations, which came with Docker 24 (API 1.43), so web runs without.',
    ],
    [
      'EN101',
      'Docker 20.10.24 (API 1.41) does not know healthcheck.start_interval, which came with Docker 25 (API 1.44), so web runs without.',
    ],
  ]);
  const limited = stackOf({ pids_limit: 10 });
  expect(planFor(limited, { ...running(limited), engine }).findings.map(({ message }) => message)).toEqual([
    'The kernel below Docker 20.10.24 does not know pids_limit, so web runs without.',
  ]);
});

test('a container whose image is gone from the engine is compared as far as anybody can', () => {
  const desired = stackOf({ environment: { A: '1' } });
  const observed = withSpec({ ...running(desired), images: {}, imagesById: {} }, 'shop-web-1', {
    command: ['what', 'the', 'image', 'said'],
    user: 'nobody',
  });
  expect(planFor(desired, observed).changes).toEqual([]);
});

const redis = image('redis:7', {
  command: ['redis-server'],
  entrypoint: ['docker-entrypoint.sh'],
  environment: { PATH: '/usr/bin', REDIS_VERSION: '7' },
  labels: { vendor: 'redis' },
  expose: ['6379/tcp'],
  volumes: ['/data'],
  user: 'redis',
  working_dir: '/data',
  stop_signal: 'SIGINT',
  healthcheck: { ...check, test: ['CMD', 'redis-cli', 'ping'], interval: 1_000, retries: 5 },
}).config;

test('what nobody said comes from the image', () => {
  expect(expectedSpec({ image: 'redis:7' }, redis, defaults)).toMatchObject({
    command: ['redis-server'],
    entrypoint: ['docker-entrypoint.sh'],
    user: 'redis',
    working_dir: '/data',
    stop_signal: 'SIGINT',
    expose: ['6379/tcp'],
    mounts: { '/data': { type: 'volume', source: '' } },
    network_mode: 'bridge',
  });
});

test('an entrypoint that was said drops the command of the image, and an empty one does not', () => {
  const argumentsOf = (intent: Partial<ContainerIntent>) => {
    const { entrypoint, command } = expectedSpec({ image: 'redis:7', ...intent }, redis, defaults);
    return [entrypoint, command];
  };
  expect(argumentsOf({ entrypoint: ['sh'] })).toEqual([['sh'], []]);
  expect(argumentsOf({ entrypoint: ['sh'], command: ['-c'] })).toEqual([['sh'], ['-c']]);
  expect(argumentsOf({ command: ['--save'] })).toEqual([['docker-entrypoint.sh'], ['--save']]);
  expect(argumentsOf({ entrypoint: [] })).toEqual([[], ['redis-server']]);
});

test('environment, labels and ports are merged, what was said winning', () => {
  const spec = expectedSpec(
    {
      image: 'redis:7',
      environment: { PATH: '/bin', A: '1' },
      labels: { vendor: 'us' },
      ports: [port('1', 80)],
    },
    redis,
    defaults,
  );
  expect(spec.environment).toEqual({ PATH: '/bin', REDIS_VERSION: '7', A: '1' });
  expect(spec.labels).toEqual({ vendor: 'us' });
  expect(spec.expose).toEqual(['6379/tcp', '80/tcp']);
});

test('a health check inherits from the image what it does not say', () => {
  const of = (healthcheck: typeof check) =>
    expectedSpec({ image: 'redis:7', healthcheck }, redis, defaults).healthcheck;
  expect(of({ ...check, test: [], interval: 9_000 })).toEqual({
    ...check,
    test: ['CMD', 'redis-cli', 'ping'],
    interval: 9_000,
    retries: 5,
  });
  expect(of({ ...check, test: ['NONE'] })?.test).toEqual(['NONE']);
});

test('a volume of the image that somebody mounts over is no anonymous volume', () => {
  const spec = expectedSpec({ image: 'redis:7', mounts: { '/data': mountOf('data') } }, redis, defaults);
  expect(spec.mounts).toEqual({ '/data': mountOf('data') });
});

test('swap is as much again as memory unless somebody says otherwise', () => {
  const swapOf = (intent: Partial<ContainerIntent>) =>
    expectedSpec({ image: 'a:1', ...intent }, emptyImage, defaults).memswap_limit;
  expect(swapOf({ mem_limit: 100 })).toBe(200);
  expect(swapOf({ mem_limit: 100, memswap_limit: -1 })).toBe(-1);
  expect(swapOf({})).toBe(null);
});

test.each([
  ['15', 'SIGTERM'],
  ['term', 'SIGTERM'],
  ['SIGRTMIN+3', 'SIGRTMIN+3'],
])('the signal %s is %s', (signal, canonical) => {
  expect(canonicalSignal(signal)).toBe(canonical);
});

test.each([
  ['/a/', '/a'],
  ['/a//b', '/a/b'],
  ['/a/./b/../c', '/a/c'],
  ['/', '/'],
  ['', ''],
  ['/..', '/'],
  ['/a.b/..c', '/a.b/..c'],
])('the path %s is %s', (path, clean) => {
  expect(cleanPath(path)).toBe(clean);
});

const pinned = `acme/web@sha256:${'1'.repeat(64)}`;

test('a tag that means another image now is a new image, and says so', () => {
  const desired = stackOf({});
  const observed = running(desired);
  const moved = { ...observed, images: { 'acme/web:1': image('acme/web:1', { user: 'new' }) } };
  expect(planFor(desired, moved).changes).toMatchObject([
    { path: 'image', cause: { kind: 'image' }, class: 'rolling' },
  ]);
  expect(planFor(desired, converge(desired, moved)).steps).toEqual([]);
});

test('with pull_policy always the digest in the registry decides', () => {
  const desired = stack([service('web', { pullPolicy: 'always' })]);
  const observed = running(desired);
  const told = (digest: string) => ({
    ...observed,
    registryDigests: { 'acme/web:1': { kind: 'digest', digest } as const },
  });
  const present = image('acme/web:1').repoDigests[0]!.split('@')[1]!;
  expect(planFor(desired, told(present)).steps).toEqual([]);
  const plan = planFor(desired, told(`sha256:${'2'.repeat(64)}`));
  expect(plan.changes).toMatchObject([{ path: 'image', cause: { kind: 'image' } }]);
  expect(plan.steps[0]).toMatchObject({ id: 'pull acme/web:1', operation: { policy: 'always' } });
});

test('where one service follows a tag, the others that name it follow in the same plan', () => {
  const following = service('web', { pullPolicy: 'always', container: { image: 'acme/same:1' } });
  const desired = stack([service('api', { container: { image: 'acme/same:1' } }), following]);
  const observed = running(desired);
  const registryDigests = { 'acme/same:1': { kind: 'digest', digest: `sha256:${'2'.repeat(64)}` } as const };
  const plan = planFor(desired, { ...observed, registryDigests });
  expect(plan.changes.map(({ resource, cause }) => [resource, cause.kind])).toMatchObject([
    [{ service: 'api' }, 'image'],
    [{ service: 'web' }, 'image'],
  ]);
  const pulls = plan.steps.filter(({ operation }) => operation.kind === 'pullImage');
  expect(pulls.map(({ operation }) => operation)).toMatchObject([{ image: 'acme/same:1', policy: 'always' }]);
});

test('a registry that does not answer changes nothing and is told', () => {
  const desired = stack([service('web', { pullPolicy: 'always' })]);
  const unknown = { kind: 'unknown', reason: 'It answered 429.' } as const;
  const plan = planFor(desired, { ...running(desired), registryDigests: { 'acme/web:1': unknown } });
  expect([plan.steps, plan.findings.map(({ code }) => code)]).toEqual([[], ['IM103']]);
});

test('the same image by its digest is the same image', () => {
  const desired = stackOf({});
  const observed = running(desired);
  const id = observed.containers[0]!.imageId;
  const known = { ...image('acme/web:1'), id, repoDigests: [pinned] };
  const byDigest = stackOf({ image: pinned });
  expect(planFor(byDigest, { ...observed, imagesById: { [id]: known } }).steps).toEqual([]);
  expect(planFor(byDigest, observed).steps).not.toEqual([]);
});

test('a running container whose image was untagged runs on', () => {
  const desired = stackOf({});
  expect(planFor(desired, { ...running(desired), images: { 'acme/web:1': null } }).steps).toEqual([]);
});

test('a service that becomes a job is made anew, since a job runs once for each version', () => {
  const before = stack([service('web')]);
  const after = stack([service('web', { lifecycle: 'job' })]);
  const plan = planFor(after, running(before));
  expect(plan.changes).toMatchObject([{ path: 'spec_hash', class: 'recreate' }]);
  expect(plan.steps.map(({ id }) => id)).toContain('create web.1');
  withContainer(running(before), 'shop-web-1', () => ({}));
});
