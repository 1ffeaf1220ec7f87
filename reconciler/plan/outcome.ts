import type { StepRecord, SyncEvent, SyncOutcome } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';

/** What became of each step, in the order of the plan. A step without events is pending. */
export function foldSteps(plan: Plan, events: readonly SyncEvent[]): readonly StepRecord[] {
  const records = new Map(plan.steps.map(({ id }) => [id, pending(id)]));
  for (const event of events) {
    const record = records.get(event.step);
    if (record !== undefined) records.set(event.step, advance(record, event));
  }
  return [...records.values()];
}

function pending(step: string): StepRecord {
  return {
    step,
    status: 'pending',
    startedAt: null,
    finishedAt: null,
    result: null,
    error: null,
    output: '',
    reason: '',
  };
}

function advance(record: StepRecord, event: SyncEvent): StepRecord {
  switch (event.kind) {
    case 'stepStarted':
      return { ...record, status: 'running', startedAt: event.at };
    case 'stepProgress':
      return record;
    case 'stepSucceeded':
      return { ...record, status: 'succeeded', finishedAt: event.at, result: event.result };
    case 'stepFailed':
      return {
        ...record,
        status: 'failed',
        finishedAt: event.at,
        error: { code: event.code, message: event.message },
        output: event.output,
      };
    case 'stepSkipped':
      return { ...record, status: 'skipped', finishedAt: event.at, reason: event.reason };
    default:
      return event satisfies never;
  }
}

/**
 * How an attempt that ran its plan ended. `partial` when something failed and some other service's steps all went well.
 */
export function outcomeOf(
  plan: Plan,
  steps: readonly StepRecord[],
): Extract<SyncOutcome, 'succeeded' | 'partial' | 'failed'> {
  const statusOf = new Map(steps.map(({ step, status }) => [step, status]));
  const wellByService = new Map<string, boolean>();
  for (const { id, resource } of plan.steps) {
    const isWell = statusOf.get(id) === 'succeeded';
    if (resource.kind === 'service' || resource.kind === 'instance') {
      wellByService.set(resource.service, isWell && (wellByService.get(resource.service) ?? true));
    }
  }
  if (steps.every(({ status }) => status === 'succeeded')) return 'succeeded';
  return [...wellByService.values()].includes(true) ? 'partial' : 'failed';
}

/** The first failure that is a cause and not a consequence, or null. */
export function firstFailure(steps: readonly StepRecord[]): StepRecord['error'] {
  return steps.find(({ status }) => status === 'failed')?.error ?? null;
}
