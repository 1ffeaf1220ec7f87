import type { SyncErrorCode } from '../model/error.ts';
import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { StepRecord } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import type { StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';

/** Failures that speak against the new version itself, not against the engine, the registry or the disk. */
const verdicts: ReadonlySet<SyncErrorCode> = new Set([
  'ContainerUnhealthy',
  'ContainerExited',
  'DeadlineExceeded',
  'JobFailed',
  'EngineRejected',
] as const);

export interface RollbackInput {
  /** As Git has it, before holds. */
  readonly desired: DesiredStack;
  readonly plan: Plan;
  readonly steps: readonly StepRecord[];
  readonly holds: readonly Hold[];
  readonly stable: readonly StableService[];
  readonly revision: Revision | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The versions that a failed rollout rejects. Recording them is all that a rollback takes: the next plan aims at the
 * last stable version of a held service. Without such a version there is nothing to return to, and nothing is held.
 */
export function rejectionsOf(input: RollbackInput): readonly Hold[] {
  const { desired, revision, now } = input;
  const failures = failuresByService(input);
  return desired.services.flatMap((service): readonly Hold[] => {
    const why = failures.get(service.name);
    if (why === undefined || !canReturn(service, input)) return [];
    const { name, hash } = service;
    return [{ kind: 'rejected', stack: desired.name, service: name, hash, revision, why, since: now }];
  });
}

function failuresByService({ plan, steps }: RollbackInput): ReadonlyMap<Name, string> {
  const resources = new Map(plan.steps.map(({ id, resource }) => [id, resource]));
  const failures = new Map<Name, string>();
  for (const { step, error } of steps) {
    const resource = resources.get(step);
    if (error === null || !verdicts.has(error.code)) continue;
    if (resource?.kind !== 'instance' && resource?.kind !== 'service') continue;
    if (!failures.has(resource.service)) failures.set(resource.service, error.message);
  }
  return failures;
}

/** A version that was stable before is not rejected for failing later: it is healed. */
function canReturn(service: DesiredService, { holds, stable }: RollbackInput): boolean {
  if (!service.rollout.autoRevert) return false;
  const version = stable.find(({ service: name }) => name === service.name);
  const isHeld = holds.some(
    (hold) => hold.kind === 'rejected' && hold.service === service.name && hold.hash === service.hash,
  );
  return version !== undefined && version.hash !== service.hash && !isHeld;
}
