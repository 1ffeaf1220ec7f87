import type { IncomingMessage } from 'node:http';
import { isSyncError } from '../model/error.ts';
import { onAbort, pause } from './abort.ts';
import type { Connection } from './connection.ts';
import type { FactSource } from './facts.ts';
import { openEvents } from './resource-calls.ts';
import type { EventAnswer } from './wire.ts';

/** What the stream tells. Between `connected` and `lost` it tells everything, as far as an engine can be trusted. */
export type EngineEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost' }
  | {
      readonly kind: 'container';
      readonly id: string;
      readonly action: string;
      /** Name and labels among them; empty for what happened to its networks. */
      readonly attributes: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'image' }
  | { readonly kind: 'reload' };

export interface EventFeed {
  isLive(): boolean;
  /** Returns the way to stop listening. Listeners are quick and do not throw. */
  listen(listener: (event: EngineEvent) => void): () => void;
  /** Keeps the stream open, however often it breaks, until the signal aborts. One stream serves all who follow. */
  follow(signal: AbortSignal): Promise<void>;
}

/** Everything that can change what `inspect` says. An `exec`, which each health check is, changes nothing. */
const actions =
  'create start restart stop kill die oom pause unpause rename update destroy health_status ' +
  'connect disconnect reload pull tag untag delete load import prune';
const filters = JSON.stringify({
  type: ['container', 'network', 'image', 'daemon'],
  event: actions.split(' '),
});

/** The answer begins before the engine subscribes us, so ask for what happened since a little earlier. */
const overlapMs = 2_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export function createEventFeed(connection: Connection, facts: FactSource, lifetime: AbortSignal): EventFeed {
  const listeners = new Set<(event: EngineEvent) => void>();
  const followers = new Set<AbortSignal>();
  let running: { readonly controller: AbortController; readonly done: Promise<void> } | null = null;
  let isLive = false;

  const emit = (event: EngineEvent): void => {
    if (event.kind === 'connected' || event.kind === 'lost') isLive = event.kind === 'connected';
    for (const listener of listeners) listener(event);
  };
  const start = (): NonNullable<typeof running> => {
    const controller = new AbortController();
    onAbort(lifetime, () => controller.abort());
    return { controller, done: keepOpen({ connection, facts, emit, signal: controller.signal }) };
  };

  return {
    isLive: () => isLive,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async follow(signal) {
      if (signal.aborted || lifetime.aborted) return;
      followers.add(signal);
      running ??= start();
      const { controller, done } = running;
      try {
        await Promise.race([done, aborted(signal)]);
      } finally {
        followers.delete(signal);
        if (followers.size === 0 && running?.controller === controller) {
          running = null;
          controller.abort();
          await done.catch(() => undefined);
        }
      }
    },
  };
}

interface Stream {
  readonly connection: Connection;
  readonly facts: FactSource;
  readonly emit: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

/** Ends when the signal aborts; throws only what no repetition can cure. */
async function keepOpen({ connection, facts, emit, signal }: Stream): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    let wasConnected = false;
    try {
      const { clockOffsetMs } = await facts.read(signal);
      const since = ((Date.now() - clockOffsetMs - overlapMs) / 1000).toFixed(3);
      const stream = await openEvents(connection, { since, filters }, signal);
      stream.socket.setKeepAlive(true, 30_000);
      wasConnected = true;
      emit({ kind: 'connected' });
      await deliver(stream, emit);
    } catch (error) {
      // What broke the stream meets the next call as well, which says it to somebody.
      if (isSyncError(error) && error.recovery === 'stop') throw error;
    }
    facts.forget();
    if (wasConnected) emit({ kind: 'lost' });
    pauseMs = wasConnected ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
    await pause(pauseMs, signal);
  }
}

async function deliver(stream: IncomingMessage, emit: (event: EngineEvent) => void): Promise<void> {
  for await (const line of readLines(stream)) {
    const event = parseEvent(line);
    if (event !== null) emit(event);
  }
}

export async function* readLines(stream: IncomingMessage): AsyncIterable<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}

function parseEvent(line: string): EngineEvent | null {
  const { Type, Action, Actor }: EventAnswer = JSON.parse(line);
  const attributes = Actor?.Attributes ?? {};
  const action = Action ?? '';
  switch (Type) {
    case 'container':
      return { kind: 'container', id: Actor?.ID ?? '', action, attributes };
    case 'network':
      return attributes['container'] === undefined
        ? null
        : { kind: 'container', id: attributes['container'], action, attributes: {} };
    case 'image':
      return { kind: 'image' };
    case 'daemon':
      return { kind: 'reload' };
    default:
      return null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else onAbort(signal, resolve);
  });
}
