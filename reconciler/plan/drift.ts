import type { Cause } from '../model/change.ts';
import type { DriftMode, DriftPolicy } from '../model/desired.ts';
import { isWithin } from './difference.ts';

interface Movable {
  readonly path: string;
  readonly cause: Cause;
  readonly isActing: boolean;
}

/** What is left of differences under a drift policy: `warn` shows drift without acting on it, `off` does not look. */
export function underDriftPolicy<Change extends Movable>(
  changes: readonly Change[],
  policy: DriftPolicy,
): readonly Change[] {
  return changes.flatMap((change) => {
    if (change.cause.kind !== 'drift') return [change];
    const mode = modeOf(change.path, policy);
    switch (mode) {
      case 'heal':
        return [change];
      case 'warn':
        return [{ ...change, isActing: false }];
      case 'off':
        return [];
      default:
        return mode satisfies never;
    }
  });
}

/** That of the longest path which covers it. */
export function modeOf(path: string, { mode, fields }: DriftPolicy): DriftMode {
  const covering = Object.keys(fields).filter((root) => isWithin(path, [root]));
  const longest = covering.reduce((best, root) => (root.length > best.length ? root : best), '');
  return fields[longest] ?? mode;
}
