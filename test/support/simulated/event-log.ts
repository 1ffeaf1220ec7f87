import type { EventAnswer } from '../../../reconciler/docker/wire.ts';

export interface LoggedEvent extends EventAnswer {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

/** What happened, as an engine remembers it: the last 256 events, and whoever listens. */
export interface EventLog {
  emit(event: Pick<LoggedEvent, 'Type' | 'Action' | 'Actor'>): void;
  /** Those from this time on, in milliseconds, oldest first. */
  since(ms: number): readonly LoggedEvent[];
  listen(listener: (event: LoggedEvent) => void): () => void;
  /** While muted, what happens is remembered and told to nobody, as for a listener that was too slow. */
  mute(isMuted: boolean): void;
}

/** moby daemon/events: eventsLimit. */
const remembered = 256;

export function createEventLog(): EventLog {
  const listeners = new Set<(event: LoggedEvent) => void>();
  const recent: LoggedEvent[] = [];
  let last = 0;
  let isMuted = false;
  return {
    emit({ Type, Action, Actor }) {
      // Two events of one moment still have an order.
      last = Math.max(last + 1000, Date.now() * 1_000_000);
      const event = { Type, Action, Actor, timeNano: last };
      recent.push(event);
      if (recent.length > remembered) recent.shift();
      if (!isMuted) for (const listener of listeners) listener(event);
    },
    since: (ms) => recent.filter(({ timeNano }) => timeNano >= ms * 1_000_000),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    mute(isMutedNow) {
      isMuted = isMutedNow;
    },
  };
}

/** As the API writes it, the old fields beside the new ones. */
export function writeEvent({ Type, Action, Actor, timeNano }: LoggedEvent): string {
  const old = Type === 'container' ? { status: Action, id: Actor.ID, from: Actor.Attributes['image'] } : {};
  const time = Math.floor(timeNano / 1_000_000_000);
  return `${JSON.stringify({ ...old, Type, Action, Actor, scope: 'local', time, timeNano })}\n`;
}

export type Filters = Readonly<Record<string, readonly string[]>>;

/** `event: health_status` stands for each of its outcomes. */
export function isWanted({ Type, Action, Actor }: LoggedEvent, filters: Filters): boolean {
  const { type = [], event = [], container = [] } = filters;
  const action = Action.split(':')[0] ?? '';
  return (
    (type.length === 0 || type.includes(Type)) &&
    (event.length === 0 || event.includes(Action) || event.includes(action)) &&
    (container.length === 0 || container.includes(Actor.ID))
  );
}

/** Both forms that clients send: a list for each key, or an object of them. */
export function readFilters(text: string | null): Filters {
  if (text === null || text === '') return {};
  const parsed = JSON.parse(text) as Readonly<Record<string, readonly string[] | object>>;
  const entries = Object.entries(parsed).map(
    ([key, values]) => [key, Array.isArray(values) ? values.map(String) : Object.keys(values)] as const,
  );
  return Object.fromEntries(entries);
}
