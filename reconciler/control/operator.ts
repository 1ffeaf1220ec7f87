import type { DeliveryQuery } from '../model/delivery.ts';
import type { Name } from '../model/ids.ts';
import type { HistoryPage, HistoryQuery } from '../model/ports.ts';
import type { SyncRecord } from '../model/event.ts';
import type { Hold } from '../model/status.ts';
import type {
  DaemonFacts,
  DeliveryReport,
  DiffReport,
  DriftOrder,
  DriftReport,
  FilesReport,
  PauseOrder,
  Resumed,
  ResumeOrder,
  ReviewReport,
  StatusReport,
  SyncOrder,
  SyncReply,
} from './protocol.ts';

/**
 * What a person may ask of a running daemon. The daemon answers it about itself; the client answers it over the
 * socket; so a command does not know which of the two it speaks to. Failures are SyncErrors.
 */
export interface Operator {
  status(): Promise<StatusReport>;
  /** Live, field by field; of one stack, or of all. */
  diff(stack: Name | null, signal: AbortSignal): Promise<DiffReport>;
  /** What was written inside the containers of a stack, or of one service of it. */
  files(stack: Name, service: Name | null, signal: AbortSignal): Promise<FilesReport>;
  drift(order: DriftOrder): Promise<DriftReport>;
  history(query: HistoryQuery): Promise<HistoryPage>;
  record(syncId: string): Promise<SyncRecord>;
  /** What came in over webhooks, newest first. */
  /** What was published on pull requests, those that are open first. */
  reviews(): Promise<ReviewReport>;
  deliveries(query: DeliveryQuery): Promise<DeliveryReport>;
}

export interface DaemonOperator extends Operator {
  about(): Promise<DaemonFacts>;
  /** Resolves when the stacks were asked for, or with `wait` when each has come to an end. */
  sync(order: SyncOrder, options: SyncOrderOptions): Promise<void>;
  pause(order: PauseOrder): Promise<Hold>;
  resume(order: ResumeOrder): Promise<Resumed>;
}

export interface SyncOrderOptions {
  readonly onReply: (reply: SyncReply) => void;
  readonly signal: AbortSignal;
}
