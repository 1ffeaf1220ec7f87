import type { Resource } from '../model/change.ts';
import type { Decision } from '../model/plan.ts';
import type { DecisionInput } from './decisions.ts';

export const noDowntime: Decision['downtime'] = { expected: false, reason: '' };

/** It is no longer wanted and stays, and this is why. */
export function leftoverDecision(resource: Resource, input: DecisionInput): Decision {
  const because = `it left the manifests and stays, because ${whyKept(resource, input)}`;
  return { resource, verdict: 'ignored', because, downtime: noDowntime };
}

function whyKept({ kind }: Resource, { survey, complete }: DecisionInput): string {
  const { prune, pruneVolumes } = survey.stack.sync;
  if (!complete) return 'the commit was not read completely';
  if (!prune) return 'prune is off';
  return kind === 'volume' && !pruneVolumes ? 'volumes are kept' : 'it is not in the inventory';
}
