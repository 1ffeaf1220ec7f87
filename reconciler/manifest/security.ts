import type { ContainerSpec, Ulimit } from '../model/container.ts';
import type { Container } from '../model/generated/container.ts';
import { isName } from '../model/ids.ts';
import { inside, report, type Place } from './place.ts';
import { cleanPath } from './path.ts';
import type { Said } from './said.ts';
import { readTextMap, sortedUnique } from './text-map.ts';

type RightsField =
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
  | 'uts';

/** What a container may do to its host. */
export function readRights(spec: Container, place: Place): Pick<Said, RightsField> {
  return {
    privileged: spec.privileged,
    cap_add: readCapabilities(spec.cap_add, inside(place, 'cap_add')),
    cap_drop: readCapabilities(spec.cap_drop, inside(place, 'cap_drop')),
    security_opt: readSecurityOptions(spec.security_opt, inside(place, 'security_opt')),
    group_add: spec.group_add && sortedUnique(spec.group_add.map(String)),
    userns_mode: spec.userns_mode,
    pid: readNamespace(spec.pid, ['host'], inside(place, 'pid')),
    ipc: readNamespace(spec.ipc, ['private', 'shareable', 'none', 'host'], inside(place, 'ipc')),
    uts: spec.uts,
    cgroup: spec.cgroup,
    cgroup_parent: spec.cgroup_parent,
    sysctls: spec.sysctls && readTextMap(spec.sysctls, inside(place, 'sysctls')),
    ulimits: readUlimits(spec.ulimits),
    devices: readDevices(spec.devices, inside(place, 'devices')),
    device_cgroup_rules: spec.device_cgroup_rules && sortedUnique(spec.device_cgroup_rules),
  };
}

/** Upper case without `CAP_`, sorted. */
function readCapabilities(names: readonly string[] | undefined, place: Place): readonly string[] | undefined {
  if (names === undefined) return undefined;
  return sortedUnique(
    names.map((name, index) => {
      const bare = name.toUpperCase().replace(/^CAP_/, '');
      if (!/^[A-Z][A-Z0-9_]*$/.test(bare))
        report(inside(place, index), 'WrongValue', 'should be a capability, such as "NET_ADMIN".');
      return bare;
    }),
  );
}

const securityKeys: ReadonlySet<string> = new Set([
  'apparmor',
  'label',
  'no-new-privileges',
  'seccomp',
  'systempaths',
  'writable-cgroups',
]);

/** `key=value` or a lone key, sorted. */
function readSecurityOptions(
  options: readonly string[] | undefined,
  place: Place,
): readonly string[] | undefined {
  if (options === undefined) return undefined;
  return sortedUnique(options.map((option, index) => readSecurityOption(option, inside(place, index))));
}

function readSecurityOption(option: string, place: Place): string {
  const [key = '', value = ''] = option.split(/[=:](.*)/s);
  if (!securityKeys.has(key))
    report(
      place,
      'WrongValue',
      `should be one of ${[...securityKeys].join(', ')}, such as "no-new-privileges".`,
    );
  if (key === 'seccomp' && value !== 'unconfined' && value !== 'builtin') {
    report(
      place,
      'WrongValue',
      'can name only unconfined or builtin: a profile would be a file of the host, and those are not read.',
    );
  }
  if (key === 'no-new-privileges' && (value === 'true' || value === '')) return key;
  return value === '' ? key : `${key}=${value}`;
}

/** `host:container:permissions`, sorted. */
function readDevices(devices: Container['devices'], place: Place): readonly string[] | undefined {
  if (devices === undefined) return undefined;
  return sortedUnique(
    devices.map((device, index) => {
      const [source = '', target = source, permissions = 'rwm', ...more] =
        typeof device === 'string' ? device.split(':') : [device.source, device.target, device.permissions];
      const isWrong =
        cleanPath(source) === null ||
        cleanPath(target) === null ||
        !/^[rwm]{1,3}$/.test(permissions) ||
        more.length > 0;
      if (isWrong)
        report(
          inside(place, index),
          'WrongValue',
          'should be "HOST:CONTAINER:PERMISSIONS", such as "/dev/ttyUSB0:/dev/ttyUSB0:rwm".',
        );
      return `${source}:${target}:${permissions}`;
    }),
  );
}

function readUlimits(ulimits: Container['ulimits']): ContainerSpec['ulimits'] | undefined {
  if (ulimits === undefined) return undefined;
  const entries = Object.entries(ulimits).map(([name, value = 0]): readonly [string, Ulimit] => [
    name,
    typeof value === 'number' ? { soft: value, hard: value } : { soft: value.soft, hard: value.hard },
  ]);
  return Object.fromEntries(entries);
}

/** A namespace that may be shared: one of `words`, `service:NAME` or `container:NAME`. */
function readNamespace(
  value: string | undefined,
  words: readonly string[],
  place: Place,
): string | undefined {
  if (value === undefined || words.includes(value)) return value;
  const [kind, name = ''] = value.split(/:(.*)/s);
  const isShared = (kind === 'service' && isName(name)) || (kind === 'container' && name !== '');
  if (!isShared)
    report(place, 'WrongValue', `should be ${words.join(', ')}, service:NAME or container:NAME.`);
  return value;
}
