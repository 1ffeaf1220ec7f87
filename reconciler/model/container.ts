import { isName, type Name } from './ids.ts';

/**
 * A container in canonical form: the one shape in which what should be and what is are compared. Keys are
 * Compose's names, so that the path of a change is what a person wrote. Units: sizes in bytes, durations in
 * milliseconds, CPUs as a number of cores. Lists whose order has no meaning are sorted and without duplicates;
 * lists keyed by something (mounts by target, networks by engine name) are records, so that one entry is one path.
 * `null` means "none" or "no limit". Every property is present: observation yields this, and `expected` in
 * plan/ completes what a person said into it. Text compares by code unit in every sorted list.
 */
export interface ContainerSpec {
  /** Reference with tag or digest, familiar form: `redis:7`, `ghcr.io/acme/web@sha256:…`. */
  readonly image: string;
  /** `os/arch[/variant]`, or null for the engine's own. */
  readonly platform: string | null;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly working_dir: string;
  readonly hostname: string;
  readonly domainname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly stdin_open: boolean;
  readonly tty: boolean;

  /** Sorted by target, protocol, address, published. */
  readonly ports: readonly PortBinding[];
  /** `port/protocol`, sorted as text; published ports included, as the engine reports them. */
  readonly expose: readonly string[];
  readonly network_mode: NetworkMode;
  /** By the engine's network name. Empty unless `network_mode` is `networks`. */
  readonly networks: Readonly<Record<string, NetworkAttachment>>;
  /** Lower case, with colons. */
  readonly mac_address: string | null;
  /** In the order in which they are asked. */
  readonly dns: readonly string[];
  readonly dns_search: readonly string[];
  /** Sorted. */
  readonly dns_opt: readonly string[];
  /** `host:address`, IPv6 without brackets; sorted. */
  readonly extra_hosts: readonly string[];

  /** By absolute path inside the container. */
  readonly mounts: Readonly<Record<string, Mount>>;
  /** Files copied in before the start, by absolute path inside the container. */
  readonly configs: Readonly<Record<string, ConfigFile>>;
  readonly read_only: boolean;
  readonly shm_size: number;
  readonly storage_opt: Readonly<Record<string, string>>;

  readonly healthcheck: Healthcheck | null;
  readonly restart: RestartPolicy;
  /** `SIGTERM` or, where a person gave one, a number. */
  readonly stop_signal: string;
  readonly stop_grace_period: number;
  readonly init: boolean;
  readonly logging: Logging;
  readonly runtime: string;

  readonly privileged: boolean;
  /** Upper case without `CAP_`: `NET_ADMIN`, `ALL`; sorted. */
  readonly cap_add: readonly string[];
  readonly cap_drop: readonly string[];
  /** `key=value` or a lone key: `seccomp=unconfined`, `no-new-privileges`; sorted. */
  readonly security_opt: readonly string[];
  /** Sorted. */
  readonly group_add: readonly string[];
  readonly userns_mode: string;
  readonly pid: string;
  readonly ipc: string;
  readonly uts: string;
  readonly cgroup: string;
  readonly cgroup_parent: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ulimits: Readonly<Record<string, Ulimit>>;
  /** `host:container:permissions`; sorted. */
  readonly devices: readonly string[];
  /** Sorted. */
  readonly device_cgroup_rules: readonly string[];

  readonly cpus: number | null;
  readonly cpu_shares: number | null;
  readonly cpu_period: number | null;
  readonly cpu_quota: number | null;
  readonly cpuset: string;
  readonly mem_limit: number | null;
  readonly mem_reservation: number | null;
  /** Memory plus swap; -1 is unlimited swap. */
  readonly memswap_limit: number | null;
  readonly mem_swappiness: number | null;
  readonly oom_kill_disable: boolean;
  readonly oom_score_adj: number;
  readonly pids_limit: number | null;
}

export type ContainerField = keyof ContainerSpec;

/** What a person said about a container; what is absent is the image's or the engine's to decide. */
export type ContainerIntent = Partial<ContainerSpec> & Pick<ContainerSpec, 'image'>;

export interface PortBinding {
  readonly target: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** Host port; `''` lets the engine choose, `8000-8010` lets it choose from a range. */
  readonly published: string;
  /** `''` is every address. */
  readonly host_ip: string;
}

/**
 * `networks`: attached to the networks listed. `service:<name>`: the network of a service of the same stack;
 * `container:<name>`: that of a container that is not ours to name.
 */
export type NetworkMode =
  'networks' | 'bridge' | 'host' | 'none' | `service:${string}` | `container:${string}`;

export interface NetworkAttachment {
  /** Sorted; the short id and the host name, which engine 20.10 adds by itself, are left out. */
  readonly aliases: readonly string[];
  readonly ipv4_address: string | null;
  readonly ipv6_address: string | null;
  readonly link_local_ips: readonly string[];
}

export type Mount =
  | {
      readonly type: 'volume';
      /** The engine's volume name; `''` is an anonymous volume. */
      readonly source: string;
      readonly read_only: boolean;
      readonly nocopy: boolean;
      readonly subpath: string;
    }
  | {
      readonly type: 'bind';
      /** Absolute path on the engine's host. */
      readonly source: string;
      readonly read_only: boolean;
      readonly propagation: string;
    }
  | {
      readonly type: 'tmpfs';
      /** Bytes, or null for no limit. */
      readonly size: number | null;
      /** Permission bits, or null for 1777. */
      readonly mode: number | null;
    };

export interface ConfigFile {
  /** `sha256:<hex>` of the content. */
  readonly digest: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a running container is told when the content of one of its config files changes. */
export type ConfigReaction =
  | { readonly kind: 'restart' }
  /** `SIGHUP` or a number. */
  | { readonly kind: 'signal'; readonly signal: string };

/** An empty test and a zero say nothing: then the image's value holds, else the engine's default. */
export interface Healthcheck {
  /** Engine form: `['CMD', …]`, `['CMD-SHELL', text]`, `['NONE']` or empty. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly start_period: number;
  readonly start_interval: number;
}

export interface RestartPolicy {
  readonly condition: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** Only with `on-failure`; 0 is without limit. */
  readonly max_attempts: number;
}

export interface Logging {
  /** `''` is the engine's own. */
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface Ulimit {
  readonly soft: number;
  readonly hard: number;
}

/** The service that a `service:<name>` mode names, or null. */
export function referencedService(mode: string): Name | null {
  const service = mode.startsWith('service:') ? mode.slice('service:'.length) : '';
  return isName(service) ? service : null;
}
