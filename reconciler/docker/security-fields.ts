import type { ContainerIntent, ContainerSpec, Ulimit } from '../model/container.ts';
import { compareText } from '../model/problem.ts';
import type { EngineFacts } from './facts.ts';
import { sorted } from './network-fields.ts';
import type { DeviceSetting, HostConfigAnswer, UlimitSetting } from './wire.ts';

type SecurityFields = Pick<
  ContainerSpec,
  | 'cap_add'
  | 'cap_drop'
  | 'cgroup'
  | 'cgroup_parent'
  | 'device_cgroup_rules'
  | 'devices'
  | 'group_add'
  | 'ipc'
  | 'pid'
  | 'privileged'
  | 'security_opt'
  | 'sysctls'
  | 'ulimits'
  | 'userns_mode'
  | 'uts'
>;

/** The command line's way to unmask /proc and /sys, which the API says with two empty lists. */
const unmasked = 'systempaths=unconfined';

/** What it may do to its host, in canonical form. */
export function readSecurity(host: HostConfigAnswer, facts: EngineFacts): SecurityFields {
  return {
    privileged: host.Privileged ?? false,
    cap_add: readCapabilities(host.CapAdd),
    cap_drop: readCapabilities(host.CapDrop),
    security_opt: readSecurityOptions(host),
    group_add: sorted(host.GroupAdd ?? []),
    userns_mode: host.UsernsMode ?? '',
    pid: host.PidMode ?? '',
    ipc: host.IpcMode || 'private',
    uts: host.UTSMode ?? '',
    cgroup: host.CgroupnsMode || facts.info.defaults.cgroup,
    cgroup_parent: host.CgroupParent ?? '',
    sysctls: host.Sysctls ?? {},
    ulimits: readUlimits(host.Ulimits ?? []),
    devices: sorted((host.Devices ?? []).map(formatDevice)),
    device_cgroup_rules: sorted(host.DeviceCgroupRules ?? []),
  };
}

/** `pid` and `ipc` come with their references resolved: `container:<id>` where a person said `service:<name>`. */
export function writeSecurity(
  intent: ContainerIntent,
  { pid, ipc }: { readonly pid: string; readonly ipc: string },
): HostConfigAnswer {
  return {
    ...(intent.privileged !== undefined && { Privileged: intent.privileged }),
    ...(intent.cap_add && { CapAdd: intent.cap_add }),
    ...(intent.cap_drop && { CapDrop: intent.cap_drop }),
    ...(intent.security_opt && writeSecurityOptions(intent.security_opt)),
    ...(intent.group_add && { GroupAdd: intent.group_add }),
    ...(intent.userns_mode && { UsernsMode: intent.userns_mode }),
    ...(pid && { PidMode: pid }),
    ...(ipc && { IpcMode: ipc }),
    ...(intent.uts && { UTSMode: intent.uts }),
    ...(intent.cgroup && { CgroupnsMode: intent.cgroup }),
    ...(intent.cgroup_parent && { CgroupParent: intent.cgroup_parent }),
    ...(intent.sysctls && { Sysctls: intent.sysctls }),
    ...(intent.ulimits && { Ulimits: writeUlimits(intent.ulimits) }),
    ...(intent.devices && { Devices: intent.devices.map(parseDevice) }),
    ...(intent.device_cgroup_rules && { DeviceCgroupRules: intent.device_cgroup_rules }),
  };
}

/** Whether the engine writes `label=disable` by itself, on hosts without SELinux too. */
function impliesLabelDisable(host: HostConfigAnswer): boolean {
  return (host.Privileged ?? false) || host.PidMode === 'host' || host.IpcMode === 'host';
}

function readSecurityOptions(host: HostConfigAnswer): readonly string[] {
  const options = (host.SecurityOpt ?? []).map(readSecurityOption);
  const said = impliesLabelDisable(host) ? options.filter((option) => option !== 'label=disable') : options;
  const isUnmasked = host.MaskedPaths?.length === 0 && host.ReadonlyPaths?.length === 0;
  return sorted(isUnmasked ? [...said, unmasked] : said);
}

/** The old separator is a colon, and a lone key means true. */
function readSecurityOption(option: string): string {
  const text = option.includes('=') ? option : option.replace(':', '=');
  return text === 'no-new-privileges=true' ? 'no-new-privileges' : text;
}

function writeSecurityOptions(options: readonly string[]): HostConfigAnswer {
  return {
    SecurityOpt: options.filter((option) => option !== unmasked),
    ...(options.includes(unmasked) && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

function readCapabilities(names: readonly string[] | null | undefined): readonly string[] {
  return sorted((names ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, '')));
}

function readUlimits(settings: readonly UlimitSetting[]): Readonly<Record<string, Ulimit>> {
  const byName = settings.toSorted((left, right) => compareText(left.Name, right.Name));
  return Object.fromEntries(byName.map(({ Name, Soft, Hard }) => [Name, { soft: Soft, hard: Hard }]));
}

function writeUlimits(ulimits: Readonly<Record<string, Ulimit>>): readonly UlimitSetting[] {
  return Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard }));
}

function formatDevice({ PathOnHost, PathInContainer, CgroupPermissions }: DeviceSetting): string {
  return `${PathOnHost}:${PathInContainer}:${CgroupPermissions}`;
}

function parseDevice(text: string): DeviceSetting {
  const [host = '', container = host, permissions = 'rwm'] = text.split(':');
  return { PathOnHost: host, PathInContainer: container, CgroupPermissions: permissions };
}
