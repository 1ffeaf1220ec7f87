import type { ContainerField, ContainerSpec } from '../model/container.ts';
import type { ObservedContainer } from '../model/observed.ts';
import {
  canonicalHealthcheck,
  canonicalLimit,
  canonicalMounts,
  canonicalPlatform,
  canonicalSecurityOptions,
  canonicalSignal,
  canonicalSignedLimit,
  canonicalWorkingDir,
} from './canonical.ts';
import {
  grantCores,
  grantLabels,
  grantLogging,
  grantMounts,
  grantSecurityOptions,
  grantSysctls,
  grantUlimits,
  grantWholeSeconds,
  type WasSaid,
} from './grants.ts';

/**
 * How one field is compared and changed.
 *
 * A difference that is none makes a tool redeploy for ever, so the table errs towards the engine: a field is compared
 * only as far as the right value is known. Docker can change nothing of a container but what `update`, networks and
 * `rename` reach, so for the rest an equal spec hash already proves that the engine wrote what we see.
 */
export interface FieldRule<Value> {
  /**
   * Whose value holds where nobody said one. `engine`: it chooses, we may only guess: not compared, unless Git took
   * back what it had said and the value is none that an engine chooses by itself.
   */
  readonly unsaid: 'image' | 'default' | 'engine';
  /** What carries a new value to a container that exists. */
  readonly mend: 'update' | 'network' | 'replace';
  /** One spelling for values that mean the same; applied to both sides. */
  canonical?(value: Value): Value;
  /** The expected value with the liberties that the engine takes. */
  grant?(expected: Value, observed: Value, wasSaid: WasSaid): Value;
  /** For `engine`: whether an engine may have chosen this by itself. */
  mayBeChosen?(value: Value, container: ObservedContainer): boolean;
}

/** Compared in `image.ts`, since a reference means nothing without the image behind it. */
export type ComparedField = Exclude<ContainerField, 'image'>;

export const fieldRules: { readonly [Field in ComparedField]: FieldRule<ContainerSpec[Field]> } = {
  platform: { unsaid: 'engine', mend: 'replace', canonical: canonicalPlatform, mayBeChosen: () => true },
  command: { unsaid: 'image', mend: 'replace' },
  entrypoint: { unsaid: 'image', mend: 'replace' },
  environment: { unsaid: 'image', mend: 'replace' },
  user: { unsaid: 'image', mend: 'replace' },
  working_dir: { unsaid: 'image', mend: 'replace', canonical: canonicalWorkingDir },
  // The engine takes the short id, or the name of whoever lends the network.
  hostname: {
    unsaid: 'engine',
    mend: 'replace',
    mayBeChosen: (value, { id, spec }) =>
      value === '' || id.startsWith(value) || isBorrowed(spec.network_mode),
  },
  domainname: {
    unsaid: 'engine',
    mend: 'replace',
    mayBeChosen: (value, { spec }) => value === '' || isBorrowed(spec.network_mode),
  },
  labels: { unsaid: 'image', mend: 'replace', grant: grantLabels },
  annotations: { unsaid: 'default', mend: 'replace' },
  stdin_open: { unsaid: 'default', mend: 'replace' },
  tty: { unsaid: 'default', mend: 'replace' },

  ports: { unsaid: 'default', mend: 'replace' },
  expose: { unsaid: 'image', mend: 'replace' },
  network_mode: { unsaid: 'default', mend: 'replace' },
  networks: { unsaid: 'default', mend: 'network' },
  // From 25 on an address that the engine drew looks like one that was asked for.
  mac_address: { unsaid: 'engine', mend: 'replace', mayBeChosen: () => true },
  dns: { unsaid: 'default', mend: 'replace' },
  dns_search: { unsaid: 'default', mend: 'replace' },
  dns_opt: { unsaid: 'default', mend: 'replace' },
  extra_hosts: { unsaid: 'default', mend: 'replace' },

  mounts: { unsaid: 'image', mend: 'replace', canonical: canonicalMounts, grant: grantMounts },
  configs: { unsaid: 'default', mend: 'replace' },
  read_only: { unsaid: 'default', mend: 'replace' },
  shm_size: { unsaid: 'engine', mend: 'replace' },
  storage_opt: { unsaid: 'default', mend: 'replace' },

  healthcheck: { unsaid: 'image', mend: 'replace', canonical: canonicalHealthcheck },
  restart: { unsaid: 'default', mend: 'update' },
  stop_signal: { unsaid: 'image', mend: 'replace', canonical: canonicalSignal },
  stop_grace_period: { unsaid: 'default', mend: 'replace', grant: grantWholeSeconds },
  init: { unsaid: 'engine', mend: 'replace' },
  logging: { unsaid: 'engine', mend: 'replace', grant: grantLogging },
  runtime: { unsaid: 'engine', mend: 'replace' },

  privileged: { unsaid: 'default', mend: 'replace' },
  cap_add: { unsaid: 'default', mend: 'replace' },
  cap_drop: { unsaid: 'default', mend: 'replace' },
  security_opt: {
    unsaid: 'default',
    mend: 'replace',
    canonical: canonicalSecurityOptions,
    grant: grantSecurityOptions,
  },
  group_add: { unsaid: 'default', mend: 'replace' },
  userns_mode: { unsaid: 'default', mend: 'replace' },
  pid: { unsaid: 'default', mend: 'replace' },
  // `private` or `shareable`, as the engine is configured.
  ipc: {
    unsaid: 'engine',
    mend: 'replace',
    mayBeChosen: (value) => value === 'private' || value === 'shareable',
  },
  uts: { unsaid: 'default', mend: 'replace' },
  cgroup: { unsaid: 'engine', mend: 'replace' },
  cgroup_parent: { unsaid: 'default', mend: 'replace' },
  sysctls: { unsaid: 'default', mend: 'replace', grant: grantSysctls },
  ulimits: { unsaid: 'default', mend: 'replace', grant: grantUlimits },
  devices: { unsaid: 'default', mend: 'replace' },
  device_cgroup_rules: { unsaid: 'default', mend: 'replace' },

  cpus: { unsaid: 'default', mend: 'update', canonical: canonicalLimit, grant: grantCores },
  cpu_shares: { unsaid: 'default', mend: 'update', canonical: canonicalLimit },
  cpu_period: { unsaid: 'default', mend: 'update', canonical: canonicalLimit },
  cpu_quota: { unsaid: 'default', mend: 'update', canonical: canonicalLimit },
  cpuset: { unsaid: 'default', mend: 'update' },
  mem_limit: { unsaid: 'default', mend: 'update', canonical: canonicalLimit },
  mem_reservation: { unsaid: 'default', mend: 'update', canonical: canonicalLimit },
  // A kernel without swap accounting makes the engine write -1.
  memswap_limit: {
    unsaid: 'engine',
    mend: 'update',
    canonical: canonicalSignedLimit,
    mayBeChosen: (value) => value === -1,
  },
  mem_swappiness: { unsaid: 'default', mend: 'replace', canonical: (value) => (value === -1 ? null : value) },
  oom_kill_disable: { unsaid: 'default', mend: 'replace' },
  oom_score_adj: { unsaid: 'default', mend: 'replace' },
  pids_limit: { unsaid: 'default', mend: 'update', canonical: canonicalLimit },
};

/** A container in somebody else's network namespace has that one's names. */
function isBorrowed(mode: ContainerSpec['network_mode']): boolean {
  return mode === 'host' || mode.startsWith('container:') || mode.startsWith('service:');
}
