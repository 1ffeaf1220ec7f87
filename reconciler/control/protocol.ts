import type { Change } from '../model/change.ts';
import type { DeliveryRecord } from '../model/delivery.ts';
import type { DriftInterval } from '../model/drift.ts';
import type { SyncErrorCode } from '../model/error.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { Notice } from '../model/notice.ts';
import type { Decision } from '../model/plan.ts';
import type { Finding } from '../model/change.ts';
import type { ChangedFile, EngineHearing } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import type { ReviewRecord } from '../model/review-record.ts';
import type { Hold, StackStatus } from '../model/status.ts';
import type { EngineFailure } from '../sync/engines.ts';

/** Raised when an answer's shape changes; both sides send it, so that an old daemon is told apart from a broken one. */
export const protocolVersion = '2';
export const protocolHeader = 'plimsoll-protocol';

/** What the daemon says of itself. */
export interface DaemonFacts {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly stateDirectory: string;
  /** In the order of the operator's file. */
  readonly engines: readonly DaemonEngine[];
  /** Where webhooks are received, `http://127.0.0.1:8484`, or null. */
  readonly listen: string | null;
}

export interface DaemonEngine {
  readonly name: Name;
  /** `unix:///var/run/docker.sock`; what another command should speak to. */
  readonly host: string;
}

export interface StatusReport {
  readonly at: number;
  /** Null when no daemon runs and the store was asked instead. */
  readonly daemon: DaemonFacts | null;
  readonly engines: readonly EngineReport[];
  readonly sources: readonly SourceReport[];
  readonly stacks: readonly StackReport[];
}

/** Version, API and time are those of its last answer; null before the first. */
export interface EngineReport {
  readonly engine: Name;
  readonly host: string;
  readonly version: string | null;
  readonly apiVersion: string | null;
  readonly lastSeenAt: number | null;
  /** Null while it answers. */
  readonly error: EngineFailure | null;
  /** Of its events, since the daemon was started. */
  readonly hearing: EngineHearing;
}

export interface SourceReport {
  readonly source: Name;
  readonly revision: Revision | null;
  readonly checkedAt: number | null;
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | null;
  /** Those that belong to no stack. */
  readonly problems: readonly Problem[];
}

export interface StackReport extends StackStatus {
  /** A sync of it runs at this moment. */
  readonly isRunning: boolean;
  /** When it is looked at again by itself, as after a failure; null for when something new is asked for. */
  readonly dueAt: number | null;
  readonly holds: readonly Hold[];
  readonly problems: readonly Problem[];
}

export interface DiffReport {
  readonly at: number;
  readonly stacks: readonly StackDiff[];
}

/** What differs between the manifests and what runs. `changes` is empty when problems or the engine keep us from knowing. */
export interface StackDiff {
  readonly stack: Name;
  readonly revision: Revision;
  readonly problems: readonly Problem[];
  /** Why its engine could not be looked at. */
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | null;
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly decisions: readonly Decision[];
  /** What is recorded of drift that is not over. */
  readonly drift: readonly DriftInterval[];
}

/** What is not as the image has it below the root of each container. */
export interface FilesReport {
  readonly containers: readonly ContainerFiles[];
}

export interface ContainerFiles {
  readonly container: string;
  readonly files: readonly ChangedFile[];
}

export interface ReviewReport {
  readonly reviews: readonly ReviewRecord[];
}

export interface DeliveryReport {
  readonly deliveries: readonly DeliveryRecord[];
}

/** What is open, or was at any time in the last `sinceMs`. */
export interface DriftOrder {
  readonly stack?: Name;
  readonly service?: Name;
  readonly sinceMs: number;
  readonly limit: number;
}

export interface DriftReport {
  readonly at: number;
  /** Newest first. */
  readonly intervals: readonly DriftInterval[];
}

/** "Sync now": read the sources again, then sync one stack, or all. */
export interface SyncOrder {
  readonly stack: Name | null;
  /** Finding codes that are accepted, for this attempt only. */
  readonly approve: readonly string[];
  /** Answer with what happens until each of the stacks has come to an end. */
  readonly wait: boolean;
}

/** One line of the answer to a SyncOrder. */
export type SyncReply =
  | { readonly kind: 'asked'; readonly stacks: readonly Name[] }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'failed'; readonly error: ControlFailure };

export interface PauseOrder {
  readonly stack: Name;
  readonly forMs: number;
  readonly why: string;
}

export interface ResumeOrder {
  readonly stack: Name;
  /** Lift the rejection of this service instead of the stack's pause. */
  readonly service: Name | null;
}

export interface Resumed {
  readonly lifted: number;
}

/** A refusal or a failure, as it crosses the socket. */
export interface ControlFailure {
  readonly code: SyncErrorCode | 'Bug';
  readonly message: string;
}
