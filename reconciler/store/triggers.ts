import type { Trigger } from '../model/event.ts';

/**
 * How strongly each trigger speaks. Requests that wait together are one sync, and it counts as asked for by the
 * strongest of them: a sweep must not hide that a person asked. Kept in the database: change no number.
 */
const strengths: Readonly<Record<Trigger, number>> = {
  sweep: 10,
  retry: 20,
  event: 30,
  dependency: 40,
  start: 50,
  poll: 60,
  webhook: 70,
  rollback: 80,
  manual: 90,
};

const triggersByStrength = new Map(
  Object.keys(strengths)
    .filter((key): key is Trigger => key in strengths)
    .map((trigger) => [strengths[trigger], trigger]),
);

export function strengthOf(trigger: Trigger): number {
  return strengths[trigger];
}

export function triggerOf(strength: number): Trigger {
  const trigger = triggersByStrength.get(strength);
  if (trigger === undefined) throw new TypeError(`no trigger has the strength ${strength}`);
  return trigger;
}
