import type { ContainerSpec } from '../model/container.ts';
import type { EngineDefaults } from '../model/observed.ts';

/** Everything that depends on neither the person nor the image. */
export function unsaidSpec(engine: EngineDefaults): Omit<ContainerSpec, 'image' | 'entrypoint' | 'command'> {
  return {
    ...unsaidProcess,
    ...unsaidNetwork,
    ...unsaidStorage,
    ...unsaidRights,
    ...unsaidLimits,
    init: engine.init,
    runtime: engine.runtime,
    logging: { driver: engine.loggingDriver, options: {} },
    cgroup: engine.cgroup,
  };
}

const unsaidProcess = {
  platform: null,
  environment: {},
  user: '',
  working_dir: '',
  hostname: '',
  domainname: '',
  labels: {},
  annotations: {},
  stdin_open: false,
  tty: false,
  healthcheck: null,
  restart: { condition: 'no', max_attempts: 0 },
  stop_signal: 'SIGTERM',
  stop_grace_period: 10_000,
} as const;

const unsaidNetwork = {
  ports: [],
  expose: [],
  network_mode: 'bridge',
  networks: {},
  mac_address: null,
  dns: [],
  dns_search: [],
  dns_opt: [],
  extra_hosts: [],
} as const;

const unsaidStorage = {
  mounts: {},
  configs: {},
  read_only: false,
  shm_size: 64 * 1024 * 1024,
  storage_opt: {},
} as const;

const unsaidRights = {
  privileged: false,
  cap_add: [],
  cap_drop: [],
  security_opt: [],
  group_add: [],
  userns_mode: '',
  pid: '',
  ipc: 'private',
  uts: '',
  cgroup_parent: '',
  sysctls: {},
  ulimits: {},
  devices: [],
  device_cgroup_rules: [],
} as const;

const unsaidLimits = {
  cpus: null,
  cpu_shares: null,
  cpu_period: null,
  cpu_quota: null,
  cpuset: '',
  mem_limit: null,
  mem_reservation: null,
  memswap_limit: null,
  mem_swappiness: null,
  oom_kill_disable: false,
  oom_score_adj: 0,
  pids_limit: null,
} as const;
