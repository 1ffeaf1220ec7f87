// Generated from schemas/stack.schema.json by `npm run generate`. Change the schema instead.

/**
 * A network of a stack, with Compose's keys. Empty means a bridge network with the engine's defaults.
 */
export type Network = {
  /**
   * Network driver. Default: the engine's, `bridge`.
   */
  driver?: string;
  driver_opts?: TextMap;
  /**
   * Labels of the network, as a map or as a list of `name=value`.
   */
  labels?: TextMap1 | string[];
  /**
   * The network exists already: it is used, never created, changed or removed.
   */
  external?: boolean;
  /**
   * The engine's name for it. Default: `<stack>_<key>`; of an external one: the key.
   */
  name?: string;
  /**
   * Keeps the network from the outside world.
   */
  internal?: boolean;
  /**
   * Lets containers outside the stack join.
   */
  attachable?: boolean;
  /**
   * Gives the network IPv6 addresses too.
   */
  enable_ipv6?: boolean;
  ipam?: NetworkIpam;
} | null;
/**
 * A named volume of a stack, with Compose's keys. Empty means a local volume.
 */
export type Volume = {
  /**
   * Volume driver. Default: the engine's, `local`.
   */
  driver?: string;
  driver_opts?: TextMap2;
  /**
   * Labels of the volume, as a map or as a list of `name=value`.
   */
  labels?: TextMap1 | string[];
  /**
   * The volume exists already: it is used, never created, changed or removed.
   */
  external?: boolean;
  /**
   * The engine's name for it. Default: `<stack>_<key>`; of an external one: the key.
   */
  name?: string;
} | null;
/**
 * Default for the services of the stack.
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
 * What the services of one directory share. Optional: a directory of services is a stack without it.
 */
export interface StackManifest {
  /**
   * Version of this format.
   */
  apiVersion: 'plimsoll.dev/v1';
  /**
   * What this document is.
   */
  kind: 'Stack';
  metadata?: StackMetadata;
  spec?: StackSpec;
}
/**
 * What the stack is called.
 */
export interface StackMetadata {
  /**
   * Name of the stack. The directory's name decides, so this must equal it; only a stack in the root of the source needs it.
   */
  name?: string;
}
/**
 * Policy, networks and volumes of the stack.
 */
export interface StackSpec {
  /**
   * Name of the engine that the stack runs on, as the operator's file has it. Default: the operator's.
   */
  engine?: string;
  sync?: Sync;
  /**
   * Stacks that must be synced and healthy first.
   */
  depends_on?: string[];
  /**
   * Networks of the stack. `default` is there without being named.
   */
  networks?: {
    [k: string]: Network | undefined;
  };
  /**
   * Named volumes of the stack.
   */
  volumes?: {
    [k: string]: Volume | undefined;
  };
  rollout?: Rollout;
  drift?: Drift;
}
/**
 * When and how far the stack follows its manifests. Default: the operator's.
 */
export interface Sync {
  /**
   * With false, plans are shown and applied only when somebody asks for it.
   */
  automatic?: boolean;
  /**
   * Whether services and networks that left the manifests are removed.
   */
  prune?: boolean;
  /**
   * Whether volumes that left the manifests are removed too, each after its finding was accepted.
   */
  prune_volumes?: boolean;
  max_prune?: MaxPrune;
}
/**
 * A sync that removes more than both of these stops for approval.
 */
export interface MaxPrune {
  /**
   * Number of services.
   */
  services?: number;
  /**
   * Share of the stack's services, in per cent.
   */
  percent?: number;
}
/**
 * Options of the driver.
 */
export interface TextMap {
  [k: string]: string | number | boolean | null | undefined;
}
export interface TextMap1 {
  [k: string]: string | number | boolean | null | undefined;
}
/**
 * Addresses of the network. Default: the engine picks a free range.
 */
export interface NetworkIpam {
  /**
   * Address driver. Default: the engine's.
   */
  driver?: string;
  /**
   * Ranges of addresses.
   */
  config?: NetworkPool[];
}
export interface NetworkPool {
  /**
   * Range in CIDR notation.
   */
  subnet: string;
  /**
   * Part of the subnet that containers get addresses from.
   */
  ip_range?: string;
  /**
   * Address of the gateway.
   */
  gateway?: string;
  /**
   * Addresses that containers must not get, by name.
   */
  aux_addresses?: {
    [k: string]: string | undefined;
  };
}
/**
 * Options of the driver.
 */
export interface TextMap2 {
  [k: string]: string | number | boolean | null | undefined;
}
/**
 * Default for the services of the stack.
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
