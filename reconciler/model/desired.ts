import type { ConfigReaction, ContainerIntent } from './container.ts';
import type { Name, SpecHash } from './ids.ts';

/** What should be: the result of resolving one stack's manifests at one revision. Lists are sorted by name. */
export interface DesiredStack {
  readonly name: Name;
  /** The engine that all of it runs on. */
  readonly engine: Name;
  /** Stacks that must be synced first. */
  readonly dependsOn: readonly Name[];
  readonly services: readonly DesiredService[];
  readonly networks: readonly DesiredNetwork[];
  readonly volumes: readonly DesiredVolume[];
  readonly sync: SyncPolicy;
}

export interface DesiredService {
  readonly name: Name;
  /** Who answers for it; shown, never interpreted. */
  readonly owner: string | null;
  /** From 0; 0 keeps the definition and runs nothing. */
  readonly replicas: number;
  /** A `job` runs to its end once for each hash; exit 0 is its health. */
  readonly lifecycle: 'service' | 'job';
  readonly container: ContainerIntent;
  readonly hash: SpecHash;
  /** By path of a config file: how a running container learns of new content. Without one it is made anew. */
  readonly reactions: Readonly<Record<string, ConfigReaction>>;
  readonly pullPolicy: PullPolicy;
  readonly dependsOn: readonly Dependency[];
  readonly rollout: Rollout;
  readonly drift: DriftPolicy;
  /** Where a person finds it. */
  readonly origin: Origin;
}

/**
 * `missing` pulls when the engine has no such image; `always` and `every:<milliseconds>` follow a tag, the latter by asking
 * the registry no more often than that.
 */
export type PullPolicy = 'missing' | 'always' | 'never' | `every:${number}`;

/** The registry says what the tag means. */
export function followsTag(policy: PullPolicy): boolean {
  return policy === 'always' || refreshMs(policy) !== null;
}

/** How often the registry is asked at most; null where the policy does not say. */
export function refreshMs(policy: PullPolicy): number | null {
  return policy.startsWith('every:') ? Number(policy.slice('every:'.length)) : null;
}

export interface Dependency {
  readonly service: Name;
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  /** False: start anyway when the dependency is missing or failed, with a warning. */
  readonly required: boolean;
  /** True: restart this one when the dependency was replaced. */
  readonly restart: boolean;
}

export interface Rollout {
  /** `auto` is `rolling` (newcomer first) unless two generations side by side would do harm. */
  readonly strategy: 'auto' | 'rolling' | 'recreate';
  readonly minHealthyTimeMs: number;
  readonly healthyDeadlineMs: number;
  readonly progressDeadlineMs: number;
  /** Return to the last stable version when a rollout fails. */
  readonly autoRevert: boolean;
}

/** `heal` repairs, `warn` shows, `off` does not look. */
export type DriftMode = 'heal' | 'warn' | 'off';

export interface DriftPolicy {
  readonly mode: DriftMode;
  /** Paths that have a mode of their own, with everything below them. */
  readonly fields: Readonly<Record<string, DriftMode>>;
  /** Whether a container that somebody stopped on purpose stays so. */
  readonly onStop: 'heal' | 'respect';
  /** Paths below `spec` that are neither compared nor applied to a running container: `labels.foo`, `mem_limit`. */
  readonly ignore: readonly string[];
}

export interface Origin {
  readonly file: string;
  readonly line: number;
}

export interface DesiredNetwork {
  readonly name: Name;
  /** The engine's name: `<stack>_<name>`, or what the manifest says. */
  readonly engineName: string;
  /** Never created, changed or removed by us; must exist. */
  readonly external: boolean;
  readonly driver: string | null;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv6: boolean;
  readonly ipam: Ipam | null;
}

export interface Ipam {
  readonly driver: string | null;
  readonly pools: readonly IpamPool[];
}

export interface IpamPool {
  readonly subnet: string;
  readonly gateway: string | null;
  readonly ipRange: string | null;
  readonly auxAddresses: Readonly<Record<string, string>>;
}

export interface DesiredVolume {
  readonly name: Name;
  readonly engineName: string;
  readonly external: boolean;
  readonly driver: string | null;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SyncPolicy {
  /** False: plans are shown, applied only when asked. */
  readonly automatic: boolean;
  readonly prune: boolean;
  /** Volumes that left the manifests are removed too, after the finding was accepted. */
  readonly pruneVolumes: boolean;
  /** More removals than both of these at once stop for approval. */
  readonly maxPrune: { readonly services: number; readonly percent: number };
}
