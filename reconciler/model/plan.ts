import type { Change, ChangeClass, Finding, Resource } from './change.ts';
import type { ConfigFile, ContainerIntent, ContainerSpec, NetworkAttachment } from './container.ts';
import type { DesiredNetwork, DesiredVolume, PullPolicy } from './desired.ts';
import type { Name, Revision, SpecHash } from './ids.ts';

/**
 * What will be done and why: an ordered graph of steps. A plain value, the same in review, apply and history.
 * A pure function of desired and observed state, so an equal plan proves that the world has not moved.
 */
export interface Plan {
  readonly format: 1;
  readonly stack: Name;
  /** The engine that it is carried out on. */
  readonly engine: Name;
  readonly revision: Revision | null;
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** One for each service and each other resource looked at, unchanged ones included, sorted. */
  readonly decisions: readonly Decision[];
  /** In an order that respects `after`. Empty when there is nothing to do. */
  readonly steps: readonly Step[];
}

/** `web recreated because image changed 1.4.1 -> 1.4.2`, as data. */
export interface Decision {
  readonly resource: Resource;
  readonly verdict: ChangeClass | 'unchanged' | 'held' | 'ignored' | 'blocked';
  /** A finished clause without the resource's name: `image changed acme/web:1.4.1 -> acme/web:1.4.2`. */
  readonly because: string;
  /** Time without any running instance: none, or a gap and why it cannot be avoided. */
  readonly downtime: { readonly expected: boolean; readonly reason: string };
}

export interface Step {
  /** Readable and unique in the plan: `create web.1`. */
  readonly id: string;
  /** Ids of the steps that must have succeeded first. */
  readonly after: readonly string[];
  readonly resource: Resource;
  readonly operation: Operation;
  /** A finished clause, as in Decision. */
  readonly because: string;
}

/** A container that exists, or the one that another step creates. */
export type Target =
  | { readonly kind: 'container'; readonly id: string; readonly name: string }
  | { readonly kind: 'step'; readonly step: string; readonly name: string };

/** One Docker API call, or one wait, with exactly the data that it needs. */
export type Operation =
  | {
      readonly kind: 'pullImage';
      readonly image: string;
      readonly platform: string | null;
      readonly policy: PullPolicy;
    }
  | { readonly kind: 'createNetwork'; readonly network: DesiredNetwork }
  | { readonly kind: 'removeNetwork'; readonly id: string; readonly name: string }
  | { readonly kind: 'createVolume'; readonly volume: DesiredVolume }
  | { readonly kind: 'removeVolume'; readonly name: string }
  | CreateContainer
  | { readonly kind: 'startContainer'; readonly target: Target }
  | { readonly kind: 'unpauseContainer'; readonly target: Target }
  | { readonly kind: 'restartContainer'; readonly target: Target; readonly graceMs: number | null }
  | { readonly kind: 'signalContainer'; readonly target: Target; readonly signal: string }
  | {
      readonly kind: 'writeConfigs';
      readonly target: Target;
      /** By path; of those that it was made to take while it lives. */
      readonly configs: Readonly<Record<string, ConfigFile>>;
      /** False: the process has still to be told of them. */
      readonly isTold: boolean;
    }
  | { readonly kind: 'stopContainer'; readonly target: Target; readonly graceMs: number | null }
  | { readonly kind: 'removeContainer'; readonly target: Target; readonly anonymousVolumes: boolean }
  | { readonly kind: 'renameContainer'; readonly target: Target; readonly name: string }
  | { readonly kind: 'updateContainer'; readonly target: Target; readonly to: ContainerUpdate }
  | {
      readonly kind: 'connectNetwork';
      readonly target: Target;
      readonly network: string;
      readonly attachment: NetworkAttachment;
    }
  | { readonly kind: 'disconnectNetwork'; readonly target: Target; readonly network: string }
  | {
      readonly kind: 'awaitHealthy';
      readonly target: Target;
      readonly minHealthyTimeMs: number;
      /** The time counts from now, since the process was told something, and not from its start. */
      readonly isAnew: boolean;
      readonly healthyDeadlineMs: number;
      readonly progressDeadlineMs: number;
    }
  | { readonly kind: 'awaitCompleted'; readonly target: Target; readonly deadlineMs: number };

export interface CreateContainer {
  readonly kind: 'createContainer';
  readonly service: Name;
  readonly instance: number;
  readonly name: string;
  readonly intent: ContainerIntent;
  readonly hash: SpecHash;
  readonly revision: Revision | null;
  /** Container that a `service:<name>` network, ipc or pid mode refers to, by service name. */
  readonly references: Readonly<Record<string, Target>>;
  /** Paths of its config files that can be written while it lives. */
  readonly liveConfigs: readonly string[];
  /** Anonymous volumes to carry over, by mount target. */
  readonly anonymousVolumes: Readonly<Record<string, string>>;
}

/**
 * The fields that an engine can change while the process runs. It reads 0 as "leave it alone", and never passes an
 * unlimited swap (`memswap_limit: -1`) on to the kernel: those need a new container.
 */
export const updatableFields = [
  'cpus',
  'cpu_shares',
  'cpu_period',
  'cpu_quota',
  'cpuset',
  'mem_limit',
  'mem_reservation',
  'memswap_limit',
  'pids_limit',
  'restart',
] as const satisfies readonly (keyof ContainerSpec)[];

export type UpdatableField = (typeof updatableFields)[number];
export type ContainerUpdate = Partial<Pick<ContainerSpec, UpdatableField>>;

export type OperationKind = Operation['kind'];

export function isEmptyPlan(plan: Plan): boolean {
  return plan.steps.length === 0;
}
