import type { SyncErrorCode } from './error.ts';
import type { Name, Revision } from './ids.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';

/** What happened while a plan was applied, in order. `at` is milliseconds since the epoch. */
export type SyncEvent =
  | { readonly kind: 'stepStarted'; readonly at: number; readonly step: string }
  | { readonly kind: 'stepProgress'; readonly at: number; readonly step: string; readonly message: string }
  | {
      readonly kind: 'stepSucceeded';
      readonly at: number;
      readonly step: string;
      readonly result: StepResult;
    }
  | {
      readonly kind: 'stepFailed';
      readonly at: number;
      readonly step: string;
      readonly code: SyncErrorCode;
      readonly message: string;
      /** The last lines that the failed container wrote, at most twenty; empty where there is no such container. */
      readonly output: string;
    }
  | { readonly kind: 'stepSkipped'; readonly at: number; readonly step: string; readonly reason: string };

/** What a step leaves for the record. */
export interface StepResult {
  readonly containerId?: string;
  /** `name@sha256:…` of a pulled image. */
  readonly digest?: string;
}

export type StepStatus = 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped';

/** The fold of a step's events. */
export interface StepRecord {
  readonly step: string;
  readonly status: StepStatus;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly result: StepResult | null;
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | null;
  /** The last lines that the failed container wrote; empty otherwise. */
  readonly output: string;
  /** Why it was skipped; empty otherwise. */
  readonly reason: string;
}

/** What made us look. */
export type Trigger =
  'start' | 'poll' | 'webhook' | 'event' | 'sweep' | 'manual' | 'retry' | 'dependency' | 'rollback';

/**
 * How an attempt ended. `unchanged`: nothing to do. `waiting`: a finding needs approval, or a dependency is not
 * there yet. `denied`: policy forbids it. `invalid`: problems in the manifests. `unknown`: something could not be
 * read, so nothing was changed. `partial`: some services succeeded, some failed. `interrupted`: the process died.
 */
export type SyncOutcome =
  | 'unchanged'
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'waiting'
  | 'denied'
  | 'invalid'
  | 'unknown'
  | 'superseded'
  | 'cancelled'
  | 'interrupted';

/** Why a running sync was told to come to a safe point and stop. */
export type StopReason = Extract<SyncOutcome, 'superseded' | 'cancelled'>;

export interface Commit {
  readonly revision: Revision;
  readonly author: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
}

/** A finding that somebody accepted, so that an attempt went on. */
export interface SyncApproval {
  readonly code: string;
  /** A person's name at the forge, or `operator` for whoever may use the command line. */
  readonly by: string;
  /** Where: `#7, label plimsoll/approve-DL101`, or `--approve`. */
  readonly via: string;
}

/** One attempt, whatever came of it. */
export interface SyncRecord {
  readonly id: string;
  readonly stack: Name;
  readonly trigger: Trigger;
  /** Revision of the last successful sync, or null. */
  readonly from: Revision | null;
  readonly to: Commit | null;
  /** Null while it runs. */
  readonly outcome: SyncOutcome | null;
  /** A finished sentence for people. */
  readonly summary: string;
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | null;
  readonly problems: readonly Problem[];
  readonly plan: Plan | null;
  readonly approvals: readonly SyncApproval[];
  readonly steps: readonly StepRecord[];
  readonly startedAt: number;
  readonly finishedAt: number | null;
}
