import { onAbort } from './abort.ts';
import type { Connection } from './connection.ts';
import type { EngineEvent } from './event-line.ts';
import { keepOpen, readPast } from './event-stream.ts';
import type { FactSource } from './facts.ts';
import type { ObservedEvent } from '../model/observed.ts';
import { createTrail } from './trail.ts';

export interface EventFeed {
  isLive(): boolean;
  /** How often something was left out while the stream was open. */
  gaps(): number;
  /** What happened lately, as far as it was told, in order. */
  told(): readonly ObservedEvent[];
  /** For whoever looks without a stream: asks the engine for what it still remembers. */
  catchUp(signal: AbortSignal): Promise<void>;
  /** Returns the way to stop listening. Listeners are quick and do not throw. */
  listen(listener: (event: EngineEvent) => void): () => void;
  /** Keeps the stream open, however often it breaks, until the signal aborts. One stream serves all who follow. */
  follow(signal: AbortSignal): Promise<void>;
}

export interface EventFeedOptions {
  /** Ends every stream. */
  readonly lifetime: AbortSignal;
  /** How often the engine is asked whether it told everything. */
  readonly auditEveryMs?: number;
}

const defaultAuditMs = 30_000;

export function createEventFeed(
  connection: Connection,
  facts: FactSource,
  { lifetime, auditEveryMs = defaultAuditMs }: EventFeedOptions,
): EventFeed {
  const listeners = new Set<(event: EngineEvent) => void>();
  const followers = new Set<AbortSignal>();
  const trail = createTrail();
  let running: { readonly controller: AbortController; readonly done: Promise<void> } | null = null;
  let isLive = false;
  let gaps = 0;

  const emit = (event: EngineEvent): void => {
    if (event.kind === 'connected' || event.kind === 'lost') isLive = event.kind === 'connected';
    if (event.kind === 'gap') gaps += 1;
    for (const listener of listeners) listener(event);
  };
  const start = (): NonNullable<typeof running> => {
    const controller = new AbortController();
    onAbort(lifetime, () => controller.abort());
    const { signal } = controller;
    return { controller, done: keepOpen({ connection, facts, trail, emit, auditEveryMs, signal }) };
  };

  return {
    isLive: () => isLive,
    gaps: () => gaps,
    told: () => trail.events(),
    catchUp: (signal) => readPast({ connection, facts, trail, signal }),
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else onAbort(signal, resolve);
  });
}
