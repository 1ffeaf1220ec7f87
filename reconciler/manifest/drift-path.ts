import type { ContainerField } from '../model/container.ts';
import { nearest } from '../model/nearest.ts';
import { suggestion } from './suggestion.ts';

/** What may stand below a field in the path of a drift. */
type Shape =
  | { readonly kind: 'whole' }
  /** Any key of a person's: labels, variables. */
  | { readonly kind: 'entries' }
  | { readonly kind: 'members'; readonly members: readonly string[] }
  /** Something named by a person, with members of its own. */
  | { readonly kind: 'named'; readonly members: readonly string[] };

/** A path in the canonical form of the comparison, or a clause that says what is wrong with it. */
export type DriftPath =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'problem'; readonly message: string };

/** Reads `mem_limit`, `labels.foo`, `healthcheck.interval`, `volumes./data.read_only`, `networks.back.aliases`, `state`. */
export function readDriftPath(text: string): DriftPath {
  const [key = '', below = ''] = text.replace(/^spec\./, '').split(/\.(.*)/s);
  const field = key === 'volumes' || key === 'tmpfs' ? 'mounts' : key;
  const shape = Object.hasOwn(shapes, field) ? shapes[field] : undefined;
  if (shape === undefined) {
    const known = [...Object.keys(shapes), 'volumes', 'tmpfs'];
    return problem(
      `should be a field of a running container, such as "mem_limit" or "labels.foo"${suggestion(key, known)}`,
    );
  }
  const wrong = below === '' ? '' : wrongBelow(field, below, shape);
  if (wrong !== '') return problem(wrong);
  return { kind: 'path', path: below === '' ? field : `${field}.${below}` };
}

function problem(message: string): DriftPath {
  return { kind: 'problem', message: /[.?]$/.test(message) ? message : `${message}.` };
}

function wrongBelow(field: string, below: string, shape: Shape): string {
  switch (shape.kind) {
    case 'entries':
      return '';
    case 'whole':
      return `goes further than "${field}", which is compared as a whole`;
    case 'members': {
      const [member = '', rest] = below.split(/\.(.*)/s);
      const isKnown = shape.members.includes(member) && (rest === undefined || member === 'options');
      return isKnown ? '' : unknownMember(field, member, shape.members);
    }
    case 'named': {
      // The name may have dots itself, so only what looks like a slip of the pen is one.
      const last = below.slice(below.lastIndexOf('.') + 1);
      const isName = last === below || last.includes('/') || shape.members.includes(last);
      return isName || nearest(last, shape.members) === null ? '' : unknownMember(field, last, shape.members);
    }
    default:
      return shape satisfies never;
  }
}

function unknownMember(field: string, member: string, members: readonly string[]): string {
  return `names "${member}", and ${field} has ${members.join(', ')}${suggestion(member, members)}`;
}

const whole: Shape = { kind: 'whole' };
const entries: Shape = { kind: 'entries' };

/** What is no field of a container's definition and drifts all the same. */
const conditions = { state: whole, health: whole, presence: whole, name: whole } as const;

const fields: Readonly<Record<ContainerField, Shape>> = {
  image: whole,
  platform: whole,
  command: whole,
  entrypoint: whole,
  environment: entries,
  user: whole,
  working_dir: whole,
  hostname: whole,
  domainname: whole,
  labels: entries,
  annotations: entries,
  stdin_open: whole,
  tty: whole,
  ports: whole,
  expose: whole,
  network_mode: whole,
  networks: { kind: 'named', members: ['aliases', 'ipv4_address', 'ipv6_address', 'link_local_ips'] },
  mac_address: whole,
  dns: whole,
  dns_search: whole,
  dns_opt: whole,
  extra_hosts: whole,
  mounts: {
    kind: 'named',
    members: ['type', 'source', 'read_only', 'nocopy', 'subpath', 'propagation', 'size', 'mode'],
  },
  configs: { kind: 'named', members: ['digest', 'mode', 'uid', 'gid'] },
  read_only: whole,
  shm_size: whole,
  storage_opt: entries,
  healthcheck: {
    kind: 'members',
    members: ['test', 'interval', 'timeout', 'retries', 'start_period', 'start_interval'],
  },
  restart: { kind: 'members', members: ['condition', 'max_attempts'] },
  stop_signal: whole,
  stop_grace_period: whole,
  init: whole,
  logging: { kind: 'members', members: ['driver', 'options'] },
  runtime: whole,
  privileged: whole,
  cap_add: whole,
  cap_drop: whole,
  security_opt: whole,
  group_add: whole,
  userns_mode: whole,
  pid: whole,
  ipc: whole,
  uts: whole,
  cgroup: whole,
  cgroup_parent: whole,
  sysctls: entries,
  ulimits: { kind: 'named', members: ['soft', 'hard'] },
  devices: whole,
  device_cgroup_rules: whole,
  cpus: whole,
  cpu_shares: whole,
  cpu_period: whole,
  cpu_quota: whole,
  cpuset: whole,
  mem_limit: whole,
  mem_reservation: whole,
  memswap_limit: whole,
  mem_swappiness: whole,
  oom_kill_disable: whole,
  oom_score_adj: whole,
  pids_limit: whole,
};

const shapes: Readonly<Record<string, Shape>> = { ...fields, ...conditions };
