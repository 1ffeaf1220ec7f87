import type { SyncOutcome } from './event.ts';
import type { Name, Revision, SpecHash } from './ids.ts';
import type { ContainerState } from './observed.ts';

export type Health = 'healthy' | 'progressing' | 'suspended' | 'degraded' | 'missing' | 'unknown';
export type SyncStatus = 'synced' | 'outOfSync' | 'unknown';
export type ConditionType = 'Ready' | 'Reconciling' | 'Stalled';

/** The Kubernetes shape: `reason` is a stable PascalCase code, `message` is prose. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch of the last change of `status` or `reason`. */
  readonly since: number;
}

/** A stack at a glance, as the store keeps it. */
export interface StackStatus {
  readonly stack: Name;
  readonly source: Name;
  readonly engine: Name;
  readonly syncStatus: SyncStatus;
  readonly health: Health;
  /** Last revision that was read for it, and last that was applied with success. */
  readonly revision: Revision | null;
  readonly syncedRevision: Revision | null;
  readonly conditions: readonly Condition[];
  readonly services: readonly ServiceStatus[];
  readonly lastOutcome: SyncOutcome | null;
  readonly lastCheckedAt: number | null;
  readonly lastSyncedAt: number | null;
}

export interface ServiceStatus {
  readonly service: Name;
  readonly syncStatus: SyncStatus;
  readonly health: Health;
  readonly replicas: number;
  readonly ready: number;
  readonly image: string;
  /** Why it is not synced, or why it is held; else what a person should know of it, or empty. */
  readonly because: string;
}

/**
 * A recorded decision not to apply: a rejected hash of one service, which lifts when Git asks for another, or a
 * freeze of a stack, which lifts at a time or by hand.
 */
export type Hold =
  | {
      readonly kind: 'rejected';
      readonly stack: Name;
      readonly service: Name;
      readonly hash: SpecHash;
      /** What the image's tag meant, where only that was rejected and not the whole version; null: whatever it means. */
      readonly digest: string | null;
      readonly revision: Revision | null;
      readonly why: string;
      readonly since: number;
    }
  | {
      readonly kind: 'freeze';
      readonly stack: Name;
      readonly why: string;
      readonly since: number;
      readonly until: number;
    };

/** The health of one instance. `progressing` covers starting and a pause between restarts; a finished job is healthy. */
export function instanceHealth(state: ContainerState, lifecycle: 'service' | 'job'): Health {
  switch (state.status) {
    case 'running':
      if (state.health === 'unhealthy') return 'degraded';
      return state.health === 'starting' || lifecycle === 'job' ? 'progressing' : 'healthy';
    case 'created':
      return state.error === '' ? 'progressing' : 'degraded';
    case 'paused':
      return 'suspended';
    case 'exited':
      return lifecycle === 'job' && state.exitCode === 0 ? 'healthy' : 'degraded';
    case 'restarting':
    case 'removing':
    case 'dead':
      return 'degraded';
    default:
      return state.status satisfies never;
  }
}
