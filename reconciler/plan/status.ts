import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { SyncErrorCode } from '../model/error.ts';
import type { SyncOutcome } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Decision, Plan } from '../model/plan.ts';
import type {
  Condition,
  ConditionType,
  Health,
  ServiceStatus,
  StackStatus,
  SyncStatus,
} from '../model/status.ts';
import { serviceHealth, worstOf } from './health.ts';

export interface StatusInput {
  readonly source: Name;
  readonly revision: Revision;
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
  /** What a plan says now, after whatever was applied. */
  readonly plan: Plan;
  readonly previous: StackStatus | null;
  /** The attempt that has just ended, or null after a mere look. */
  readonly attempt: AttemptEnd | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface AttemptEnd {
  readonly outcome: SyncOutcome;
  readonly summary: string;
  /** What the world failed with, if it did. */
  readonly code: SyncErrorCode | null;
}

/** The stack at a glance, from what was just seen. */
export function stackStatus(input: StatusInput): StackStatus {
  const { source, revision, desired, observed, plan, previous, attempt, now } = input;
  const decisions = new Map(plan.decisions.flatMap((decision) => byService(decision)));
  const services = desired.services.map((service) =>
    statusOf(service, { desired, observed, decisions, plan }),
  );
  const syncStatus: SyncStatus = isSynced(plan) ? 'synced' : 'outOfSync';
  const health = worstOf(services.map((service) => service.health));
  const isApplied = attempt?.outcome === 'succeeded' || attempt?.outcome === 'unchanged';
  const isThere = syncStatus === 'synced' && (isApplied || previous?.syncedRevision !== null);
  return {
    stack: desired.name,
    source,
    engine: desired.engine,
    syncStatus,
    health,
    revision,
    syncedRevision: isThere ? revision : (previous?.syncedRevision ?? null),
    conditions: conditionsOf(input, { syncStatus, health }),
    services,
    lastOutcome: attempt?.outcome ?? previous?.lastOutcome ?? null,
    lastCheckedAt: now,
    lastSyncedAt: isApplied ? now : (previous?.lastSyncedAt ?? null),
  };
}

export interface Uncertainty {
  readonly stack: Name;
  readonly source: Name;
  readonly engine: Name;
  /** What was read, or null when nothing was. */
  readonly revision: Revision | null;
  readonly previous: StackStatus | null;
  readonly attempt: AttemptEnd;
  readonly now: number;
}

/** When manifests or engine could not be read, nobody knows; what was known before is kept, and said to be old. */
export function unknownStatus(uncertainty: Uncertainty): StackStatus {
  const { stack, source, engine, revision, previous, attempt, now } = uncertainty;
  const reason = whyUnknown(attempt);
  const conditions = [
    condition({ type: 'Ready', status: false, reason, message: attempt.summary }, { previous, now }),
    condition({ type: 'Reconciling', status: false, reason: 'Idle', message: '' }, { previous, now }),
    condition({ type: 'Stalled', status: true, reason, message: attempt.summary }, { previous, now }),
  ];
  return {
    stack,
    source,
    engine,
    syncStatus: 'unknown',
    health: attempt.outcome === 'invalid' ? (previous?.health ?? 'unknown') : 'unknown',
    revision: revision ?? previous?.revision ?? null,
    syncedRevision: previous?.syncedRevision ?? null,
    conditions,
    services: previous?.services ?? [],
    lastOutcome: attempt.outcome,
    lastCheckedAt: now,
    lastSyncedAt: previous?.lastSyncedAt ?? null,
  };
}

/** An engine that does not answer in time is as good as one that is away. */
function whyUnknown({ outcome, code }: AttemptEnd): string {
  if (outcome !== 'unknown') return stalledReasons[outcome] ?? 'Unknown';
  if (code === 'EngineTimedOut') return 'EngineUnreachable';
  return code?.startsWith('Engine') === true ? code : 'ReadFailed';
}

function byService(decision: Decision): readonly (readonly [Name, Decision])[] {
  return decision.resource.kind === 'service' ? [[decision.resource.service, decision]] : [];
}

interface Surroundings {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
  readonly decisions: ReadonlyMap<Name, Decision>;
  readonly plan: Plan;
}

function statusOf(
  service: DesiredService,
  { desired, observed, decisions, plan }: Surroundings,
): ServiceStatus {
  const decision = decisions.get(service.name);
  const isUnchanged = decision === undefined || decision.verdict === 'unchanged';
  return {
    service: service.name,
    syncStatus: isUnchanged ? 'synced' : 'outOfSync',
    ...serviceHealth(desired.name, service, observed),
    replicas: service.replicas,
    image: service.container.image,
    because: isUnchanged ? oddityOf(service, plan) : decision.because,
  };
}

/** What runs beside a service that is as it should be, and nobody looks after. */
function oddityOf({ name }: DesiredService, { findings }: Plan): string {
  const found = findings.find(({ code, resource }) => {
    return code === 'NM104' && resource.kind === 'service' && resource.service === name;
  });
  return found?.message ?? '';
}

/** Nothing to do, nothing merely shown, nothing in the way. */
function isSynced(plan: Plan): boolean {
  const isHindered = plan.decisions.some(({ verdict }) => verdict === 'held' || verdict === 'blocked');
  return plan.steps.length === 0 && plan.changes.length === 0 && !isHindered;
}

/** Outcomes that leave a stack standing until somebody does something, by their reason. */
const stalledReasons: { readonly [outcome in SyncOutcome]?: string } = {
  failed: 'SyncFailed',
  partial: 'SyncFailed',
  waiting: 'Waiting',
  denied: 'PolicyDenied',
  invalid: 'ManifestInvalid',
  unknown: 'ReadFailed',
};

interface Truth {
  readonly syncStatus: SyncStatus;
  readonly health: Health;
}

function conditionsOf(input: StatusInput, { syncStatus, health }: Truth): readonly Condition[] {
  const { previous, now, plan, attempt } = input;
  const isReady = syncStatus === 'synced' && health === 'healthy';
  const held = plan.decisions.find(({ verdict }) => verdict === 'held');
  const blocked = plan.decisions.find(({ verdict }) => verdict === 'blocked');
  const obstacle = held ?? blocked;
  const stalled = attempt === null ? undefined : stalledReasons[attempt.outcome];
  const stillStalled = attempt === null && !isReady ? findCondition(previous, 'Stalled') : undefined;
  const readyReason = syncStatus === 'synced' ? capitalized(health) : 'OutOfSync';
  const say = (said: Said): Condition => condition(said, { previous, now });
  const stall: Said =
    obstacle !== undefined
      ? {
          type: 'Stalled',
          status: true,
          reason: held === undefined ? 'Blocked' : 'Held',
          message: obstacle.because,
        }
      : stalled !== undefined
        ? { type: 'Stalled', status: true, reason: stalled, message: attempt?.summary ?? '' }
        : (stillStalled ?? { type: 'Stalled', status: false, reason: 'Moving', message: '' });
  return [
    say({
      type: 'Ready',
      status: isReady,
      reason: readyReason,
      message: isReady ? '' : (attempt?.summary ?? ''),
    }),
    say({
      type: 'Reconciling',
      status: health === 'progressing',
      reason: health === 'progressing' ? 'Progressing' : 'Idle',
      message: '',
    }),
    say(stall),
  ];
}

type Said = Omit<Condition, 'since'>;

interface Before {
  readonly previous: StackStatus | null;
  readonly now: number;
}

/** `since` moves only with status or reason. */
function condition(said: Said, { previous, now }: Before): Condition {
  const before = findCondition(previous, said.type);
  const isSame = before !== undefined && before.status === said.status && before.reason === said.reason;
  const { type, status, reason, message } = said;
  return {
    type,
    status,
    reason,
    message: message === '' && isSame ? before.message : message,
    since: isSame ? before.since : now,
  };
}

function findCondition(status: StackStatus | null, type: ConditionType): Condition | undefined {
  return status?.conditions.find((one) => one.type === type);
}

function capitalized(health: Health): string {
  return health.charAt(0).toUpperCase() + health.slice(1);
}
