import type { ContainerSpec, Healthcheck } from './container.ts';
import type { Ipam, IpamPool } from './desired.ts';
import type { SyncErrorCode } from './error.ts';
import type { Name, SpecHash } from './ids.ts';

/** A snapshot of one engine: everything of ours in full, everything else only as far as it can be in the way. */
export interface ObservedState {
  /** Milliseconds since the epoch at which reading began. */
  readonly at: number;
  readonly engine: EngineInfo;
  /** Ours (installation and names agree), sorted by name. */
  readonly containers: readonly ObservedContainer[];
  /** Containers that are not ours, sorted by name: never touched, but names and ports are taken. */
  readonly strangers: readonly Stranger[];
  /** Ours, and the engine did not say how they are: nothing is known of their stacks, and nothing is done about them. */
  readonly unread: readonly UnreadContainer[];
  /** Every network and volume of the engine, sorted by name; `ownership` is null where it is not ours. */
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  /** By reference, for each reference asked for; null where the engine does not have it. */
  readonly images: Readonly<Record<string, ObservedImage | null>>;
  /** By image id, for each container above; null where the image is gone from the engine. */
  readonly imagesById: Readonly<Record<string, ObservedImage | null>>;
  /** By reference, the digest that the registry has now, for references whose tags are followed, as far as it was asked. */
  readonly registryDigests: Readonly<Record<string, RegistryDigest>>;
  /** What the engine told of lately, oldest first: how things came to be as they are. It may have told of less. */
  readonly events: readonly ObservedEvent[];
}

/** Something that happened on the engine. It names nobody: the engine does not know who asked. */
export interface ObservedEvent {
  /** Milliseconds since the epoch, on our clock. */
  readonly at: number;
  readonly subject: 'container' | 'network' | 'volume' | 'image';
  readonly id: string;
  /** Empty where only the id was told. */
  readonly name: string;
  /** As the engine says it: `kill`, `die`, `oom`, `update`, `health_status: unhealthy`, `disconnect`. */
  readonly action: string;
  /** `signal`, `exitCode`, `oldName`, `network`, where they were told. */
  readonly details: Readonly<Record<string, string>>;
}

export type RegistryDigest =
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface EngineInfo {
  readonly id: string;
  readonly version: string;
  /** Negotiated, such as `1.41`. */
  readonly apiVersion: string;
  readonly os: string;
  /** As in a platform: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly defaults: EngineDefaults;
  /**
   * Paths below a container's spec (`annotations`, `healthcheck.start_interval`, `memswap_limit`) that this engine's API
   * or kernel does not have: it takes them and drops them, so they are neither sent nor compared.
   */
  readonly unsupported: readonly string[];
}

/** What this engine fills in where nobody said anything. */
export interface EngineDefaults {
  readonly loggingDriver: string;
  readonly runtime: string;
  readonly init: boolean;
  /** `host` on cgroup v1, `private` on v2. */
  readonly cgroup: string;
}

export interface Ownership {
  readonly stack: Name;
  /** The name in the manifest: of the service, the network or the volume. */
  readonly resource: Name;
}

export interface ObservedContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly ownership: Ownership;
  /** Instance number from 1. */
  readonly instance: number;
  readonly specHash: SpecHash | null;
  readonly revision: string | null;
  readonly imageId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly state: ContainerState;
  readonly spec: ContainerSpec;
  /**
   * Config files that can be written while it lives, by path. `untold`: the content was written, and nothing says that
   * the process was told of it.
   */
  readonly liveConfigs: Readonly<Record<string, 'told' | 'untold'>>;
  /** Anonymous volumes by mount target, which a recreation carries over. */
  readonly anonymousVolumes: Readonly<Record<string, string>>;
}

export interface ContainerState {
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** Null unless it has ended. */
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
  /** What the engine says about a failed start; empty otherwise. */
  readonly error: string;
  readonly restartCount: number;
  /** Milliseconds since the epoch, or null. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface Stranger {
  readonly id: string;
  readonly name: string;
  /** `host_ip:port/protocol` that it holds while running. */
  readonly hostPorts: readonly string[];
  /** Engine names of the networks that it is on, or would be if it ran. */
  readonly networks: readonly string[];
  /** Carries labels of ours without being ours. */
  readonly forged: boolean;
  /** The place that those labels name, where they are whole: it may be one of ours that somebody renamed. */
  readonly claim: Claim | null;
}

export interface Claim extends Ownership {
  /** Instance number from 1. */
  readonly instance: number;
}

export interface UnreadContainer {
  readonly id: string;
  readonly name: string;
  readonly stack: Name;
  /** What the engine said instead: a finished sentence. */
  readonly error: { readonly code: SyncErrorCode; readonly message: string };
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly ownership: Ownership | null;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  readonly ipam: Ipam;
  /** What was asked for when it was made, where that is on record: what is no longer said has to go. */
  readonly said: SaidNetwork | null;
}

export interface SaidNetwork {
  /** Names of driver options. */
  readonly options: readonly string[];
  readonly pools: readonly IpamPool[];
}

export interface ObservedVolume {
  readonly name: string;
  readonly ownership: Ownership | null;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the driver options that were asked for when it was made, where that is on record. */
  readonly saidOptions: readonly string[] | null;
}

export interface ObservedImage {
  readonly id: string;
  /** When the engine last gave it this name, in milliseconds since the epoch; null where it does not tell. */
  readonly taggedAt: number | null;
  /** `name@sha256:…`, sorted. */
  readonly repoDigests: readonly string[];
  readonly config: ImageConfig;
}

/** What an image brings along where the person said nothing. */
export interface ImageConfig {
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly working_dir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expose: readonly string[];
  /** Mount targets that get an anonymous volume. */
  readonly volumes: readonly string[];
  readonly healthcheck: Healthcheck | null;
  readonly stop_signal: string;
  /** `os/arch[/variant]`. */
  readonly platform: string;
}
