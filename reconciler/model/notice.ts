import type { DriftInterval } from './drift.ts';
import type { Commit, SyncEvent, SyncOutcome, Trigger } from './event.ts';
import type { DeliveryResult } from './delivery.ts';
import type { SyncErrorCode } from './error.ts';
import type { Name } from './ids.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import type { StackStatus } from './status.ts';

/**
 * Something that happened and that somebody may want to hear of: the terminal, the log, later the dashboard's live
 * stream and the notifiers. Facts only, no rendering.
 */
export type Notice =
  | {
      readonly kind: 'sourceRead';
      readonly source: Name;
      readonly commit: Commit;
      readonly stacks: readonly Name[];
    }
  | {
      readonly kind: 'sourceFailed';
      readonly source: Name;
      readonly code: SyncErrorCode;
      readonly message: string;
    }
  | { readonly kind: 'sourceProblems'; readonly source: Name; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'syncPlanned';
      readonly stack: Name;
      readonly trigger: Trigger;
      readonly commit: Commit | null;
      readonly plan: Plan;
    }
  | { readonly kind: 'syncProgress'; readonly stack: Name; readonly event: SyncEvent }
  | {
      readonly kind: 'syncFinished';
      readonly stack: Name;
      readonly trigger: Trigger;
      readonly outcome: SyncOutcome;
      readonly summary: string;
      readonly durationMs: number;
    }
  | {
      /** A webhook brought something; `count` above 1 where deliveries are counted instead of told one by one. */
      readonly kind: 'deliveryReceived';
      readonly receiver: Name;
      readonly result: DeliveryResult;
      readonly reason: string;
      readonly count: number;
    }
  | { readonly kind: 'statusChanged'; readonly status: StackStatus }
  | { readonly kind: 'driftOpened'; readonly stack: Name; readonly interval: DriftInterval }
  | { readonly kind: 'driftClosed'; readonly stack: Name; readonly interval: DriftInterval }
  | {
      /** Nobody asks for the stack and nothing of it is left: it has no status any more, only history. */
      readonly kind: 'stackGone';
      readonly stack: Name;
    }
  | {
      /** A loop met a failure of an engine or the store; it goes on. */
      readonly kind: 'trouble';
      /** The engine that is looked at by this loop; null for a loop of all. */
      readonly engine: Name | null;
      readonly code: SyncErrorCode;
      readonly message: string;
    }
  /** What was told as trouble is over. */
  | { readonly kind: 'recovered'; readonly message: string };

/** One method: whoever wants to hear of notices. It must not throw and must not block. */
export interface Notifier {
  notify(notice: Notice): void;
}
