import { expect, test } from 'vitest';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import { decide, type Policy } from '../../reconciler/plan/policy.ts';
import { fullReference, isUnpinned } from '../../reconciler/plan/reference.ts';
import { formatPlan } from '../../reconciler/plan/render.ts';
import { anything, emptyEngine, planFor, running, service, stack, volume, withState } from './world.ts';

const nothing: Policy = { allow: [], hostPaths: [], capabilities: [], registries: null };

function codesOf(container: Partial<ContainerIntent>, policy: Partial<Policy> = {}): readonly string[] {
  const desired = stack([service('web', { container })]);
  const { findings } = planFor(desired, emptyEngine(), { policy: { ...nothing, ...policy } });
  return findings.filter(({ level }) => level === 'deny').map(({ code }) => code);
}

function bind(source: string): Partial<ContainerIntent> {
  return { mounts: { '/x': { type: 'bind', source, read_only: true, propagation: '' } } };
}

test.each<[right: string, code: string, container: Partial<ContainerIntent>]>([
  ['privileged', 'PV101', { privileged: true }],
  ['host_network', 'NS101', { network_mode: 'host' }],
  ['host_pid', 'NS101', { pid: 'host' }],
  ['host_ipc', 'NS101', { ipc: 'host' }],
  ['host_uts', 'NS101', { uts: 'host' }],
  ['host_userns', 'NS101', { userns_mode: 'host' }],
  ['host_cgroup', 'NS101', { cgroup: 'host' }],
  ['foreign_namespaces', 'NS101', { network_mode: 'container:vpn' }],
  ['foreign_namespaces', 'NS101', { pid: 'container:vpn' }],
  ['docker_socket', 'DS101', bind('/var/run/docker.sock')],
  ['docker_socket', 'DS101', bind('/run/../run/docker.sock')],
  ['cap_add', 'CP101', { cap_add: ['SYS_ADMIN'] }],
  ['devices', 'DV101', { devices: ['/dev/kvm:/dev/kvm:rwm'] }],
  ['devices', 'DV101', { device_cgroup_rules: ['c 1:3 mr'] }],
  ['security_opt', 'SO101', { security_opt: ['seccomp=unconfined'] }],
  ['sysctls', 'SC101', { sysctls: { 'net.core.somaxconn': '1' } }],
])('%s is denied as %s until the operator allows it', (right, code, container) => {
  expect(codesOf(container)).toEqual([code]);
  expect(codesOf(container, { allow: [right] })).toEqual([]);
});

test('what is as safe as nothing is allowed', () => {
  expect(
    codesOf({ security_opt: ['no-new-privileges'], cap_drop: ['ALL'], privileged: false, ipc: 'shareable' }),
  ).toEqual([]);
});

test.each([
  ['/srv/data', ['/srv/data'], []],
  ['/srv/data/sub', ['/srv/data'], []],
  ['/srv/database', ['/srv/data'], ['HP101']],
  ['/srv/data/../../etc', ['/srv/data'], ['HP101']],
  ['/etc', ['/'], []],
  ['/etc', [], ['HP101']],
  ['/var/run/docker.sock', ['/'], ['DS101']],
])('the host path %s with %j allowed', (path, hostPaths, codes) => {
  expect(codesOf(bind(path), { hostPaths })).toEqual(codes);
});

test('a volume that is a directory of the host in disguise counts as a host path', () => {
  const options = { type: 'none', o: 'bind', device: '/etc' };
  const desired = stack([], { volumes: [volume('data', { options })] });
  const codes = (hostPaths: readonly string[]) =>
    planFor(desired, emptyEngine(), { policy: { ...nothing, hostPaths } }).findings.map(({ code }) => code);
  expect(codes([])).toEqual(['HP101']);
  expect(codes(['/etc'])).toEqual([]);
});

const overlay = 'lowerdir=/etc:/srv,upperdir=/root,workdir=/tmp/work';

test.each<[options: Readonly<Record<string, string>>, hostPaths: readonly string[], denied: number]>([
  [{ type: 'none', o: 'bind', device: 'etc' }, [], 1],
  [{ type: 'none', o: 'bind', device: 'etc' }, ['/srv'], 1],
  [{ type: 'tmpfs', o: 'bind', device: 'etc' }, [], 1],
  [{ type: 'overlay', device: 'overlay', o: overlay }, [], 4],
  [{ type: 'overlay', device: 'overlay', o: overlay }, ['/srv', '/tmp', '/root'], 1],
  [{ type: 'overlay', device: '/srv', o: overlay }, ['/etc', '/srv', '/tmp', '/root'], 0],
  [{ type: 'ext4', device: '/dev/sdb1', o: 'journal_path=/dev/sda' }, ['/dev/sdb1'], 1],
  [{ type: 'proc', device: 'proc' }, [], 1],
  [{ type: 'tmpfs', device: 'tmpfs', o: 'size=8m' }, [], 0],
  [{ type: 'nfs', device: ':/export', o: 'addr=10.0.0.1,rw' }, [], 0],
  [{}, [], 0],
])('volume options %j with %j allowed are denied %i times', (options, hostPaths, denied) => {
  const desired = stack([], { volumes: [volume('data', { options })] });
  const { findings } = planFor(desired, emptyEngine(), { policy: { ...nothing, hostPaths } });
  expect(findings.map(({ code }) => code)).toEqual(Array.from({ length: denied }, () => 'HP101'));
});

test('single capabilities can be allowed, in either spelling', () => {
  const container = { cap_add: ['NET_ADMIN', 'SYS_TIME'] };
  expect(codesOf(container, { capabilities: ['CAP_NET_ADMIN'] })).toEqual(['CP101']);
  expect(codesOf(container, { capabilities: ['net_admin', 'SYS_TIME'] })).toEqual([]);
});

test.each([
  ['redis:7', ['docker.io/library'], []],
  ['redis:7', ['docker.io'], []],
  ['acme/web:1', ['docker.io/library'], ['RG101']],
  ['ghcr.io/acme/web:1', ['ghcr.io/acme'], []],
  ['ghcr.io/acme-evil/web:1', ['ghcr.io/acme'], ['RG101']],
  ['ghcr.io.evil.com/acme/web:1', ['ghcr.io'], ['RG101']],
  ['localhost:5000/a:1', ['localhost:5000'], []],
  ['ghcr.io/acme/web@sha256:1', ['ghcr.io/acme/web'], []],
  ['anything', [], []],
])('the image %s with %j allowed', (image, registries, codes) => {
  expect(codesOf({ image }, { registries })).toEqual(codes);
});

test('a denial names the service, the operator’s file and what to write there', () => {
  const desired = stack([service('web', { container: { privileged: true } })]);
  const plan = planFor(desired, emptyEngine(), { policy: nothing });
  expect(decide(plan.findings, ['PV101'])).toBe('deny');
  expect(formatPlan(plan)).toContain('denied by PV101');
  expect(plan.findings[0]).toMatchObject({
    message: "web is privileged, which the operator's policy does not allow.",
    remedy: 'Do without it, or add "privileged" to policy.allow in the operator\'s file.',
  });
});

test('a stricter policy does not tear down what runs, but does not help it up again either', () => {
  const desired = stack([service('web', { container: { privileged: true } })]);
  const observed = running(desired);
  const levelOf = (world: typeof observed) => planFor(desired, world, { policy: nothing }).findings[0]?.level;
  expect(planFor(desired, observed, { policy: anything }).findings).toEqual([]);
  expect(levelOf(observed)).toBe('warn');
  expect(levelOf(withState(observed, 'shop-web-1', { status: 'exited' }))).toBe('deny');
});

test.each([
  ['redis', 'docker.io/library/redis', true],
  ['redis:latest', 'docker.io/library/redis:latest', true],
  ['redis:7', 'docker.io/library/redis:7', false],
  ['acme/web', 'docker.io/acme/web', true],
  ['localhost:5000/web', 'localhost:5000/web', true],
  ['a.b/web@sha256:1', 'a.b/web@sha256:1', false],
])('the reference %s is %s in full', (reference, full, unpinned) => {
  expect(fullReference(reference)).toBe(full);
  expect(isUnpinned(reference)).toBe(unpinned);
});
