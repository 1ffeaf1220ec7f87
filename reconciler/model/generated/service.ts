// Generated from schemas/service.schema.json by `npm run generate`. Change the schema instead.

/**
 * The container, in Compose's words, and how it is rolled out.
 */
export type ServiceSpec = Container & {
  /**
   * Number of containers. 0 keeps the definition and runs nothing.
   */
  replicas?: number;
  /**
   * `service` keeps running; `job` runs to its end once for each version, and exit code 0 is its health. Default: job when another service of the stack waits for `service_completed_successfully`, else service.
   */
  lifecycle?: 'service' | 'job';
  /**
   * Files that are copied into the container before it starts.
   */
  configs?: ServiceConfig[];
  rollout?: Rollout;
  drift?: Drift;
};
export type ContainerNetwork = {
  aliases?: TextList;
  /**
   * Fixed IPv4 address; the network needs a subnet of its own.
   */
  ipv4_address?: string;
  /**
   * Fixed IPv6 address; the network needs `enable_ipv6` and a subnet.
   */
  ipv6_address?: string;
  link_local_ips?: TextList1;
} | null;
/**
 * Further names of the service in this network.
 */
export type TextList = string[];
/**
 * Link-local addresses.
 */
export type TextList1 = string[];
/**
 * Options of the resolver.
 */
export type TextList2 = string[];
/**
 * Capabilities to add, with or without `CAP_`. The operator's policy must allow them.
 */
export type TextList3 = string[];
/**
 * Capabilities to take away, with or without `CAP_`.
 */
export type TextList4 = string[];
/**
 * Security options: `no-new-privileges`, `seccomp=unconfined`, `apparmor=PROFILE`, `label=…`, `systempaths=unconfined`.
 */
export type TextList5 = string[];
/**
 * Rules about devices: type, major:minor, permissions.
 */
export type TextList6 = string[];
/**
 * The part of Compose's `deploy` that one engine can honour.
 */
export type ContainerDeploy = {
  /**
   * Accepted for Compose files; one engine knows no other.
   */
  mode?: 'replicated';
  /**
   * Number of containers.
   */
  replicas?: number;
  resources?: ContainerResources;
  restart_policy?: ContainerRestartPolicy;
} | null;
/**
 * What happens when the running state moves without a commit. Default: the stack's, else the operator's.
 */
export type Drift = DriftModeName | DriftBlock;
/**
 * `heal`, `warn` or `off`.
 */
export type DriftModeName = 'heal' | 'warn' | 'off';
/**
 * `heal`, `warn` or `off`.
 */
export type DriftModeName1 = 'heal' | 'warn' | 'off';

/**
 * A long-running container definition with any number of replicas, or a job that runs to its end.
 */
export interface ServiceManifest {
  /**
   * Version of this format.
   */
  apiVersion: 'plimsoll.dev/v1';
  /**
   * What this document is.
   */
  kind: 'Service';
  metadata: ServiceMetadata;
  spec: ServiceSpec;
}
/**
 * What the service is called and who answers for it.
 */
export interface ServiceMetadata {
  /**
   * Name of the service, unique in its stack: lower case letters, digits, `-` and `_`, at most 63.
   */
  name: string;
  /**
   * Who answers for the service; shown, never interpreted.
   */
  owner?: string;
}
/**
 * The keys that describe a container, with the names, the value syntax and the meaning that they have in Compose.
 */
export interface Container {
  /**
   * Image to run: a reference with a tag or a digest. Without either it means `latest`.
   */
  image?: string;
  /**
   * Platform of the image, `os/architecture[/variant]`. Default: the engine's own.
   */
  platform?: string;
  /**
   * When to pull: `missing` (also written `if_not_present`) pulls what the engine does not have; `never` uses only what is there. `always` follows a moved tag: it asks the registry at each sync that a commit, a webhook or a person asks for, and otherwise at most every ten minutes. `daily`, `weekly` and `every_<duration>` follow it too, and ask no more often than that after the last pull.
   */
  pull_policy?: string;
  /**
   * Replaces the image's command. A list is taken as it is; text is split like a shell would, without running one. An empty list or text clears the image's command.
   */
  command?: string | (string | number)[] | null;
  /**
   * Replaces the image's entrypoint and drops its command. Same forms as `command`.
   */
  entrypoint?: string | (string | number)[] | null;
  /**
   * Environment variables, as a map or as a list of `NAME=value`. Numbers and booleans become text.
   */
  environment?: TextMap | string[];
  /**
   * Files of the repository with environment variables, one `NAME=value` a line; a later file overrides an earlier one, `environment` overrides them all. Paths are relative to the stack's directory.
   */
  env_file?: string | (string | ContainerEnvFile)[];
  /**
   * User, and group after a colon, that the process runs as: names or numbers. Default: the image's.
   */
  user?: string | number;
  /**
   * Directory in the container that the process starts in. Default: the image's.
   */
  working_dir?: string;
  /**
   * Host name that the container sees. Default: the start of its id.
   */
  hostname?: string;
  /**
   * Domain name that the container sees.
   */
  domainname?: string;
  /**
   * Labels of the container, as a map or as a list of `name=value`.
   */
  labels?: TextMap | string[];
  /**
   * OCI annotations of the container, as a map or as a list of `name=value`.
   */
  annotations?: TextMap | string[];
  /**
   * Keeps standard input open although nothing is attached.
   */
  stdin_open?: boolean;
  /**
   * Gives the process a terminal.
   */
  tty?: boolean;
  /**
   * Ports published on the host: `[[HOST_IP:]HOST:]CONTAINER[/PROTOCOL]`, a number, or the long form. Ranges such as `8000-8005:80-85` publish one by one; without a host port the engine chooses one.
   */
  ports?: ((string | number) | ContainerPort)[];
  /**
   * Ports that the container listens on without being published: `PORT[/PROTOCOL]` or a range.
   */
  expose?: (string | number)[];
  /**
   * `bridge` (the engine's default bridge), `host`, `none`, `service:NAME` (the network of a service of this stack) or `container:NAME`. Excludes `networks`. Default: the networks listed, or the stack's own.
   */
  network_mode?: string;
  /**
   * Networks of the stack to join, as a list of names or as a map with addresses and aliases. The service's name is always an alias. Default: `default`, the stack's own network.
   */
  networks?:
    | string[]
    | {
        [k: string]: ContainerNetwork | undefined;
      };
  /**
   * MAC address of the container's interface.
   */
  mac_address?: string;
  /**
   * DNS servers, one address or a list in the order in which they are asked.
   */
  dns?: string | string[];
  /**
   * Domains in which short names are looked up, one or a list.
   */
  dns_search?: string | string[];
  dns_opt?: TextList2;
  /**
   * Further lines of /etc/hosts: a list of `host:address` or a map. `host-gateway` is the address of the host.
   */
  extra_hosts?:
    | string[]
    | {
        [k: string]: string | string[] | undefined;
      };
  /**
   * Mounts: `VOLUME:PATH[:ro]` for a volume that the stack declares, `/host/path:PATH[:ro]` for a path of the host, `PATH` for an anonymous volume, or the long form.
   */
  volumes?: (string | ContainerMount)[];
  /**
   * Paths in the container that live in memory: one or a list of `PATH[:size=64m,mode=1777]`.
   */
  tmpfs?: string | string[];
  /**
   * Makes the container's root file system read-only.
   */
  read_only?: boolean;
  /**
   * Size of /dev/shm. Default: the engine's, usually 64 MB.
   */
  shm_size?: string | number;
  storage_opt?: TextMap1;
  healthcheck?: ContainerHealthcheck;
  /**
   * What the engine does when the process ends: `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N` for at most N times.
   */
  restart?: string;
  /**
   * Signal that asks the process to end. Default: the image's, else SIGTERM.
   */
  stop_signal?: string | number;
  /**
   * How long the process may take to end before it is killed. Default: the engine's, 10 s.
   */
  stop_grace_period?: string;
  /**
   * Runs a small init as process 1, which forwards signals and reaps zombies.
   */
  init?: boolean;
  logging?: ContainerLogging;
  /**
   * OCI runtime. Default: the engine's.
   */
  runtime?: string;
  /**
   * Gives the container nearly all rights of the host. The operator's policy must allow it.
   */
  privileged?: boolean;
  cap_add?: TextList3;
  cap_drop?: TextList4;
  security_opt?: TextList5;
  /**
   * Further groups of the process, names or numbers.
   */
  group_add?: (string | number)[];
  /**
   * `host` turns the engine's user namespaces off for this container.
   */
  userns_mode?: string;
  /**
   * Process ids that the container sees: `host`, `service:NAME` or `container:NAME`. Default: its own.
   */
  pid?: string;
  /**
   * Shared memory: `private`, `shareable`, `none`, `host`, `service:NAME` or `container:NAME`. Default: the engine's.
   */
  ipc?: string;
  /**
   * `host` shares the host's name.
   */
  uts?: 'host';
  /**
   * Control groups that the container sees. Default: the engine's.
   */
  cgroup?: 'private' | 'host';
  /**
   * Control group below which the container's own is made.
   */
  cgroup_parent?: string;
  /**
   * Kernel parameters of the container, as a map or as a list of `name=value`.
   */
  sysctls?: TextMap | string[];
  /**
   * Limits of the process: one number, or a soft and a hard one.
   */
  ulimits?: {
    [k: string]: number | ContainerUlimit | undefined;
  };
  /**
   * Devices of the host: `HOST[:CONTAINER[:PERMISSIONS]]` or the long form. The operator's policy must allow them.
   */
  devices?: (string | ContainerDevice)[];
  device_cgroup_rules?: TextList6;
  /**
   * How many processors the container may use; fractions are allowed. 0 is no limit.
   */
  cpus?: number | string;
  /**
   * Weight against other containers when processors are short; 1024 is usual.
   */
  cpu_shares?: number;
  /**
   * Length of a scheduler period in microseconds. Excludes `cpus`.
   */
  cpu_period?: number;
  /**
   * Processor time in a period, in microseconds. Excludes `cpus`.
   */
  cpu_quota?: number;
  /**
   * Processors that the container may run on.
   */
  cpuset?: string | number;
  /**
   * Most memory that the container may use; at least 6 MB. 0 is no limit.
   */
  mem_limit?: string | number;
  /**
   * Memory that the container is pushed back to when the host runs short.
   */
  mem_reservation?: string | number;
  /**
   * Memory and swap together; needs `mem_limit`. -1 is unlimited swap.
   */
  memswap_limit?: string | number;
  /**
   * How readily the kernel swaps, from 0 to 100. Default: the host's.
   */
  mem_swappiness?: number;
  /**
   * Keeps the kernel from killing the container when memory is short. Not on control groups version 2.
   */
  oom_kill_disable?: boolean;
  /**
   * How likely the kernel picks the container when memory is short, from -1000 (never) to 1000.
   */
  oom_score_adj?: number;
  /**
   * Most processes of the container; -1 is no limit.
   */
  pids_limit?: number;
  /**
   * Number of containers, as `deploy.replicas`.
   */
  scale?: number;
  deploy?: ContainerDeploy;
  /**
   * Services of this stack that come first: a list of names, or a map with conditions.
   */
  depends_on?:
    | string[]
    | {
        [k: string]: ContainerDependency | undefined;
      };
}
export interface TextMap {
  [k: string]: string | number | boolean | null | undefined;
}
export interface ContainerEnvFile {
  /**
   * Path of the file, relative to the stack's directory.
   */
  path: string;
  /**
   * Whether the file must exist.
   */
  required?: boolean;
  /**
   * `raw` takes each line as it is: no quotes, no variables, no escapes.
   */
  format?: 'raw';
}
export interface ContainerPort {
  /**
   * Port in the container.
   */
  target: number;
  /**
   * Port on the host, or a range from which the engine chooses. Default: the engine chooses.
   */
  published?: string | number;
  /**
   * Address of the host to listen on. Default: all.
   */
  host_ip?: string;
  /**
   * Protocol.
   */
  protocol?: 'tcp' | 'udp' | 'sctp';
  /**
   * Accepted for Compose files; on one engine both mean the same.
   */
  mode?: 'ingress' | 'host';
  /**
   * For readers only.
   */
  name?: string;
  /**
   * For readers only.
   */
  app_protocol?: string;
}
export interface ContainerMount {
  /**
   * `volume`: a volume; `bind`: a path of the host; `tmpfs`: memory.
   */
  type: 'volume' | 'bind' | 'tmpfs';
  /**
   * Name of a volume that the stack declares, or an absolute path of the host. A volume without one is anonymous.
   */
  source?: string;
  /**
   * Absolute path in the container.
   */
  target: string;
  /**
   * Mounts without the right to write.
   */
  read_only?: boolean;
  /**
   * Accepted for Compose files; it has no effect on Linux.
   */
  consistency?: string;
  /**
   * Settings of a bind mount.
   */
  bind?: {
    /**
     * How mounts made later below the path spread.
     */
    propagation?: 'rprivate' | 'private' | 'rshared' | 'shared' | 'rslave' | 'slave';
    /**
     * Whether the engine makes a missing directory, which is what it does.
     */
    create_host_path?: true;
  };
  /**
   * Settings of a volume mount.
   */
  volume?: {
    /**
     * Does not fill a new volume with what the image has at the path.
     */
    nocopy?: boolean;
    /**
     * Directory inside the volume to mount. Needs Docker 26 or later.
     */
    subpath?: string;
  };
  /**
   * Settings of a tmpfs mount.
   */
  tmpfs?: {
    /**
     * Most memory that it may take. Default: no limit.
     */
    size?: string | number;
    /**
     * Permission bits in octal. Default: 1777.
     */
    mode?: number | string;
  };
}
/**
 * Options of the engine's storage driver for this container.
 */
export interface TextMap1 {
  [k: string]: string | number | boolean | null | undefined;
}
/**
 * How the engine finds out whether the container works. Default: the image's.
 */
export interface ContainerHealthcheck {
  /**
   * What to run in the container; exit code 0 is healthy. Text runs in a shell; a list begins with CMD, CMD-SHELL or NONE.
   */
  test?: string | string[];
  /**
   * Time between two tests. Default: the image's, else 30 s.
   */
  interval?: string;
  /**
   * Longest time for one test. Default: the image's, else 30 s.
   */
  timeout?: string;
  /**
   * Failures in a row that make it unhealthy. Default: the image's, else 3.
   */
  retries?: number;
  /**
   * Time after the start in which failures do not count. Default: the image's, else none.
   */
  start_period?: string;
  /**
   * Time between two tests during the start period. Needs Docker 25 or later.
   */
  start_interval?: string;
  /**
   * Turns the image's healthcheck off.
   */
  disable?: boolean;
}
/**
 * Where the container's output goes. Default: the engine's driver.
 */
export interface ContainerLogging {
  /**
   * Name of the log driver.
   */
  driver?: string;
  options?: TextMap2;
}
/**
 * Options of the log driver.
 */
export interface TextMap2 {
  [k: string]: string | number | boolean | null | undefined;
}
export interface ContainerUlimit {
  /**
   * Limit that the process may raise up to the hard one.
   */
  soft: number;
  /**
   * Limit that the process cannot raise.
   */
  hard: number;
}
export interface ContainerDevice {
  /**
   * Path of the device on the host.
   */
  source: string;
  /**
   * Path in the container. Default: the same.
   */
  target?: string;
  /**
   * Any of r (read), w (write) and m (make).
   */
  permissions?: string;
}
/**
 * Limits and reservations, the same as `cpus`, `mem_limit`, `pids_limit` and `mem_reservation`.
 */
export interface ContainerResources {
  /**
   * What the container cannot exceed.
   */
  limits?: {
    /**
     * The same as `cpus`.
     */
    cpus?: number | string;
    /**
     * The same as `mem_limit`.
     */
    memory?: string | number;
    /**
     * The same as `pids_limit`.
     */
    pids?: number;
  };
  /**
   * What the container is pushed back to when the host runs short.
   */
  reservations?: {
    /**
     * The same as `mem_reservation`.
     */
    memory?: string | number;
  };
}
/**
 * Another way to write `restart`; used when `restart` is absent.
 */
export interface ContainerRestartPolicy {
  /**
   * `none` is no, `on-failure` the same, `any` is always.
   */
  condition?: 'none' | 'on-failure' | 'any';
  /**
   * At most so many times; only with `on-failure`. Default: without limit.
   */
  max_attempts?: number;
}
export interface ContainerDependency {
  /**
   * `service_started`: its container runs; `service_healthy`: its healthcheck says so; `service_completed_successfully`: it ended with exit code 0.
   */
  condition?: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  /**
   * With false this one starts even when the other is missing or failed.
   */
  required?: boolean;
  /**
   * Restarts this one when the other was replaced.
   */
  restart?: boolean;
}
export interface ServiceConfig {
  /**
   * Absolute path in the container.
   */
  target: string;
  /**
   * Content of the file. Either this or `file`.
   */
  content?: string;
  /**
   * File of the repository, relative to the stack's directory. Either this or `content`.
   */
  file?: string;
  /**
   * Permission bits in octal.
   */
  mode?: number | string;
  /**
   * Number of the owning user.
   */
  uid?: number | string;
  /**
   * Number of the owning group.
   */
  gid?: number | string;
  /**
   * What happens when the content changes: `recreate` makes a new container, `restart` and `signal` write the file into the running one and restart it or send it `signal`. It holds for containers that were made since it was said; a job always runs anew.
   */
  reaction?: 'recreate' | 'restart' | 'signal';
  /**
   * Signal that tells the process to read its files again; with `reaction: signal`.
   */
  signal?: string | number;
}
/**
 * How a changed version replaces the old one. Default: the stack's, else the operator's.
 */
export interface Rollout {
  /**
   * `rolling` starts the newcomer before the old container stops; `recreate` stops first; `auto` is rolling unless two generations side by side would do harm, such as a fixed host port.
   */
  strategy?: 'auto' | 'rolling' | 'recreate';
  /**
   * How long a container must be healthy (without a healthcheck: running without a restart) before it counts.
   */
  min_healthy_time?: string;
  /**
   * How long a container may take to become healthy before the rollout fails.
   */
  healthy_deadline?: string;
  /**
   * How long the rollout may go without any container becoming healthy before it fails.
   */
  progress_deadline?: string;
  /**
   * Whether a failed rollout returns to the last version that was healthy.
   */
  auto_revert?: boolean;
}
export interface DriftBlock {
  mode?: DriftModeName1;
  /**
   * Fields with a mode of their own, such as `mem_limit: warn`; the longest path that covers a field counts.
   */
  fields?: {
    [k: string]: DriftModeName | undefined;
  };
  /**
   * A container that somebody stopped on purpose (`docker stop`) is started again with `heal`, and stays stopped, shown as such, with `respect`.
   */
  on_stop?: 'heal' | 'respect';
  /**
   * Fields that are neither compared nor applied to a running container, such as `labels.foo`.
   */
  ignore?: string[];
}
