import type { ContainerIntent } from '../model/container.ts';
import { cleanPath } from './canonical.ts';
import type { FindingCode } from './findings.ts';
import type { Policy } from './policy.ts';
import { fullReference } from './reference.ts';

export interface Violation {
  readonly code: FindingCode;
  /** Completes a sentence that begins with the service's name. */
  readonly what: string;
  readonly remedy: string;
}

/** What a container asks for that the operator has not allowed. */
export function violationsOf(intent: ContainerIntent, policy: Policy): readonly Violation[] {
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
    right: 'foreign_namespaces',
    code: 'NS101',
    what: 'enters a container that its stack did not make',
    isTaken: ({ network_mode = '', pid = '', ipc = '' }) =>
      [network_mode, pid, ipc].some((mode) => mode.startsWith('container:')),
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

export function isBelow(path: string, roots: readonly string[]): boolean {
  const clean = cleanPath(path);
  return roots.map(cleanPath).some((root) => root === '/' || clean === root || clean.startsWith(`${root}/`));
}

function isPartOf(reference: string, part: string): boolean {
  const rest = reference.startsWith(part) ? reference.slice(part.length) : null;
  return rest !== null && (part.endsWith('/') || /^($|[/:@])/.test(rest));
}

function bareCapability(capability: string): string {
  return capability.toUpperCase().replace(/^CAP_/, '');
}

function rightRemedy(right: string): string {
  return `Do without it, or add "${right}" to policy.allow in the operator's file.`;
}

export function hostPathRemedy(path: string): string {
  return `Use a named volume, or add "${path}" to policy.host_paths in the operator's file.`;
}
