import type { SyncOutcome } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import { formatOutcome } from './history.ts';
import type { Paint } from './paint.ts';
import { singleLine } from './text.ts';

export interface AppliedStack {
  readonly stack: Name;
  readonly outcome: SyncOutcome;
  readonly summary: string;
  readonly needs: readonly string[];
}

export interface AppliedStyle {
  readonly paint: Paint;
  /** What was called, without --approve. */
  readonly command: string;
}

/** What `plimsoll apply` prints at its end: one line a stack, and how to accept what waits. */
export function formatApplied(applied: readonly AppliedStack[], { paint, command }: AppliedStyle): string {
  if (applied.length === 0) return 'There are no stacks.';
  const lines = applied.map(({ stack, outcome, summary }) => {
    return `${paint.bold(stack)}  ${formatOutcome(outcome, paint)}: ${singleLine(summary)}`;
  });
  const needs = [...new Set(applied.flatMap((one) => one.needs))].sort();
  if (needs.length === 0) return lines.join('\n');
  return [...lines, '', `To accept it: ${paint.bold(`${command} --approve ${needs.join(' ')}`)}`].join('\n');
}
