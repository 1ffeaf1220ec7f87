import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ContainerIntent, ContainerSpec } from '../../reconciler/model/container.ts';
import { expectedSpec } from '../../reconciler/plan/expected.ts';
import {
  applyWell,
  createOperation,
  digestOf,
  freePorts,
  look,
  lookAtOne,
  made,
  makeTestImage,
  openBench,
  type Bench,
} from './fixture.ts';

/** Of what only a process, a file or a registry can show. */
const realTest = test.skipIf(inject('engine').isSimulated);

const plain = 'plimsoll-test/plain:1';
const rich = 'plimsoll-test/rich:1';
let bench: Bench;
let ports: readonly number[];

beforeAll(async () => {
  bench = openBench();
  ports = await freePorts(8);
  await makeTestImage(bench.docker, plain);
  await makeTestImage(bench.docker, rich, {
    changes: [
      'ENV FROM_IMAGE=1 BOTH=image',
      'EXPOSE 9000/udp',
      'VOLUME /data',
      'LABEL from=image',
      'WORKDIR /srv',
      'USER 1000',
      'HEALTHCHECK --interval=7s --retries=5 CMD true',
    ],
  });
});
afterAll(async () => {
  await bench.close();
});

/** Every field, in the canonical form that manifests are resolved into. */
function everything(subnet: string): Required<ContainerIntent> {
  return {
    image: plain,
    platform: null,
    command: ['sh', '-c', 'trap "exit 0" USR1; sleep 3600 & wait'],
    entrypoint: ['/bin/env', 'FOO=bar'],
    environment: { EMPTY: '', GREETING: 'hello = "world"\nüber' },
    user: '0:0',
    working_dir: '/tmp',
    hostname: 'box',
    domainname: 'example.org',
    labels: { 'com.example.tier': 'front', plain: '' },
    annotations: { 'org.example/note': 'yes' },
    stdin_open: true,
    tty: true,
    ports: [
      { target: 53, protocol: 'udp', published: '', host_ip: '127.0.0.1' },
      { target: 80, protocol: 'tcp', published: `${ports[0]}`, host_ip: '' },
      { target: 80, protocol: 'tcp', published: `${ports[1]}-${ports[7]}`, host_ip: '127.0.0.1' },
    ],
    expose: ['53/udp', '80/tcp', '9000/tcp'],
    network_mode: 'networks',
    networks: {
      [`${bench.stack}_back`]: {
        aliases: ['box', 'db'],
        ipv4_address: null,
        ipv6_address: null,
        link_local_ips: [],
      },
      [`${bench.stack}_front`]: {
        aliases: ['web', 'www'],
        ipv4_address: `${subnet}.77`,
        ipv6_address: null,
        link_local_ips: [],
      },
    },
    mac_address: '02:42:ac:11:00:99',
    dns: ['9.9.9.9', '1.1.1.1'],
    dns_search: ['b.example', 'a.example'],
    dns_opt: ['ndots:2', 'timeout:1'],
    extra_hosts: ['one:192.0.2.1', 'six:2001:db8::1'],
    mounts: {
      '/anonymous': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' },
      '/bind': { type: 'bind', source: '/etc', read_only: true, propagation: 'rprivate' },
      '/bind:colon': { type: 'bind', source: '/usr', read_only: false, propagation: 'rprivate' },
      '/named': { type: 'volume', source: `${bench.stack}_data`, read_only: true, nocopy: true, subpath: '' },
      '/private': { type: 'bind', source: '/usr', read_only: false, propagation: 'private' },
      '/small': { type: 'tmpfs', size: 1_048_576, mode: 0o700 },
      '/tmpfs': { type: 'tmpfs', size: null, mode: null },
    },
    configs: {
      '/etc/app/app.conf': { digest: `sha256:${digestOf('port = 80\n')}`, mode: 0o640, uid: 12, gid: 34 },
    },
    read_only: false,
    shm_size: 33_554_432,
    storage_opt: {},
    healthcheck: {
      test: ['CMD-SHELL', 'test -e /etc/app/app.conf'],
      interval: 2_500,
      timeout: 1_500,
      retries: 4,
      start_period: 500,
      start_interval: 5_000,
    },
    restart: { condition: 'on-failure', max_attempts: 3 },
    stop_signal: 'SIGUSR1',
    stop_grace_period: 3_000,
    init: true,
    logging: { driver: 'json-file', options: { 'max-file': '2', 'max-size': '1m' } },
    runtime: 'runc',
    privileged: false,
    cap_add: ['NET_ADMIN', 'SYS_TIME'],
    cap_drop: ['AUDIT_WRITE', 'MKNOD'],
    security_opt: ['no-new-privileges', 'seccomp=unconfined', 'systempaths=unconfined'],
    group_add: ['100', '65534'],
    userns_mode: '',
    pid: '',
    ipc: 'shareable',
    uts: '',
    cgroup: 'private',
    cgroup_parent: '/plimsoll-test',
    sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' },
    ulimits: { nofile: { soft: 1024, hard: 2048 }, nproc: { soft: 512, hard: 512 } },
    devices: ['/dev/null:/dev/nothing:rw', '/dev/zero:/dev/zero:rwm'],
    device_cgroup_rules: ['c 1:3 rwm', 'c 42:* r'],
    cpus: 0.75,
    cpu_shares: 512,
    cpu_period: null,
    cpu_quota: null,
    cpuset: '0',
    mem_limit: 67_108_864,
    mem_reservation: 33_554_432,
    memswap_limit: 100_663_296,
    mem_swappiness: 20,
    oom_kill_disable: false,
    oom_score_adj: 100,
    pids_limit: 64,
  };
}

/** What this engine's API or kernel drops without a word. */
async function withoutUnsupported(intent: Required<ContainerIntent>): Promise<Required<ContainerIntent>> {
  const { unsupported } = await bench.engine.info(new AbortController().signal);
  return {
    ...intent,
    annotations: unsupported.includes('annotations') ? {} : intent.annotations,
    memswap_limit: unsupported.includes('memswap_limit') ? -1 : intent.memswap_limit,
    mem_swappiness: unsupported.includes('mem_swappiness') ? null : intent.mem_swappiness,
  };
}

describe('a container that says everything', () => {
  let said: Required<ContainerIntent>;
  let observed: ContainerSpec;
  let raw: Awaited<ReturnType<ReturnType<Bench['docker']['getContainer']>['inspect']>>;

  beforeAll(async () => {
    const subnet = inject('engine').version.startsWith('20.') ? '10.251.77' : '10.251.78';
    await bench.docker.createNetwork({
      Name: `${bench.stack}_front`,
      IPAM: { Driver: 'default', Config: [{ Subnet: `${subnet}.0/24` }] },
    });
    await bench.docker.createNetwork({ Name: `${bench.stack}_back` });
    await bench.docker.createVolume({ Name: `${bench.stack}_data` });
    said = everything(subnet);
    const create = createOperation(bench.stack, said);
    const contents = new Map([[`sha256:${digestOf('port = 80\n')}`, Buffer.from('port = 80\n')]]);
    await applyWell(
      bench,
      {
        create,
        start: { kind: 'startContainer', target: made('create', create) },
        wait: {
          kind: 'awaitHealthy',
          target: made('create', create),
          minHealthyTimeMs: 0,
          isAnew: false,
          healthyDeadlineMs: 30_000,
          progressDeadlineMs: 30_000,
        },
      },
      contents,
    );
    const container = await lookAtOne(bench.engine);
    observed = container.spec;
    raw = await bench.docker.getContainer(container.id).inspect();
  });

  test('is observed, running, exactly as it was said', async () => {
    expect(observed).toEqual(await withoutUnsupported(said));
  });

  test('is observed without a field that was not said, and the other way round', () => {
    expect(Object.keys(observed).sort()).toEqual(Object.keys(said).sort());
  });

  test('has in the engine the process that was said', () => {
    expect(raw.Config).toMatchObject({
      Image: plain,
      Cmd: said.command,
      Entrypoint: said.entrypoint,
      User: '0:0',
      WorkingDir: '/tmp',
      Hostname: 'box',
      Domainname: 'example.org',
      OpenStdin: true,
      Tty: true,
      StopSignal: 'SIGUSR1',
      StopTimeout: 3,
      Healthcheck: {
        Test: ['CMD-SHELL', 'test -e /etc/app/app.conf'],
        Interval: 2_500_000_000,
        Timeout: 1_500_000_000,
        Retries: 4,
        StartPeriod: 500_000_000,
      },
    });
    expect(raw.Config.Env).toEqual(expect.arrayContaining(['EMPTY=', 'GREETING=hello = "world"\nüber']));
    expect(raw.Config.Labels).toMatchObject({ 'com.example.tier': 'front', plain: '' });
  });

  test('has in the engine the ports and networks that were said', () => {
    expect(raw.HostConfig.PortBindings).toEqual({
      '53/udp': [{ HostIp: '127.0.0.1', HostPort: '' }],
      '80/tcp': [
        { HostIp: '', HostPort: `${ports[0]}` },
        { HostIp: '127.0.0.1', HostPort: `${ports[1]}-${ports[7]}` },
      ],
    });
    expect(Object.keys(raw.Config.ExposedPorts ?? {}).sort()).toEqual(['53/udp', '80/tcp', '9000/tcp']);
    const published = (raw.NetworkSettings.Ports['80/tcp'] ?? []).map(({ HostPort }) => Number(HostPort));
    expect(published).toContain(ports[0]);
    expect(published.filter((port) => ports.slice(1).includes(port))).toHaveLength(1);
    const front = raw.NetworkSettings.Networks[`${bench.stack}_front`];
    expect(front?.IPAddress).toBe(said.networks[`${bench.stack}_front`]?.ipv4_address);
    expect(front?.Aliases).toEqual(expect.arrayContaining(['web', 'www']));
    expect(raw.NetworkSettings.Networks[`${bench.stack}_back`]?.MacAddress).toBe('02:42:ac:11:00:99');
    expect(raw.HostConfig).toMatchObject({
      Dns: ['9.9.9.9', '1.1.1.1'],
      DnsSearch: ['b.example', 'a.example'],
      DnsOptions: ['ndots:2', 'timeout:1'],
      ExtraHosts: ['one:192.0.2.1', 'six:2001:db8::1'],
    });
  });

  test('has in the engine the mounts that were said', () => {
    const points = Object.fromEntries(raw.Mounts.map((point) => [point.Destination, point]));
    expect(points['/bind']).toMatchObject({ Type: 'bind', Source: '/etc', RW: false });
    expect(points['/bind:colon']).toMatchObject({ Type: 'bind', Source: '/usr', RW: true });
    expect(points['/private']).toMatchObject({ Type: 'bind', Source: '/usr', Propagation: 'private' });
    expect(points['/named']).toMatchObject({ Type: 'volume', Name: `${bench.stack}_data`, RW: false });
    expect(points['/anonymous']?.Name).toMatch(/^[0-9a-f]{64}$/);
  });

  test('has in the engine the rights and limits that were said', () => {
    expect(raw.HostConfig).toMatchObject({
      Privileged: false,
      CapAdd: ['NET_ADMIN', 'SYS_TIME'],
      CapDrop: ['AUDIT_WRITE', 'MKNOD'],
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      GroupAdd: ['100', '65534'],
      IpcMode: 'shareable',
      CgroupnsMode: 'private',
      CgroupParent: '/plimsoll-test',
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' },
      NanoCpus: 750_000_000,
      CpuShares: 512,
      CpusetCpus: '0',
      Memory: 67_108_864,
      MemoryReservation: 33_554_432,
      OomScoreAdj: 100,
      PidsLimit: 64,
      ShmSize: 33_554_432,
      Init: true,
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      LogConfig: { Type: 'json-file', Config: { 'max-file': '2', 'max-size': '1m' } },
      DeviceCgroupRules: ['c 1:3 rwm', 'c 42:* r'],
    });
    expect(raw.HostConfig.Ulimits).toEqual(
      expect.arrayContaining([{ Name: 'nofile', Soft: 1024, Hard: 2048 }]),
    );
    expect(raw.HostConfig.Devices).toEqual(
      expect.arrayContaining([
        { PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'rw' },
      ]),
    );
  });

  realTest('finds its config file with the owner, the mode and the content that were said', async () => {
    const output = await run(raw.Id, [
      'sh',
      '-c',
      'stat -c "%a %u %g" /etc/app/app.conf; cat /etc/app/app.conf',
    ]);
    expect(output).toBe('640 12 34\nport = 80\n');
  });
});

describe('a container that says nothing but its image', () => {
  test.each([plain, rich])('of %s is observed as the plan expects it', async (image) => {
    const create = createOperation(bench.stack, { image }, { service: image === plain ? 'plain' : 'rich' });
    await applyWell(bench, { create, start: { kind: 'startContainer', target: made('create', create) } });
    const { engine, imagesById } = await look(bench.engine);
    const { spec, imageId } = await lookAtOne(bench.engine, create.name);
    const { config } = imagesById[imageId]!;
    const expected = expectedSpec({ image }, config, engine.defaults);
    expect(spec).toEqual({ ...expected, healthcheck: spec.healthcheck });
    expect(spec.healthcheck?.interval).toBe(image === rich ? 7_000 : undefined);
  });

  test('of an image with a volume gets an anonymous one, whose name is told', async () => {
    const container = await lookAtOne(bench.engine, `${bench.stack}-rich-1`);
    expect(container.spec.mounts['/data']).toMatchObject({ type: 'volume', source: '' });
    expect(container.anonymousVolumes['/data']).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** Runs a command in a container through the raw client and returns what it printed. */
async function run(id: string, command: readonly string[]): Promise<string> {
  const container = bench.docker.getContainer(id);
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, Tty: true });
  const stream = await exec.start({ Tty: true, hijack: true, stdin: false });
  let output = '';
  for await (const chunk of stream) output += String(chunk);
  return output.replaceAll('\r\n', '\n');
}
