import type { Finding } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { Revision } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { InventoryItem, StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import { findBlocks } from './blocks.ts';
import { buildSteps } from './build.ts';
import { decisionsOf } from './decisions.ts';
import { changesOf } from './diff.ts';
import { withFollowedTags } from './followed-tags.ts';
import { applyHolds } from './hold.ts';
import type { Policy } from './policy.ts';
import { selectPrunable } from './removal.ts';
import { review } from './review.ts';
import { surveyStack } from './survey.ts';

export interface PlanInput {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
  /** What we are known to own in the stack: only this is ever pruned. */
  readonly inventory: readonly InventoryItem[];
  /** The commit was read completely, so that what is not in it is absent. */
  readonly complete: boolean;
  readonly policy: Policy;
  readonly holds: readonly Hold[];
  /** The last version of each service that was healthy. */
  readonly stable: readonly StableService[];
  readonly revision: Revision | null;
  /** Finding codes that a person accepted. */
  readonly approvals: readonly string[];
  /** Milliseconds since the epoch; only freezes look at it. */
  readonly now: number;
}

/**
 * What has to be done so that the stack runs as desired, and why. Deterministic: equal input in any order gives an equal
 * plan, and when nothing differs it has no steps.
 *
 * Invariants: no step touches what is not ours. Nothing is stopped before every image is there. A running instance is
 * given up only for one that has proven itself, or where both cannot run at once. No volume is removed unless DL101
 * (or, for anonymous ones, DL102) was accepted. What any prefix of a plan leaves behind, the next plan finishes.
 */
export function planStack(input: PlanInput): Plan {
  const { observed, stable, inventory, complete, policy, revision, approvals } = input;
  const held = applyHolds({ ...input, desired: withFollowedTags(input.desired) });
  const survey = surveyStack({
    desired: held.desired,
    observed,
    stable,
    inventory,
    untouched: held.untouched,
  });
  const pruning = selectPrunable({ survey, inventory, complete });
  const blocks = findBlocks(survey, new Set(pruning.services.map(({ service }) => service)));
  const decisions = decisionsOf({ survey, blocks, pruning, held, complete, approvals });
  const findings: readonly Finding[] = review({ survey, blocks, pruning, decisions, inventory, policy });
  const steps = held.freeze === null ? buildSteps({ survey, blocks, pruning, revision, approvals }) : [];
  return {
    format: 1,
    stack: input.desired.name,
    revision,
    changes: changesOf(survey),
    findings,
    decisions,
    steps,
  };
}
