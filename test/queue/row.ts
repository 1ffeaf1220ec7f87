import type { StopReason } from '../../reconciler/model/event.ts';

/**
 * The row of one stack beside the head of its source, and everything that the store does to them, as plain data:
 * what store/stacks.ts, store/leases.ts and store/heads.ts say in SQL. test/store/row.test.ts holds the two together.
 */
export interface Row {
  readonly requested: number;
  readonly observed: number;
  readonly dueAt: number | null;
  readonly leases: number;
  readonly holder: Holder | null;
  readonly head: { readonly revision: number; readonly number: number } | null;
}

interface Holder {
  readonly number: number;
  readonly generation: number;
  readonly expiresAt: number;
  readonly stop: StopReason | null;
}

export const newRow: Row = { requested: 0, observed: 0, dueAt: null, leases: 0, holder: null, head: null };

export function request(row: Row, at: number): Row {
  const isFirst = row.requested === (row.holder?.generation ?? row.observed);
  const dueAt = isFirst || row.dueAt === null ? at : Math.min(row.dueAt, at);
  return { ...row, requested: row.requested + 1, dueAt };
}

export function isDue({ requested, observed, dueAt, holder }: Row, at: number): boolean {
  const isFree = holder === null || holder.expiresAt <= at;
  return requested > observed && dueAt !== null && dueAt <= at && isFree;
}

/** Null when it is not to be had. */
export function lease(row: Row, at: number, ttlMs: number): Row | null {
  if (!isDue(row, at)) return null;
  const leases = row.leases + 1;
  const holder = { number: leases, generation: row.requested, expiresAt: at + ttlMs, stop: null };
  return { ...row, leases, holder, dueAt: at };
}

/** Null when somebody else has it. */
export function renew(row: Row, number: number, expiresAt: number): Row | null {
  if (row.holder?.number !== number) return null;
  return { ...row, holder: { ...row.holder, expiresAt } };
}

/** Null when somebody else has it. */
export function release(row: Row, number: number, retryAt: number | null): Row | null {
  const { holder } = row;
  if (holder?.number !== number) return null;
  const isNewer = row.requested > holder.generation;
  const wantsRetry = !isNewer && retryAt !== null;
  return {
    ...row,
    observed: holder.generation,
    requested: row.requested + (wantsRetry ? 1 : 0),
    dueAt: isNewer ? row.dueAt : retryAt,
    holder: null,
  };
}

export function requestStop(row: Row, reason: StopReason, at: number): Row | null {
  if (row.holder === null || row.holder.expiresAt <= at) return null;
  return { ...row, holder: { ...row.holder, stop: reason } };
}

export interface Found {
  readonly revision: number;
  readonly after: number;
  readonly at: number;
}

/** Null when somebody else recorded one since. */
export function recordHead(row: Row, { revision, after, at }: Found): Row | null {
  if ((row.head?.number ?? 0) !== after) return null;
  const told = row.head?.revision === revision ? row : (requestStop(row, 'superseded', at) ?? row);
  return { ...request(told, at), head: { revision, number: after + 1 } };
}
