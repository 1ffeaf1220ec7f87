import type { Name } from '../model/ids.ts';

/** Which sources a receiver may wake: these, or null for all. */
export type MayWake = readonly Name[] | null;

export function isAllowed(mayWake: MayWake, source: Name): boolean {
  return mayWake === null || mayWake.includes(source);
}
