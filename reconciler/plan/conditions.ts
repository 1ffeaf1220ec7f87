import type { Dependency } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { isCreating, type Slot } from './slots.ts';
import { isServing, isUp, jobEnd } from './state.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** Whether what a service depends on is as it must be. */
export type Availability =
  | { readonly kind: 'met' }
  /** Not yet, and the plan or the world is on its way there. */
  | { readonly kind: 'coming' }
  /** `why` completes "it depends on db, which …". */
  | { readonly kind: 'out'; readonly why: string };

/** Looks at all instances of a dependency. One that is scaled to nothing counts as met, as in Compose. */
export function availability(
  { service: name, condition }: Dependency,
  survey: Survey,
  blocked: { has(service: Name): boolean },
): Availability {
  const of = survey.services.find(({ service }) => service.name === name);
  if (of === undefined) return withoutSurvey(name, survey);
  const states = of.slots.map((slot) => slotAvailability(slot, condition, of));
  const worst = states.find(({ kind }) => kind === 'out') ?? states.find(({ kind }) => kind === 'coming');
  if (worst === undefined) return { kind: 'met' };
  return worst.kind === 'coming' && blocked.has(name) ? withoutChange(of, condition) : worst;
}

export function slotAvailability(
  slot: Slot,
  condition: Dependency['condition'],
  { service }: ServiceSurvey,
): Availability {
  const { keeper } = slot;
  if (isCreating(slot)) return { kind: 'coming' };
  // It serves under whatever name: others reach it by its alias.
  if (slot.renamed !== null) return { kind: 'met' };
  if (keeper === null) {
    return service.lifecycle === 'job'
      ? { kind: 'met' }
      : { kind: 'out', why: 'is missing and is not healed' };
  }
  if (service.lifecycle === 'job') return jobAvailability(keeper.container, condition);
  if (isAs(condition, keeper.container)) return { kind: 'met' };
  const isComing =
    isUp(keeper.container.state) || keeper.changes.some(({ mend, isActing }) => mend === 'state' && isActing);
  return isComing ? { kind: 'coming' } : { kind: 'out', why: 'does not run and is not healed' };
}

function jobAvailability({ state }: ObservedContainer, condition: Dependency['condition']): Availability {
  if (condition === 'service_started' && state.startedAt !== null) return { kind: 'met' };
  const end = jobEnd(state);
  switch (end) {
    case 'succeeded':
      return { kind: 'met' };
    case 'failed':
      return { kind: 'out', why: `failed with exit code ${state.exitCode}` };
    case 'open':
      return { kind: 'coming' };
    default:
      return end satisfies never;
  }
}

function isAs(condition: Dependency['condition'], { state }: ObservedContainer): boolean {
  if (jobEnd(state) === 'succeeded') return true;
  return condition === 'service_started' ? state.status === 'running' : isServing(state);
}

/** Nothing will be done for it: what runs now has to do. */
function withoutChange({ slots }: ServiceSurvey, condition: Dependency['condition']): Availability {
  const present = slots.map(({ keeper, old }) => keeper ?? old);
  const isThere = present.every((reading) => reading !== null && isAs(condition, reading.container));
  return isThere ? { kind: 'met' } : { kind: 'out', why: 'is itself blocked' };
}

/** Held as it is, or not of this stack at all. */
function withoutSurvey(name: Name, { lookup, stack }: Survey): Availability {
  const containers = lookup.services.get(stack.name)?.get(name) ?? [];
  return containers.some(({ state }) => isUp(state) || jobEnd(state) === 'succeeded')
    ? { kind: 'met' }
    : { kind: 'out', why: 'is held and does not run' };
}
