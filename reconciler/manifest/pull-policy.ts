import type { PullPolicy } from '../model/desired.ts';
import type { Place } from './place.ts';
import { readDuration } from './quantity.ts';

const policies: Readonly<Record<string, PullPolicy>> = {
  missing: 'missing',
  if_not_present: 'missing',
  always: 'always',
  never: 'never',
};

const durations: Readonly<Record<string, string>> = { daily: '1d', weekly: '1w' };

/** Compose's words: a policy, or how often the registry is asked at most. */
export function readPullPolicy(text: string | undefined, place: Place): PullPolicy {
  if (text === undefined) return 'missing';
  const duration = durations[text] ?? (text.startsWith('every_') ? text.slice('every_'.length) : null);
  return duration === null ? (policies[text] ?? 'missing') : `every:${readDuration(duration, place)}`;
}
