import type { Cause } from '../model/change.ts';
import type { DriftPolicy } from '../model/desired.ts';

interface Movable {
  readonly cause: Cause;
  readonly isActing: boolean;
}

/** What is left of differences under a drift policy: `warn` shows drift without acting on it, `off` does not look. */
export function underDriftPolicy<Change extends Movable>(
  changes: readonly Change[],
  { mode }: DriftPolicy,
): readonly Change[] {
  switch (mode) {
    case 'heal':
      return changes;
    case 'warn':
      return changes.map((change) =>
        change.cause.kind === 'drift' ? { ...change, isActing: false } : change,
      );
    case 'off':
      return changes.filter(({ cause }) => cause.kind !== 'drift');
    default:
      return mode satisfies never;
  }
}
