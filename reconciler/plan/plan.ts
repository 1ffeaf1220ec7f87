import type { Finding } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { DriftInterval } from '../model/drift.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { InventoryItem, StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import { backOffs, withBackOffs } from './back-off.ts';
import type { Blocks } from './block.ts';
import { findBlocks } from './blocks.ts';
import { buildSteps } from './build.ts';
import { decisionsOf } from './decisions.ts';
import { changesOf } from './diff.ts';
import { withFollowedTags } from './followed-tags.ts';
import { applyHolds } from './hold.ts';
import type { Policy } from './policy.ts';
import { selectPrunable, type Pruning } from './removal.ts';
import { review } from './review.ts';
import { surveyStack, type Survey, type SurveyInput } from './survey.ts';
import type { Takeover } from './takeover.ts';

export interface PlanInput {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
  /** What we are known to own in the stack: only this is ever pruned. */
  readonly inventory: readonly InventoryItem[];
  /** The commit was read completely, so that what is not in it is absent. */
  readonly complete: boolean;
  readonly policy: Policy;
  /** Null unless another source deployed the stack until now. */
  readonly takeover: Takeover | null;
  readonly holds: readonly Hold[];
  /** The last version of each service that was healthy. */
  readonly stable: readonly StableService[];
  readonly revision: Revision | null;
  /** Finding codes that a person accepted. */
  readonly approvals: readonly string[];
  readonly drift: DriftMemory;
  /** Milliseconds since the epoch; only freezes and back-off look at it. */
  readonly now: number;
}

/** What was recorded of drift in the stack. */
export interface DriftMemory {
  readonly open: readonly DriftInterval[];
  /** What we healed lately; none where a person asks, since nobody makes a person wait. */
  readonly heals: readonly DriftInterval[];
  /** Networks and volumes that were once in place as they are wanted now, as `network default`. */
  readonly reached: ReadonlySet<string>;
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
  const { observed, stable, inventory, complete, policy, takeover, revision, approvals } = input;
  const held = applyHolds({ ...input, desired: withFollowedTags(input.desired) });
  const waiting = backOffs({ heals: input.drift.heals, now: input.now });
  const desired = withBackOffs(held.desired, waiting);
  const { open, reached } = input.drift;
  const subject = { desired, observed, stable, inventory, open, reached, untouched: held.untouched };
  const { survey, blocks, pruning } = surveyWithBlocks(subject, complete);
  const decisions = decisionsOf({ survey, blocks, pruning, held, waiting, complete, approvals });
  const findings: readonly Finding[] = review({
    survey,
    blocks,
    pruning,
    decisions,
    inventory,
    policy,
    takeover,
  });
  const steps = held.freeze === null ? buildSteps({ survey, blocks, pruning, revision, approvals }) : [];
  return {
    format: 1,
    stack: input.desired.name,
    engine: input.desired.engine,
    revision,
    changes: changesOf(survey),
    findings,
    decisions,
    steps,
  };
}

interface Situation {
  readonly survey: Survey;
  readonly blocks: Blocks;
  readonly pruning: Pruning;
}

/** What is blocked moves nobody else: where something is, everything is looked at once more with that in mind. */
function surveyWithBlocks(subject: Omit<SurveyInput, 'blocked'>, complete: boolean): Situation {
  const look = (blocked: ReadonlySet<Name>): Situation => {
    const survey = surveyStack({ ...subject, blocked });
    const pruning = selectPrunable({ survey, inventory: subject.inventory, complete });
    const pruned = new Set(pruning.services.map(({ service }) => service));
    return { survey, pruning, blocks: findBlocks(survey, pruned) };
  };
  const first = look(new Set());
  return first.blocks.size === 0 ? first : look(new Set(first.blocks.keys()));
}
