import type { Name } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { formatDecision } from '../plan/render.ts';
import { formatEnd, type End } from './end.ts';
import type { Paint } from './paint.ts';

export interface EndedSync extends End {
  readonly stack: Name;
  /** What was or would have been done, where it is known. */
  readonly plan: Plan | null;
}

/** What `apply` and `sync` print at their end: how each stack ended, and what was done to it and why. */
export function formatEnded(ended: readonly EndedSync[], paint: Paint): string {
  if (ended.length === 0) return 'There are no stacks.';
  return ended
    .flatMap((sync) => [`${paint.bold(sync.stack)}  ${formatEnd(sync, paint)}`, ...doneLines(sync)])
    .join('\n');
}

function doneLines({ outcome, plan }: EndedSync): readonly string[] {
  if (plan === null || (outcome !== 'succeeded' && outcome !== 'partial')) return [];
  const decisions = plan.decisions.filter(({ verdict }) => verdict !== 'unchanged');
  return decisions.map((decision) => `    ${formatDecision(decision)}`);
}
