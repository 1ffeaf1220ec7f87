import type { Resource } from '../model/change.ts';
import type { Operation } from '../model/plan.ts';
import type { DraftStep } from './order.ts';

/** A step of a sequence, before it knows what came just before it. */
export interface Move {
  readonly id: string;
  readonly operation: Operation;
  readonly after?: readonly string[];
  readonly preferAfter?: readonly string[];
}

export interface Sequence {
  readonly resource: Resource;
  readonly because: string;
  /** What the first move waits for. */
  readonly after: readonly string[];
  /** What it waits for where that closes no circle. */
  readonly preferAfter?: readonly string[];
}

/** Moves one after the other. What an earlier one has waited for, a later one need not. */
export function inSequence(
  moves: readonly Move[],
  { resource, because, after, preferAfter = [] }: Sequence,
): readonly DraftStep[] {
  const awaited = new Set<string>();
  return moves.map(({ id, operation, ...move }, index) => {
    const previous = moves[index - 1];
    const waits = [...(previous === undefined ? after : [previous.id]), ...(move.after ?? [])];
    const fresh = waits.filter((other) => !awaited.has(other));
    fresh.forEach((other) => awaited.add(other));
    const wishes = [...(previous === undefined ? preferAfter : []), ...(move.preferAfter ?? [])];
    const open = wishes.filter((other) => !awaited.has(other));
    return { id, after: fresh, preferAfter: open, resource, operation, because };
  });
}

/** The ids that whoever comes after a sequence waits for. */
export function lastOf(steps: readonly DraftStep[]): readonly string[] {
  const last = steps.at(-1);
  return last === undefined ? [] : [last.id];
}
