import type { Name } from './ids.ts';

/**
 * What came of a delivery. `refused`: it did not prove itself, or could not be read. `failed`: the store was away, so
 * that the sender may send it again. `null` while it is under way, and for good when the process died over it.
 */
export type DeliveryResult = 'acted' | 'ignored' | 'refused' | 'failed';

/** One delivery of a webhook, without its body. */
export interface DeliveryRecord {
  readonly receiver: Name;
  /** The sender's id of it, or one made of its content where the sender gives none. */
  readonly delivery: string;
  /** The sender's word for what happened: `push`, `repo:push`; empty when it was not read that far. */
  readonly event: string;
  readonly result: DeliveryResult | null;
  /** A finished sentence: what was asked for, or why nothing was. */
  readonly reason: string;
  /** What it came to in one line; empty when it was not read that far. */
  readonly hint: string;
  /** Address that it came from. */
  readonly sender: string;
  /** Milliseconds since the epoch: of the latest, where several are one row. */
  readonly receivedAt: number;
  readonly durationMs: number | null;
  /** How often the same came again without any effect; where several are one row, how many more there were. */
  readonly repeats: number;
}

export type DeliveryBegin = Pick<
  DeliveryRecord,
  'receiver' | 'delivery' | 'event' | 'hint' | 'sender' | 'receivedAt'
>;

export interface DeliveryFinish {
  readonly result: DeliveryResult;
  readonly reason: string;
  readonly durationMs: number;
}

/** Deliveries that are worth no row each: refused ones, and those that are no concern of ours. */
export interface DeliveryTally extends Pick<DeliveryRecord, 'receiver' | 'event' | 'reason' | 'sender'> {
  readonly result: 'ignored' | 'refused';
  /** One row for each of these and hour. */
  readonly code: string;
  readonly count: number;
  readonly at: number;
}

export interface DeliveryQuery {
  readonly receiver?: Name;
  readonly limit: number;
}

/** What is remembered of deliveries: that each acts once whichever daemon gets it, and why it did nothing. */
export interface DeliveryStore {
  /** False for one that was begun before, unless it failed or its process died over it: a replay, which is counted. */
  beginDelivery(begin: DeliveryBegin): Promise<boolean>;
  finishDelivery(which: Pick<DeliveryRecord, 'receiver' | 'delivery'>, finish: DeliveryFinish): Promise<void>;
  recordTally(tally: DeliveryTally): Promise<void>;
  /** Newest first. */
  deliveries(query: DeliveryQuery): Promise<readonly DeliveryRecord[]>;
  /** Forgets those received before `before`, and all but the newest `keep`. */
  dropDeliveries(limits: { readonly before: number; readonly keep: number }): Promise<void>;
}
