import type { DriftInterval, DriftKind } from '../model/drift.ts';
import type { ObservedContainer, ObservedEvent } from '../model/observed.ts';

/** How something came about: its kind, a finished clause, and when. */
export interface Account {
  readonly kind: DriftKind;
  readonly because: string;
  /** Milliseconds since the epoch; null where nothing told. */
  readonly at: number | null;
}

/** How a container that has exited came to its end, from the events around it, or from what it says itself. */
export function howItEnded(container: ObservedContainer, events: readonly ObservedEvent[]): Account {
  const { state, id } = container;
  const own = lastLife(events.filter((event) => event.subject === 'container' && event.id === id));
  const died = own.findLast(({ action }) => action === 'die');
  const at = died?.at ?? state.finishedAt;
  const exit = `exit ${died?.details['exitCode'] ?? state.exitCode ?? 'unknown'}`;
  if (state.oomKilled || own.some(({ action }) => action === 'oom'))
    return { kind: 'outOfMemory', because: `killed by the kernel: it was out of memory (${exit})`, at };
  if (died === undefined) return { kind: 'found', because: `it ended (${exit}), and no event told how`, at };
  const signals = own.flatMap(({ action, details }) => (action === 'kill' ? [details['signal'] ?? ''] : []));
  if (own.some(({ action }) => action === 'stop') || signals.some((signal) => isStop(signal, container)))
    return { kind: 'stopped', because: `stopped through the Docker API (${exit})`, at };
  const signal = signals.at(-1);
  if (signal !== undefined)
    return {
      kind: 'killed',
      because: `killed with ${signalName(signal)} through the Docker API (${exit})`,
      at,
    };
  const outside = outsideSignals[state.exitCode ?? 0];
  if (outside !== undefined)
    return { kind: 'killed', because: `killed with ${outside}, not through Docker (${exit})`, at };
  return { kind: 'ended', because: `its process ended by itself (${exit})`, at };
}

/** Whether somebody stopped it on purpose. What the engine has forgotten is still in the record. */
export function wasStopped(
  container: ObservedContainer,
  events: readonly ObservedEvent[],
  open: readonly DriftInterval[],
): boolean {
  if (container.state.status !== 'exited') return false;
  const { kind } = howItEnded(container, events);
  if (kind !== 'found') return kind === 'stopped';
  const { ownership, instance } = container;
  return open.some(
    ({ resource, field, kind: recorded }) =>
      recorded === 'stopped' &&
      field === 'state' &&
      resource.kind === 'instance' &&
      resource.service === ownership.resource &&
      resource.instance === instance,
  );
}

/** From the last start on. */
function lastLife(events: readonly ObservedEvent[]): readonly ObservedEvent[] {
  const start = events.findLastIndex(({ action }) => action === 'start' || action === 'restart');
  return events.slice(start + 1);
}

/** `docker stop` begins with the signal that the container asks for. */
function isStop(signal: string, { spec }: ObservedContainer): boolean {
  const wanted = spec.stop_signal.replace(/^SIG/, '');
  return signal === wanted || signalName(signal) === `SIG${wanted}`;
}

/** The engine tells numbers. */
function signalName(signal: string): string {
  const name = signalNames[signal];
  return name === undefined ? `signal ${signal}` : name;
}

const signalNames: Readonly<Record<string, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  12: 'SIGUSR2',
  15: 'SIGTERM',
  28: 'SIGWINCH',
};

/** Exit codes of signals that nobody sends to himself. */
const outsideSignals: Readonly<Record<number, string>> = { 130: 'SIGINT', 137: 'SIGKILL', 143: 'SIGTERM' };
