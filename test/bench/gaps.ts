import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { RawEngine } from './raw-engine.ts';

/** The part of an engine event that is needed. */
interface ContainerEvent {
  readonly Type: string;
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** How long each service had no running container while the work was done, in milliseconds, as the engine tells it. */
export type Gaps = ReadonlyMap<string, number>;

export interface WatchOptions {
  readonly socketPath: string;
  readonly engine: RawEngine;
  /** Labels that name the service, ours and other people's. */
  readonly serviceLabels: readonly string[];
}

const marker = 'plimsoll-bench-marker';

/**
 * Listens to the engine while the work runs. Every service is expected to run before and after; the end of the stream is
 * a network that we make and remove, since the engine has no other way to say "that was all".
 */
export async function watchGaps(options: WatchOptions, work: () => Promise<unknown>): Promise<Gaps> {
  const stream = await openEvents(options.socketPath);
  const reading = readUntilMarker(stream);
  try {
    await work();
    await options.engine.ask('POST', '/networks/create', { Name: marker });
    await options.engine.ask('DELETE', `/networks/${marker}`);
    return gapsOf(await reading, options.serviceLabels);
  } finally {
    stream.destroy();
  }
}

/** What the engine says from now on, a line each. */
export async function openEvents(socketPath: string, filters: object = {}): Promise<IncomingMessage> {
  const query = encodeURIComponent(JSON.stringify(filters));
  const call = request({ socketPath, path: `/events?filters=${query}` });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return response;
}

async function readUntilMarker(stream: IncomingMessage): Promise<readonly ContainerEvent[]> {
  const events: ContainerEvent[] = [];
  for await (const line of createInterface({ input: stream })) {
    const event = JSON.parse(line) as ContainerEvent;
    if (event.Type === 'container') events.push(event);
    if (event.Action === 'destroy' && event.Actor.Attributes['name'] === marker) break;
  }
  return events;
}

/** Sums, for each service, the time between the end of its last running container and the start of the next. */
function gapsOf(events: readonly ContainerEvent[], serviceLabels: readonly string[]): Gaps {
  const gaps = new Map<string, number>();
  const running = new Map<string, number>();
  const emptySince = new Map<string, number>();
  const ordered = events.toSorted((left, right) => left.timeNano - right.timeNano);
  for (const { Action, timeNano, Actor } of ordered) {
    const service = serviceLabels.map((label) => Actor.Attributes[label]).find((name) => name !== undefined);
    if (service === undefined || (Action !== 'start' && Action !== 'die')) continue;
    const before = running.get(service) ?? 1;
    const after = before + (Action === 'start' ? 1 : -1);
    running.set(service, after);
    const at = timeNano / 1e6;
    if (after === 0) emptySince.set(service, at);
    if (before === 0) gaps.set(service, (gaps.get(service) ?? 0) + at - (emptySince.get(service) ?? at));
    if (!gaps.has(service)) gaps.set(service, 0);
  }
  return gaps;
}
