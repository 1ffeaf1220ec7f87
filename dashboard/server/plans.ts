import { formatResource, type Change, type Finding } from '../../reconciler/model/change.ts';
import type { StepRecord } from '../../reconciler/model/event.ts';
import type {
  ChangeBody,
  CauseBody,
  DecisionBody,
  FindingBody,
  PlanBody,
  StepBody,
} from '../../reconciler/model/generated/api.ts';
import type { Decision, Plan, Step } from '../../reconciler/model/plan.ts';

/** A plan, and beside each of its steps what came of it. */
export function planBody(plan: Plan, records: readonly StepRecord[] = []): PlanBody {
  const byStep = new Map(records.map((record) => [record.step, record]));
  return {
    revision: plan.revision,
    changes: plan.changes.map(changeBody),
    findings: plan.findings.map(findingBody),
    decisions: plan.decisions.map(decisionBody),
    steps: plan.steps.map((step) => stepBody(step, byStep.get(step.id) ?? null)),
  };
}

function changeBody(change: Change): ChangeBody {
  const { kind, resource } = change;
  const isModify = kind === 'modify';
  return {
    kind,
    resource: formatResource(resource),
    service: 'service' in resource ? resource.service : null,
    class: change.class,
    cause: causeBody(change),
    path: isModify ? change.path : null,
    from: isModify ? (change.from ?? null) : null,
    to: isModify ? (change.to ?? null) : null,
  };
}

export function causeBody({ cause }: Pick<Change, 'cause'>): CauseBody {
  return { kind: cause.kind, service: cause.kind === 'dependency' ? cause.service : null };
}

function findingBody({ code, level, resource, message, remedy }: Finding): FindingBody {
  return { code, level, resource: formatResource(resource), message, remedy };
}

function decisionBody({ resource, verdict, because, downtime }: Decision): DecisionBody {
  return {
    resource: formatResource(resource),
    verdict,
    because,
    downtime: downtime.expected ? downtime.reason : null,
  };
}

function stepBody({ id, after, resource, operation, because }: Step, record: StepRecord | null): StepBody {
  return {
    id,
    after: [...after],
    resource: formatResource(resource),
    operation: operation.kind,
    because,
    status: record?.status ?? null,
    startedAt: record?.startedAt ?? null,
    finishedAt: record?.finishedAt ?? null,
    error: record?.error ?? null,
    reason: record?.reason ?? '',
    digest: record?.result?.digest ?? null,
  };
}
