import type { IncomingMessage } from 'node:http';
import { SyncError, isSyncError } from '../model/error.ts';
import { pause } from './abort.ts';
import type { Connection } from './connection.ts';
import { readEventLine, type EngineEvent, type EventLine } from './event-line.ts';
import type { FactSource } from './facts.ts';
import { openEvents } from './resource-calls.ts';
import type { Trail } from './trail.ts';

/** Everything that can change what `inspect` says. An `exec`, which each health check is, changes nothing. */
const actions =
  'create start restart stop kill die oom pause unpause rename update destroy health_status ' +
  'connect disconnect reload pull tag untag delete load import prune extract-to-dir';
const filters = JSON.stringify({
  type: ['container', 'network', 'volume', 'image', 'daemon'],
  event: actions.split(' '),
});

/** The answer begins before the engine subscribes us, so ask for what happened since a little earlier. */
const overlapMs = 2_000;
/** What an engine remembers of the time before us tells how it came to what we find; it keeps 256 events at most. */
const pastMs = 3_600_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** An engine leaves events out for a listener that takes so long to hear of one. */
const slowMs = 1_000;
/** A burst is one slow moment, not one for each event. */
const gapAtMostEveryMs = 5_000;

const pastDeadlineMs = 5_000;

interface Past {
  readonly connection: Connection;
  readonly facts: FactSource;
  readonly trail: Trail;
  readonly signal: AbortSignal;
}

export interface Stream extends Past {
  readonly emit: (event: EngineEvent) => void;
  readonly auditEveryMs: number;
}

/** Ends when the signal aborts; throws only what no repetition can cure. */
export async function keepOpen(stream: Stream): Promise<void> {
  const { facts, emit, signal } = stream;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    let wasConnected = false;
    try {
      const { clockOffsetMs } = await facts.read(signal);
      const connectedAt = Date.now();
      const since = engineSeconds(connectedAt - pastMs, clockOffsetMs);
      const answer = await openEvents(stream.connection, { since, filters }, signal);
      answer.socket.setKeepAlive(true, 30_000);
      wasConnected = true;
      emit({ kind: 'connected' });
      await listenTo(answer, { ...stream, clockOffsetMs, connectedAt });
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

/** Reads what the engine remembers into the trail, and returns. An engine that does not tell keeps nobody from looking. */
export async function readPast({ connection, facts, trail, signal }: Past): Promise<void> {
  const { clockOffsetMs } = await facts.read(signal);
  const now = Date.now();
  const period = { fromMs: now - pastMs, toMs: now, clockOffsetMs, signal };
  try {
    for await (const line of pastLines(connection, period)) trail.add(line);
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
  }
}

interface Open extends Stream {
  readonly clockOffsetMs: number;
  readonly connectedAt: number;
}

/** Until the answer ends, or until asking whether it is whole shows that it is not to be trusted any more. */
async function listenTo(answer: IncomingMessage, open: Open): Promise<void> {
  const ended = new AbortController();
  const auditing = keepAuditing({ ...open, signal: AbortSignal.any([open.signal, ended.signal]) }).catch(
    () => void answer.destroy(),
  );
  try {
    await deliver(answer, open);
  } finally {
    ended.abort();
    await auditing;
  }
}

async function deliver(
  answer: IncomingMessage,
  { trail, emit, clockOffsetMs, connectedAt }: Open,
): Promise<void> {
  let gapAt = 0;
  for await (const text of readLines(answer)) {
    const line = readEventLine(text, clockOffsetMs);
    trail.add(line);
    const at = line.told?.at ?? Date.now();
    // Older ones are for the trail only: what they led to is in the first list.
    if (line.event !== null && at >= connectedAt - overlapMs) emit(line.event);
    const now = Date.now();
    if (at <= connectedAt || now - at < slowMs || now - gapAt < gapAtMostEveryMs) continue;
    gapAt = now;
    emit({ kind: 'gap' });
  }
}

/** The engine keeps a list of what it told everybody: what is on it and did not reach us was left out. */
async function keepAuditing(open: Open): Promise<void> {
  const { connection, trail, emit, auditEveryMs, clockOffsetMs, signal } = open;
  let fromMs = open.connectedAt;
  while (!signal.aborted) {
    await pause(auditEveryMs, signal);
    if (signal.aborted) return;
    // What is on its way still may take its time.
    const toMs = Date.now() - overlapMs;
    if (toMs <= fromMs) continue;
    const missed: EventLine[] = [];
    for await (const line of pastLines(connection, { fromMs, toMs, clockOffsetMs, signal })) {
      if (!trail.has(line)) missed.push(line);
    }
    missed.forEach((line) => trail.add(line));
    if (missed.length > 0) emit({ kind: 'gap' });
    fromMs = toMs;
  }
}

interface Period {
  readonly fromMs: number;
  readonly toMs: number;
  readonly clockOffsetMs: number;
  readonly signal: AbortSignal;
}

async function* pastLines(
  connection: Connection,
  { fromMs, toMs, clockOffsetMs, signal }: Period,
): AsyncIterable<EventLine> {
  const since = engineSeconds(fromMs, clockOffsetMs);
  const until = engineSeconds(toMs, clockOffsetMs);
  const answer = await openEvents(connection, { since, until, filters }, signal);
  const timer = setTimeout(() => answer.destroy(silence()), pastDeadlineMs);
  try {
    for await (const text of readLines(answer)) yield readEventLine(text, clockOffsetMs);
  } finally {
    clearTimeout(timer);
  }
}

function silence(): SyncError {
  return new SyncError(
    'EngineUnreachable',
    'The engine did not tell what happened lately; it is asked again.',
  );
}

function engineSeconds(atMs: number, clockOffsetMs: number): string {
  return ((atMs - clockOffsetMs) / 1000).toFixed(3);
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
