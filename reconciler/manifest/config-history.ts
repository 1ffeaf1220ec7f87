import type { OperatorConfig } from '../model/generated/config.ts';
import { inside, report, type Place } from './place.ts';
import { readDuration } from './quantity.ts';

/** What of the history stays. */
export interface HistoryConfig {
  readonly keepMs: number;
  /** Of each stack, however old. */
  readonly keepAtLeast: number;
}

export function readHistory({ history }: OperatorConfig, place: Place): HistoryConfig {
  const keep = inside(place, 'history', 'keep');
  const keepMs = readDuration(history?.keep ?? '90d', keep);
  if (keepMs < 3_600_000) report(keep, 'WrongValue', 'should be at least 1h, such as "90d".');
  return { keepMs, keepAtLeast: history?.keep_at_least ?? 50 };
}
