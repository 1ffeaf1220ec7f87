import type { Finding, Resource } from '../model/change.ts';
import type { ContainerIntent } from '../model/container.ts';
import type { DesiredService, DesiredVolume } from '../model/desired.ts';
import { cleanPath } from './canonical.ts';
import { finding, type FindingCode } from './findings.ts';
import { digestIn } from './image.ts';

/** What the operator allows; everything that is named here is forbidden until then. Read from the host, never from Git. */
export interface Policy {
  /** Rights: `privileged`, `host_network`, `docker_socket`, … */
  readonly allow: readonly string[];
  /** Paths of the host that may be mounted, with everything below them. */
  readonly hostPaths: readonly string[];
  /** Capabilities that may be added, with or without `CAP_`. */
  readonly capabilities: readonly string[];
  /** Registries, or parts of them, that images may come from; null or empty allows all. */
  readonly registries: readonly string[] | null;
}

/** Nothing may go on, it waits for these codes to be accepted, or it may. */
export function decide(
  findings: readonly Finding[],
  approvals: readonly string[],
): 'allow' | 'approve' | 'deny' {
  if (findings.some(({ level }) => level === 'deny')) return 'deny';
  const isOpen = findings.some(({ level, code }) => level === 'approve' && !approvals.includes(code));
  return isOpen ? 'approve' : 'allow';
}

/** What a service asks for that the operator has not allowed. */
export function policyFindings(service: DesiredService, policy: Policy): readonly Finding[] {
  const resource: Resource = { kind: 'service', service: service.name };
  return violationsOf(service.container, policy).map(({ code, what, remedy }) =>
    finding(code, resource, {
      message: `${service.name} ${what}, which the operator's policy does not allow.`,
      remedy,
    }),
  );
}

/** A local volume can be a directory of the host in disguise. */
export function volumePolicyFindings(volume: DesiredVolume, policy: Policy): readonly Finding[] {
  if (volume.external) return [];
  return hostSources(volume)
    .filter((source) => !isBelow(source, policy.hostPaths))
    .map((source) => {
      const message = `Volume ${volume.name} is ${source} of the host, which the operator's policy does not allow.`;
      const remedy = source.startsWith('/') ? hostPathRemedy(source) : disguiseRemedy;
      return finding('HP101', { kind: 'volume', name: volume.name }, { message, remedy });
    });
}

interface Violation {
  readonly code: FindingCode;
  /** Completes a sentence that begins with the service's name. */
  readonly what: string;
  readonly remedy: string;
}

function violationsOf(intent: ContainerIntent, policy: Policy): readonly Violation[] {
  return [
    ...rightViolations(intent, policy),
    ...mountViolations(intent, policy),
    ...capabilityViolations(intent, policy),
    ...imageViolations(intent, policy),
  ];
}

interface Right {
  readonly right: string;
  readonly code: FindingCode;
  readonly what: string;
  readonly isTaken: (intent: ContainerIntent) => boolean;
}

const harmless = new Set(['no-new-privileges', 'no-new-privileges=true', 'apparmor=docker-default']);

const rights: readonly Right[] = [
  {
    right: 'privileged',
    code: 'PV101',
    what: 'is privileged',
    isTaken: ({ privileged }) => privileged === true,
  },
  {
    right: 'host_network',
    code: 'NS101',
    what: 'uses the network of the host',
    isTaken: ({ network_mode }) => network_mode === 'host',
  },
  {
    right: 'host_pid',
    code: 'NS101',
    what: 'sees the processes of the host',
    isTaken: ({ pid }) => pid === 'host',
  },
  {
    right: 'host_ipc',
    code: 'NS101',
    what: 'shares memory with the host',
    isTaken: ({ ipc }) => ipc === 'host',
  },
  { right: 'host_uts', code: 'NS101', what: "has the host's name", isTaken: ({ uts }) => uts === 'host' },
  {
    right: 'host_userns',
    code: 'NS101',
    what: 'uses the user ids of the host',
    isTaken: ({ userns_mode }) => userns_mode === 'host',
  },
  {
    right: 'host_cgroup',
    code: 'NS101',
    what: 'sees the control groups of the host',
    isTaken: ({ cgroup }) => cgroup === 'host',
  },
  {
    right: 'devices',
    code: 'DV101',
    what: 'uses devices of the host',
    isTaken: ({ devices = [], device_cgroup_rules = [] }) => devices.length + device_cgroup_rules.length > 0,
  },
  {
    right: 'security_opt',
    code: 'SO101',
    what: 'changes security options',
    isTaken: ({ security_opt = [] }) => security_opt.some((option) => !harmless.has(option)),
  },
  {
    right: 'sysctls',
    code: 'SC101',
    what: 'changes kernel settings',
    isTaken: ({ sysctls = {} }) => Object.keys(sysctls).length > 0,
  },
];

function rightViolations(intent: ContainerIntent, { allow }: Policy): readonly Violation[] {
  return rights
    .filter(({ right, isTaken }) => !allow.includes(right) && isTaken(intent))
    .map(({ right, code, what }) => ({ code, what, remedy: rightRemedy(right) }));
}

function mountViolations(
  { mounts = {} }: ContainerIntent,
  { allow, hostPaths }: Policy,
): readonly Violation[] {
  const sources = Object.values(mounts).flatMap((mount) =>
    mount.type === 'bind' ? [cleanPath(mount.source)] : [],
  );
  return [...new Set(sources)].sort().flatMap((source): readonly Violation[] => {
    if (isSocket(source)) {
      if (allow.includes('docker_socket')) return [];
      return [
        { code: 'DS101', what: `mounts the engine's socket ${source}`, remedy: rightRemedy('docker_socket') },
      ];
    }
    if (isBelow(source, hostPaths)) return [];
    return [{ code: 'HP101', what: `mounts ${source} of the host`, remedy: hostPathRemedy(source) }];
  });
}

/** What the local driver mounts without touching the host's own files. */
const hostlessTypes = new Set(['tmpfs', 'nfs', 'nfs4', 'cifs', 'smb3']);

/**
 * What of the host a volume shows. The local driver hands its options to mount(2) as they are: a device without a slash
 * begins at dockerd's working directory, often `/`; `bind` counts whatever the type says; an overlay takes its
 * directories from `o`; and `proc`, `sysfs` and their kin are the host's kernel.
 */
function hostSources({ driver, options }: DesiredVolume): readonly string[] {
  const device = options['device'] ?? '';
  const mountOptions = (options['o'] ?? '').split(',').map((option) => option.trim());
  const isBind = mountOptions.some((option) => option === 'bind' || option === 'rbind');
  const isLocal = driver === null || driver === '' || driver === 'local';
  const isHostless = !isBind && hostlessTypes.has(options['type'] ?? '');
  if (!isLocal || isHostless) return device.startsWith('/') ? [device] : [];
  const isOverlay = options['type'] === 'overlay' && !isBind;
  const sources = [...(isOverlay ? [] : [device]), ...mountOptions.flatMap(pathsInOption)];
  return [...new Set(sources)].filter((source) => source !== '').sort();
}

/** `lowerdir=/a:/b`, `logdev=/dev/sdb`; a subvolume lies within its device. */
function pathsInOption(option: string): readonly string[] {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/.exec(option) ?? [];
  if (key === 'subvol') return [];
  return value.includes('/') || /^(lower|upper|work|data)dir\+?$/.test(key) ? value.split(':') : [];
}

function capabilityViolations({ cap_add = [] }: ContainerIntent, policy: Policy): readonly Violation[] {
  if (policy.allow.includes('cap_add')) return [];
  const allowed = new Set(policy.capabilities.map(bareCapability));
  return cap_add
    .filter((capability) => !allowed.has(bareCapability(capability)))
    .map((capability) => ({
      code: 'CP101',
      what: `adds the capability ${capability}`,
      remedy: `Drop it, or add "${bareCapability(capability)}" to policy.capabilities in the operator's file.`,
    }));
}

function imageViolations({ image }: ContainerIntent, { registries }: Policy): readonly Violation[] {
  if (registries === null || registries.length === 0) return [];
  const full = fullReference(image);
  if (registries.some((registry) => isPartOf(full, registry))) return [];
  return [
    {
      code: 'RG101',
      what: `uses the image ${image}`,
      remedy: `Use an image from ${registries.join(', ')}, or add its registry to policy.registries in the operator's file.`,
    },
  ];
}

function isSocket(path: string): boolean {
  return /^(\/var)?\/run\/(docker|containerd\/containerd)\.sock$/.test(path);
}

function isBelow(path: string, roots: readonly string[]): boolean {
  const clean = cleanPath(path);
  return roots.map(cleanPath).some((root) => root === '/' || clean === root || clean.startsWith(`${root}/`));
}

function isPartOf(reference: string, part: string): boolean {
  const rest = reference.startsWith(part) ? reference.slice(part.length) : null;
  return rest !== null && (part.endsWith('/') || /^($|[/:@])/.test(rest));
}

/** With registry and namespace, which people leave out for Docker Hub. */
export function fullReference(reference: string): string {
  const [first = ''] = reference.split('/');
  const hasRegistry = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  if (hasRegistry) return reference;
  return reference.includes('/') ? `docker.io/${reference}` : `docker.io/library/${reference}`;
}

/** Neither a digest nor a tag that says which version it is. */
export function isUnpinned(reference: string): boolean {
  if (digestIn(reference) !== null) return false;
  const tag = /:([^/:]+)$/.exec(reference)?.[1] ?? 'latest';
  return tag === 'latest';
}

function bareCapability(capability: string): string {
  return capability.toUpperCase().replace(/^CAP_/, '');
}

function rightRemedy(right: string): string {
  return `Do without it, or add "${right}" to policy.allow in the operator's file.`;
}

function hostPathRemedy(path: string): string {
  return `Use a named volume, or add "${path}" to policy.host_paths in the operator's file.`;
}

const disguiseRemedy =
  "Use a volume without driver options, tmpfs, NFS or CIFS; or name the host's directory by its absolute path, below policy.host_paths of the operator's file.";
