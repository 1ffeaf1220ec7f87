import { containerName, newcomerName, type Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Target } from '../model/plan.ts';
import type { ServiceSurvey, Survey } from './survey.ts';
import type { Slot } from './slots.ts';

/** `web.1`, the word for an instance in step ids and for people. */
export function instanceLabel(service: Name, number: number): string {
  return `${service}.${number}`;
}

/** An existing container as the instance it is, or by its own name where that place belongs to another. */
export function containerLabel({ name, ownership, instance }: ObservedContainer): string {
  const { stack, resource } = ownership;
  return name === containerName(stack, resource, instance) ? instanceLabel(resource, instance) : name;
}

export function existing({ id, name }: ObservedContainer): Target {
  return { kind: 'container', id, name };
}

/**
 * The name under which a newcomer is made: its own, unless the one that it replaces still bears that. Whoever else
 * bears it is a left-over and goes first.
 */
export function nameOfNewcomer({ stack }: Survey, { service }: ServiceSurvey, { number, old }: Slot): string {
  const own = containerName(stack.name, service.name, number);
  if (old?.container.name !== own) return own;
  return newcomerName({ stack: stack.name, service: service.name, number }, service.hash);
}

/** What will be this instance when the plan has been carried out. */
export function targetOfSlot(survey: Survey, of: ServiceSurvey, slot: Slot): Target {
  if (slot.keeper !== null) return existing(slot.keeper.container);
  const step = `create ${instanceLabel(of.service.name, slot.number)}`;
  return { kind: 'step', step, name: nameOfNewcomer(survey, of, slot) };
}
