import { formatResource, type Finding } from '../model/change.ts';
import type { Name } from '../model/ids.ts';
import type { Decision } from '../model/plan.ts';
import { finding } from './findings.ts';

/** A stack that another source deployed until now, and that this one has not brought to its line yet. */
export interface Takeover {
  readonly from: Name;
  readonly to: Name;
}

export interface TakeoverReview {
  readonly stack: Name;
  readonly takeover: Takeover | null;
  readonly decisions: readonly Decision[];
}

/**
 * Two repositories that happen to have a stack of one name look like a move of it. What both have is taken over; that
 * something of the former source goes is for a person to say.
 */
export function takeoverFindings({ stack, takeover, decisions }: TakeoverReview): readonly Finding[] {
  const removed = decisions.filter(({ verdict }) => verdict === 'delete' || verdict === 'dataLoss');
  if (takeover === null || removed.length === 0) return [];
  const { from, to } = takeover;
  const names = removed.map(({ resource }) => formatResource(resource)).join(', ');
  const message = `Source ${to} takes stack ${stack} over from source ${from}, and would remove what only ${from} had: ${names}.`;
  const remedy = `If the stack has moved, accept TO101; otherwise give it another name in ${to}, or bring into ${to} what is missing there.`;
  return [finding('TO101', { kind: 'stack' }, { message, remedy })];
}
