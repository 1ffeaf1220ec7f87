import type { SimulatedContainer, SimulatedHost } from './host.ts';
import { Refusal } from './refusal.ts';

/** By id, the beginning of one, or name. */
export function requireContainer(host: SimulatedHost, key: string): SimulatedContainer {
  const named = host.containers.get(host.names.get(key.replace(/^\//, '')) ?? key);
  if (named !== undefined) return named;
  const matches = key.length < 4 ? [] : [...host.containers.values()].filter(({ id }) => id.startsWith(key));
  const [match] = matches;
  if (match === undefined || matches.length > 1) throw new Refusal(404, `No such container: ${key}`);
  return match;
}

/** What happened, and what else there is to say about it. */
export interface Happening {
  readonly action: string;
  readonly [detail: string]: string;
}

/** Says what happened to a container, with its labels, and forgets how it was listed. */
export function tell(
  host: SimulatedHost,
  container: SimulatedContainer,
  { action, ...details }: Happening,
): void {
  container.listed = null;
  const { id, name, config } = container;
  const attributes = { ...config.Labels, image: config.Image ?? '', name, ...details };
  host.events.emit({ Type: 'container', Action: action, Actor: { ID: id, Attributes: attributes } });
}

export function isUp({ state }: SimulatedContainer): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting';
}
