import { isSyncError, SyncError } from '../model/error.ts';
import type { SyncEvent } from '../model/event.ts';
import type { ObservedContainer, ObservedImage, ObservedState } from '../model/observed.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { MadeContainers } from './simulate-names.ts';
import { simulateOperation } from './simulate-operation.ts';

/** What a simulated engine cannot know by itself. */
export interface SimulationOptions {
  /** What can be pulled, by reference. */
  readonly registry?: Readonly<Record<string, ObservedImage>>;
  /** What becomes of a container that has been started; well, unless told otherwise. */
  readonly fate?: (container: ObservedContainer) => 'well' | 'unhealthy' | 'crashes';
  /** The step of this number (from 1) fails, as if the engine had gone away. */
  readonly failAt?: number;
  /** The walk dies after this many steps. */
  readonly dieAfter?: number;
}

export interface Simulation {
  readonly observed: ObservedState;
  readonly events: readonly SyncEvent[];
}

/**
 * Carries a plan out on a snapshot instead of an engine, in the plan's order: a failed step skips what comes after it,
 * as applying does. It refuses what a real engine refuses, so that a plan that gets through has its order right.
 */
export function simulatePlan(
  observed: ObservedState,
  plan: Plan,
  options: SimulationOptions = {},
): Simulation {
  const { failAt = Infinity, dieAfter = Infinity } = options;
  const events: SyncEvent[] = [];
  const succeeded = new Set<string>();
  const made = new Map<string, string>();
  let state = observed;
  let count = 0;
  for (const step of plan.steps) {
    if (count >= dieAfter) break;
    const blocker = step.after.find((id) => !succeeded.has(id));
    if (blocker !== undefined) {
      events.push({
        kind: 'stepSkipped',
        at: state.at,
        step: step.id,
        reason: `\`${blocker}\` did not succeed`,
      });
      continue;
    }
    count += 1;
    events.push({ kind: 'stepStarted', at: state.at, step: step.id });
    const next = attempt(state, step, { plan, options, made, fails: count === failAt });
    state = next.state;
    if (next.error === null) succeeded.add(step.id);
    const newest = state.containers.at(-1);
    if (step.operation.kind === 'createContainer' && newest !== undefined) made.set(step.id, newest.id);
    events.push(eventOf(step, next));
  }
  return { observed: state, events };
}

interface Attempt {
  readonly plan: Plan;
  readonly options: SimulationOptions;
  readonly made: MadeContainers;
  readonly fails: boolean;
}

interface Result {
  readonly state: ObservedState;
  readonly error: SyncError | null;
}

function attempt(state: ObservedState, step: Step, { plan, options, made, fails }: Attempt): Result {
  const later = { ...state, at: state.at + 1_000 };
  if (fails)
    return {
      state: later,
      error: new SyncError('EngineUnreachable', 'The engine went away. Is it running?'),
    };
  try {
    return {
      state: simulateOperation(later, step.operation, { stack: plan.stack, made, ...options }),
      error: null,
    };
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return { state: later, error };
  }
}

function eventOf(step: Step, { state, error }: Result): SyncEvent {
  if (error === null) return { kind: 'stepSucceeded', at: state.at, step: step.id, result: {} };
  return {
    kind: 'stepFailed',
    at: state.at,
    step: step.id,
    code: error.code,
    message: error.message,
    output: '',
  };
}
