import type { ObservedEvent } from '../model/observed.ts';
import type { EventLine } from './event-line.ts';

/** The newest events of an engine, each once however often it was told, in the order in which they happened. */
export interface Trail {
  add(line: EventLine): void;
  has(line: EventLine): boolean;
  events(): readonly ObservedEvent[];
}

/** Eight times what an engine itself keeps: enough to tell how a drift came about that is minutes old. */
const mostEvents = 2_048;

export function createTrail(): Trail {
  const told = new Map<string, ObservedEvent>();
  let sorted: readonly ObservedEvent[] | null = [];
  return {
    add({ key, told: event }) {
      if (event === null || told.has(key)) return;
      told.set(key, event);
      sorted = null;
      if (told.size <= mostEvents) return;
      const [oldest] = told.keys();
      if (oldest !== undefined) told.delete(oldest);
    },
    has: ({ key, told: event }) => event === null || told.has(key),
    events: () => (sorted ??= [...told.values()].sort((a, b) => a.at - b.at)),
  };
}
