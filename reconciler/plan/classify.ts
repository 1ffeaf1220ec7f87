import type { ChangeClass } from '../model/change.ts';
import type { DesiredService } from '../model/desired.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { describeChange } from './because.ts';
import type { Reading } from './compare.ts';
import { whyNotTogether } from './overlap.ts';
import { isCreating, type Slot } from './slots.ts';
import { isUp } from './state.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** What becomes of one place, and why it is no better. */
export interface SlotClass {
  /** Null: nothing is done. */
  readonly class: Extract<ChangeClass, 'create' | 'inPlace' | 'rolling' | 'recreate'> | null;
  /** Why the old container has to stop before the other starts; empty where it has not. */
  readonly reason: string;
}

interface Place extends Slot {
  readonly service: DesiredService;
  readonly survey: Pick<Survey, 'expectation' | 'yielding'>;
}

/** The first rule that applies decides. */
const rules: readonly ((place: Place) => SlotClass | null)[] = [
  (place) => (isCreating(place) && place.old === null ? { class: 'create', reason: '' } : null),
  ({ keeper, old, renamed }) => {
    if (old !== null) return null;
    return { class: isActing(keeper) || renamed?.isActing === true ? 'inPlace' : null, reason: '' };
  },
  // The keeper runs beside the old one already: only the hand-over is left.
  ({ keeper }) => (keeper !== null && isUp(keeper.container.state) ? { class: 'rolling', reason: '' } : null),
  // Nothing serves that a newcomer could harm.
  ({ old, service }) => {
    if (old === null || isUp(old.container.state)) return null;
    return { class: service.lifecycle === 'job' ? 'recreate' : 'rolling', reason: '' };
  },
  // What it shares is replaced under it.
  ({ old }) => {
    const change = old?.changes.find(({ cause, isActing }) => cause.kind === 'dependency' && isActing);
    return change === undefined ? null : { class: 'recreate', reason: describeChange(change) };
  },
  (place) => {
    const reason = place.old === null ? null : whyApart(place, place.old.container);
    return reason === null ? null : { class: 'recreate', reason };
  },
];

export function classifySlot(
  slot: Slot,
  { service }: Pick<ServiceSurvey, 'service'>,
  survey: Pick<Survey, 'expectation' | 'yielding'>,
): SlotClass {
  const place = { ...slot, service, survey };
  for (const rule of rules) {
    const found = rule(place);
    if (found !== null) return found;
  }
  return { class: 'rolling', reason: '' };
}

function isActing(keeper: Reading | null): boolean {
  return keeper !== null && keeper.changes.some((change) => change.isActing);
}

function whyApart(place: Place, old: ObservedContainer): string | null {
  const { keeper, service, survey } = place;
  const newcomer = keeper?.expected ?? survey.expectation.ofNewcomer(service, old);
  return whyNotTogether({ service, newcomer, old }) ?? survey.yielding.get(old.id) ?? null;
}
