import type { SyncOutcome } from '../model/event.ts';
import type { Paint } from './paint.ts';
import { singleLine } from './text.ts';
import { formatDuration } from './time.ts';

export interface End {
  readonly outcome: SyncOutcome;
  readonly summary: string;
  readonly durationMs: number;
}

/** `succeeded in 3.2 s`, `failed in 1.2 s: Could not …`. What a success did stands in its plan. */
export function formatEnd({ outcome, summary, durationMs }: End, paint: Paint): string {
  const head = `${formatOutcome(outcome, paint)} in ${formatDuration(durationMs)}`;
  return outcome === 'succeeded' || summary === '' ? head : `${head}: ${singleLine(summary)}`;
}

export function formatOutcome(outcome: SyncOutcome | null, paint: Paint): string {
  switch (outcome) {
    case null:
      return paint.cyan('running');
    case 'succeeded':
    case 'unchanged':
      return paint.green(outcome);
    case 'waiting':
    case 'superseded':
    case 'cancelled':
    case 'interrupted':
      return paint.yellow(outcome);
    case 'partial':
    case 'failed':
    case 'denied':
    case 'invalid':
    case 'unknown':
      return paint.red(outcome);
    default:
      return outcome satisfies never;
  }
}
