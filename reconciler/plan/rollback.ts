import type { SyncErrorCode } from '../model/error.ts';
import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { StepRecord } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import { digestIn, meaningOf, wishOf } from './image.ts';

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
  /** What the plan was made against. */
  readonly observed: ObservedState;
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
    const rejected = why === undefined ? null : rejectedPart(service, input);
    if (why === undefined || rejected === null) return [];
    const { name, hash } = service;
    const { digest } = rejected;
    return [
      { kind: 'rejected', stack: desired.name, service: name, hash, digest, revision, why, since: now },
    ];
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

/**
 * What of a version speaks against it, where there is something to return to: all of it, or the image that its tag means
 * by now. Null: it was stable as it is, so that it is not rejected for failing later but healed.
 */
function rejectedPart(
  service: DesiredService,
  { observed, holds, stable }: RollbackInput,
): { readonly digest: string | null } | null {
  const version = stable.find(({ service: name }) => name === service.name);
  if (!service.rollout.autoRevert || version === undefined) return null;
  const digest = version.hash === service.hash ? movedTo(service, version, observed) : null;
  if (version.hash === service.hash && digest === null) return null;
  const isHeld = holds.some(
    (hold) =>
      hold.kind === 'rejected' &&
      hold.service === service.name &&
      hold.hash === service.hash &&
      (hold.digest === null || hold.digest === digest),
  );
  return isHeld ? null : { digest };
}

/** What the tag means now, where that is another image than the one that was healthy; null: the same, or nobody knows. */
function movedTo(service: DesiredService, { digest }: StableService, observed: ObservedState): string | null {
  const meaning = meaningOf(wishOf(service), observed);
  return digest === null || meaning === digestIn(digest) ? null : meaning;
}
