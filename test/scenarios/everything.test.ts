import { readlinkSync } from 'node:fs';
import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import type { Json } from '../../reconciler/model/json.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { exampleConfig, exampleFiles, moveHostPort } from '../support/example.ts';
import { freePort } from '../support/free-port.ts';
import { exec } from '../support/exec.ts';
import { logsOf } from '../support/logs.ts';
import { documentKeys, schemaKeys } from '../support/schema-keys.ts';

let files = exampleFiles('everything');
let port: number;
const mebibyte = 1024 * 1024;
const engineMajor = Number.parseInt(inject('engine').version, 10);
let docker: Docker;
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment({ configFile: exampleConfig('everything') });
  ({ docker } = fleet);
  await makeStandInImage(docker, 'busybox:1.36', { say: () => undefined });
  port = await freePort();
  files = moveHostPort(files, { from: 8086, to: port });
  fleet.commit(files);
  const outcomes = await fleet.sync();
  expect(outcomes, fleet.story()).toMatchObject({
    shared: 'succeeded',
    everything: expect.stringMatching(/succeeded$/),
  });
});

afterAll(() => fleet.close());

test.each(['Service', 'Stack'])('the example uses every key that a %s can have', (kind) => {
  const documents = Object.entries(files)
    .filter(([path]) => path.endsWith('.yaml'))
    .map(([, text]) => parse(text) as { readonly kind: string } & Json)
    .filter((document) => document.kind === kind);
  const used = documentKeys(documents);
  const known = schemaKeys(`${kind.toLowerCase()}.schema.json`);
  expect(known.length).toBeGreaterThan(20);
  expect(known.filter((key) => !used.has(key))).toEqual([]);
});

test('the plan after it is empty, and stays empty', async () => {
  expect((await fleet.plan('everything')).steps).toEqual([]);
  expect((await fleet.plan('shared')).steps).toEqual([]);
  expect(await fleet.heal()).toEqual({});
});

test('process: what runs, with what in its hands', async () => {
  const { Config, HostConfig } = await inspect('process');
  expect(Config).toMatchObject({
    Image: 'busybox:1.36',
    Entrypoint: ['sh', '-c'],
    Cmd: ['trap "" HUP; echo "$GREETING" && exec sleep infinity'],
    User: '1000:1000',
    WorkingDir: '/tmp',
    Hostname: 'pilot',
    Domainname: 'harbour.example',
    OpenStdin: true,
    Tty: true,
    StopSignal: 'SIGINT',
    StopTimeout: 1,
    Labels: { 'org.example.team': 'reference' },
  });
  expect(Config.Env).toEqual(
    expect.arrayContaining([
      'GREETING=hello',
      'SAMPLE_RATE=0.5',
      'DEBUG=false',
      'COMMON=from a file',
      'RAW="kept $AS it is"',
    ]),
  );
  expect(HostConfig).toMatchObject({
    Init: true,
    Runtime: 'runc',
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
  });
  await expectInside(
    'process',
    'id -u; id -g; pwd; hostname; hostname -d',
    '1000\n1000\n/tmp\npilot\nharbour.example',
  );
  await expectInside(
    'process',
    'cat /etc/everything.conf /srv/motd',
    'level = info\nEverything is in the manifest.',
  );
  await expectInside(
    'process',
    'stat -c "%a %u:%g" /etc/everything.conf /srv/motd',
    '440 1000:1000\n444 0:0',
  );
  expect(await docker.getContainer('everything-process-2').inspect()).toMatchObject({
    State: { Running: true },
  });
});

test('network: how it is reached, and what it can reach', async () => {
  const { Config, HostConfig, NetworkSettings } = await inspect('network');
  expect(HostConfig).toMatchObject({
    Dns: ['192.0.2.53', '192.0.2.54'],
    DnsSearch: ['harbour.example'],
    DnsOptions: ['ndots:2', 'timeout:1'],
    RestartPolicy: { Name: 'unless-stopped' },
  });
  expect(Object.keys(Config.ExposedPorts ?? {}).sort()).toEqual([
    '3000/tcp',
    '5353/udp',
    '80/tcp',
    '81/tcp',
    '8443/tcp',
    '9000/udp',
  ]);
  expect(NetworkSettings.Ports['80/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: String(port) }]);
  const spare = NetworkSettings.Ports['81/tcp']?.[0];
  expect(spare?.HostIp).toBe('127.0.0.1');
  expect(Number(spare?.HostPort)).toBeGreaterThanOrEqual(18_100);
  expect(Number(spare?.HostPort)).toBeLessThanOrEqual(18_199);
  expect(Number(NetworkSettings.Ports['8443/tcp']?.[0]?.HostPort)).toBeGreaterThan(0);
  expect(Number(NetworkSettings.Ports['5353/udp']?.[0]?.HostPort)).toBeGreaterThan(0);
  const front = NetworkSettings.Networks['everything-front'];
  expect(front).toMatchObject({
    IPAMConfig: {
      IPv4Address: '10.213.7.10',
      IPv6Address: 'fd00:706c:7::10',
      LinkLocalIPs: ['169.254.34.68'],
    },
    IPAddress: '10.213.7.10',
    GlobalIPv6Address: 'fd00:706c:7::10',
    MacAddress: '02:42:0a:d5:07:0a',
  });
  expect(front?.Aliases).toEqual(expect.arrayContaining(['network', 'reception']));
  expect(Object.keys(NetworkSettings.Networks).sort()).toEqual(['everything-front', 'everything-lent']);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('reached\n');
  const hosts = await inside('network', 'cat /etc/hosts');
  expect(hosts).toMatch(/^192\.0\.2\.7\s+db\.local$/m);
  expect(hosts).toMatch(/^[0-9.]+\s+host\.docker\.internal$/m);
  expect(await inside('network', 'cat /etc/resolv.conf')).toMatch(/^options .*ndots:2/m);
  expect(await inside('network', 'ip addr')).toContain('169.254.34.68');
});

test('networks and volumes are as the stack says', async () => {
  expect(await docker.getNetwork('everything-front').inspect()).toMatchObject({
    Driver: 'bridge',
    Options: { 'com.docker.network.bridge.enable_icc': 'true' },
    Labels: { 'org.example.tier': 'front' },
    Attachable: true,
    EnableIPv6: true,
    Internal: false,
    IPAM: {
      Driver: 'default',
      Config: [
        {
          Subnet: '10.213.7.0/24',
          IPRange: '10.213.7.128/25',
          Gateway: '10.213.7.1',
          AuxiliaryAddresses: { router: '10.213.7.2' },
        },
        { Subnet: 'fd00:706c:7::/64' },
      ],
    },
  });
  expect((await docker.getNetwork('everything_back').inspect()).Internal).toBe(true);
  expect(await docker.getVolume('everything-data').inspect()).toMatchObject({
    Driver: 'local',
    Options: { type: 'tmpfs', device: 'tmpfs', o: 'size=8m' },
    Labels: { 'org.example.tier': 'data' },
  });
});

test('storage: where its files live', async () => {
  const { HostConfig, Mounts } = await inspect('storage');
  expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, ShmSize: 32 * mebibyte });
  const byTarget = Object.fromEntries(Mounts.map((mount) => [mount.Destination, mount]));
  expect(byTarget['/data']).toMatchObject({ Type: 'volume', Name: 'everything-data', RW: true });
  expect(byTarget['/lent']).toMatchObject({ Type: 'volume', Name: 'everything-lent', RW: false });
  expect(byTarget['/uploads']).toMatchObject({ Type: 'volume', Name: 'everything_uploads', RW: false });
  expect(byTarget['/var/anonymous']).toMatchObject({
    Type: 'volume',
    Name: expect.stringMatching(/^[0-9a-f]{64}$/),
    RW: true,
  });
  expect(byTarget['/host/hostname']).toMatchObject({ Type: 'bind', Source: '/etc/hostname', RW: false });
  await expectInside('storage', 'cat /data/word /lent/word', 'kept\nlent');
  const mounts = await inside('storage', 'mount');
  expect(mounts).toMatch(/ on \/data type tmpfs .*size=8192k/);
  expect(mounts).toMatch(/ on \/cache type tmpfs .*size=4096k,mode=1770/);
  expect(mounts).toMatch(/ on \/run type tmpfs .*size=1024k/);
  expect(mounts).toMatch(/ on \/tmp type tmpfs /);
  expect(mounts).toMatch(/ on \/dev\/shm type tmpfs .*size=32768k/);
  await expectInside('storage', 'touch /file 2>&1 || true', 'touch: /file: Read-only file system');
});

test('limits: how much it may take', async () => {
  const { HostConfig } = await inspect('limits');
  expect(HostConfig).toMatchObject({
    NanoCpus: 500_000_000,
    CpuShares: 512,
    CpusetCpus: '0',
    Memory: 64 * mebibyte,
    MemoryReservation: 32 * mebibyte,
    OomScoreAdj: 100,
    PidsLimit: 50,
    Ulimits: expect.arrayContaining([
      { Name: 'nofile', Soft: 1000, Hard: 2000 },
      { Name: 'nproc', Soft: 512, Hard: 512 },
    ]),
    Sysctls: { 'net.core.somaxconn': '256' },
  });
  // An exec may raise its own soft limit to the hard one; what counts is process 1.
  expect(await inside('limits', 'grep "open files" /proc/1/limits')).toMatch(/ 1000 +2000 /);
  await expectInside('limits', 'cat /proc/sys/net/core/somaxconn', '256');
  await expectInside('limits', 'cat /proc/1/oom_score_adj; nproc', '100\n1');
});

test('deploy: the same in other words', async () => {
  const { HostConfig } = await inspect('deploy');
  expect(HostConfig).toMatchObject({
    NanoCpus: 250_000_000,
    Memory: 32 * mebibyte,
    MemoryReservation: 16 * mebibyte,
    PidsLimit: 40,
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
  });
  expect(await docker.getContainer('everything-deploy-2').inspect()).toMatchObject({
    State: { Running: true },
  });
});

test('rights: what it may do', async () => {
  const { HostConfig } = await inspect('rights');
  expect(HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    GroupAdd: expect.arrayContaining(['nogroup', '2000']),
    DeviceCgroupRules: ['c 1:3 mr'],
    CpuPeriod: 100_000,
    CpuQuota: 50_000,
  });
  expect(HostConfig.SecurityOpt?.join()).toMatch(/^no-new-privileges/);
  // CHOWN is bit 0, NET_BIND_SERVICE bit 10.
  expect(await inside('rights', 'grep CapBnd /proc/1/status')).toMatch(/0000000000000401$/);
  expect(await inside('rights', 'grep NoNewPrivs /proc/1/status')).toMatch(/1$/);
  expect(await inside('rights', 'grep Groups /proc/1/status')).toMatch(/\b2000\b.*\b65534\b/);
  await expectInside('rights', 'echo x > /dev/nothing && head -c 2 /dev/naught | wc -c', '2');
});

test('host: nearly a process of the host', async () => {
  const { HostConfig } = await inspect('host');
  expect(HostConfig).toMatchObject({
    NetworkMode: 'host',
    PidMode: 'host',
    IpcMode: 'host',
    UTSMode: 'host',
    UsernsMode: 'host',
    CgroupnsMode: 'host',
  });
  for (const namespace of ['net', 'pid', 'ipc', 'uts', 'cgroup']) {
    const path = `/proc/self/ns/${namespace}`;
    expect(await inside('host', `readlink ${path}`)).toBe(readlinkSync(path));
    if (namespace !== 'cgroup')
      expect(await inside('health', `readlink ${path}`)).not.toBe(readlinkSync(path));
  }
});

test('health: when it counts as good, and what comes before it', async () => {
  const health = await inspect('health');
  expect(health.Config.Healthcheck).toMatchObject({
    Test: ['CMD-SHELL', 'test -e /tmp/ready'],
    Interval: 500_000_000,
    Timeout: 2_000_000_000,
    Retries: 2,
    StartPeriod: 5_000_000_000,
  });
  expect(health.State.Health?.Status).toBe('healthy');
  expect(health.HostConfig.RestartPolicy).toEqual({ Name: 'on-failure', MaximumRetryCount: 5 });
  const job = await inspect('job');
  expect(job.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
  expect(Date.parse(health.State.StartedAt)).toBeGreaterThan(Date.parse(job.State.FinishedAt));
  await expectInside('storage', 'cat /uploads/file', 'uploaded');
  expect(await logsOf(docker, 'everything-job-1')).toBe('');
});

test('elsewhere: what this engine may not be able to do is kept and not run', async () => {
  const names = (await fleet.containers('everything')).map(({ Name }) => Name);
  expect(names.filter((name) => name.includes('elsewhere'))).toEqual([]);
});

test.runIf(engineMajor >= 26)('elsewhere: a newer engine mounts a part of a volume', async () => {
  const path = 'stacks/everything/elsewhere.yaml';
  const runnable = files[path]!.split('\n')
    .filter((line) => !/privileged|storage_opt|cgroup_parent/.test(line))
    .join('\n')
    .replace('replicas: 0', 'replicas: 1');
  fleet.commit({ [path]: runnable });
  expect(await fleet.sync(), fleet.story()).toMatchObject({
    everything: expect.stringMatching(/succeeded$/),
  });
  await expectInside('elsewhere', 'ls /part && cat /part/file', 'file\nuploaded');
  const { HostConfig } = await inspect('elsewhere');
  expect((HostConfig as { Annotations?: unknown }).Annotations).toMatchObject({ 'org.example.note': 'kept' });
  expect((await fleet.plan('everything')).steps).toEqual([]);
});

function inspect(service: string): Promise<ContainerInspectInfo> {
  return fleet.inspect(`everything-${service}-1`);
}

function inside(service: string, command: string): Promise<string> {
  return exec(docker, `everything-${service}-1`, ['sh', '-c', command]);
}

async function expectInside(service: string, command: string, output: string): Promise<void> {
  expect(await inside(service, command)).toBe(output);
}
