import { isSyncError, type SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import { withLiveConfigs } from './config-live.ts';
import type { Connection } from './connection.ts';
import { inspectContainer } from './container-calls.ts';
import { readContainer, type InspectedContainer, type Reader } from './container.ts';
import type { Corrections } from './corrections.ts';
import { statusOf } from './errors.ts';
import { breaksTrust } from './event-line.ts';
import type { EventFeed } from './events.ts';
import { healthOf, nameOf } from './list-item.ts';
import type { ListReader } from './lists.ts';
import { mapLimited } from './pool.ts';
import type { ContainerListItem } from './wire.ts';

/**
 * The details of containers, asked once and kept for as long as nothing happens to them. Two things tell when something
 * does: the events of the engine, which may be lost, and the list, which shows less. Without a live event stream
 * nothing is kept.
 */
export interface Informer {
  details(
    listed: readonly ContainerListItem[],
    options: { readonly reader: Reader; readonly signal: AbortSignal },
  ): Promise<Details>;
  /** What was last known of a container of ours, stale or not. */
  lastKnown(id: string): InspectedContainer | null;
  /** Something happened to it, or is about to. */
  invalidate(id: string): void;
  /** This process made it ready to start: its config files are in place. */
  notePrepared(id: string): void;
  /** Stacks of all containers that were last known. */
  stacks(): readonly Name[];
}

/** By id. A container that vanishes in between, or turns out not to be ours, is not among them. */
export interface Details {
  readonly found: ReadonlyMap<string, InspectedContainer>;
  /** What the engine said of the others: it knows them and does not tell how they are. */
  readonly unread: ReadonlyMap<string, SyncError>;
}

interface Entry {
  readonly inspected: InspectedContainer;
  /** The list's at the time: another object when something in it has changed since. */
  readonly item: ContainerListItem;
}

const inspectsAtOnce = 8;
/** An engine drops events for a listener that was slow, without a word: so nothing is believed for ever. */
const longestTrustMs = 3_600_000;

export interface InformerOptions {
  readonly connection: Connection;
  readonly feed: EventFeed;
  readonly lists: ListReader;
  readonly corrections: Corrections;
}

export function createInformer({ connection, feed, lists, corrections }: InformerOptions): Informer {
  const entries = new Map<string, Entry>();
  let known: ReadonlyMap<string, InspectedContainer> = new Map();
  // A logical clock: what was touched after an inspect began must not be kept as fresh.
  const touched = new Map<string, number>();
  const prepared = new Set<string>();
  let tick = 0;
  let clearedAt = 0;
  let trustedUntil = 0;

  const forget = (id: string): void => {
    entries.delete(id);
    touched.set(id, ++tick);
  };
  // The lists hear the events themselves.
  const invalidate = (id: string): void => {
    forget(id);
    lists.touchContainer(id);
  };
  const invalidateAll = (): void => {
    entries.clear();
    touched.clear();
    clearedAt = ++tick;
    trustedUntil = Date.now() + longestTrustMs;
  };
  feed.listen((event) => {
    if (breaksTrust(event)) invalidateAll();
    if (event.kind !== 'container') return;
    forget(event.id);
    if (event.action === 'destroy') touched.delete(event.id);
  });

  const inspect = async (item: ContainerListItem, reader: Reader, signal: AbortSignal) => {
    const began = ++tick;
    const asked = { connection, reader, isPrepared: prepared.has(item.Id), signal };
    const inspected = await inspectTruly(item, asked).catch(asUnread);
    if (isSyncError(inspected)) return [item.Id, inspected] as const;
    if (inspected !== null && !isUnstarted(inspected)) prepared.delete(item.Id);
    const isFresh = (touched.get(item.Id) ?? 0) < began && clearedAt < began && feed.isLive();
    if (inspected !== null && isFresh) entries.set(item.Id, { inspected, item });
    return [item.Id, inspected] as const;
  };

  return {
    async details(listed, { reader, signal }) {
      if (Date.now() > trustedUntil) invalidateAll();
      const freshOf = (item: ContainerListItem) => freshEntry(item, entries.get(item.Id));
      const found = new Map(feed.isLive() ? listed.flatMap(freshOf) : []);
      corrections.found([...entries.keys()].filter((id) => !found.has(id)));
      const stale = listed.filter(({ Id }) => !found.has(Id));
      const asked = await mapLimited(stale, inspectsAtOnce, (item) => inspect(item, reader, signal));
      const unread = divide(asked, found);
      known = found;
      for (const id of entries.keys()) if (!found.has(id)) entries.delete(id);
      return { found, unread };
    },
    lastKnown: (id) => known.get(id) ?? null,
    invalidate,
    notePrepared(id) {
      prepared.add(id);
      invalidate(id);
    },
    stacks: () => stacksOf(known.values()),
  };
}

type Answer = readonly [id: string, answer: InspectedContainer | SyncError | null];

/** Adds what was read to what was found, and returns what was not. */
function divide(answers: readonly Answer[], found: Map<string, InspectedContainer>) {
  const unread = new Map<string, SyncError>();
  for (const [id, answer] of answers) {
    if (isSyncError(answer)) unread.set(id, answer);
    else if (answer !== null) found.set(id, answer);
  }
  return unread;
}

/** One container that an engine cannot tell of says nothing of the engine, nor of any other container. */
function asUnread(error: unknown): SyncError {
  const isOnlyThisOne = isSyncError(error, 'EngineTimedOut') || (statusOf(error) ?? 0) >= 500;
  if (!isSyncError(error) || !isOnlyThisOne) throw error;
  return error;
}

function stacksOf(known: Iterable<InspectedContainer>): readonly Name[] {
  return [...new Set([...known].map(({ container }) => container.ownership.stack))];
}

interface Inspection {
  readonly connection: Connection;
  readonly reader: Reader;
  readonly isPrepared: boolean;
  readonly signal: AbortSignal;
}

/** Null where the container is gone or not ours; with its config files as they are, and not as its labels began. */
async function inspectTruly(
  item: ContainerListItem,
  { connection, reader, isPrepared, signal }: Inspection,
): Promise<InspectedContainer | null> {
  const answer = await inspectOrNull(connection, item, signal);
  const read = answer === null ? null : readContainer(answer, reader);
  if (read === null) return null;
  const proven = isPrepared ? read : withProvenConfigs(read);
  return isReadable(proven) ? withLiveConfigs(connection, proven, signal) : proven;
}

/**
 * The label that tells of config files is written before they are copied. So a container that never ran, and that not
 * this process made ready, proves nothing: a killed one may have left it without them.
 */
function withProvenConfigs(inspected: InspectedContainer): InspectedContainer {
  if (!isUnstarted(inspected) || Object.keys(inspected.configVolumes).length > 0) return inspected;
  const { container } = inspected;
  return { ...inspected, container: { ...container, spec: { ...container.spec, configs: {} } } };
}

/** Whether its files can be looked at, and say something that its labels do not. */
function isReadable(inspected: InspectedContainer): boolean {
  const { status } = inspected.container.state;
  return !isUnstarted(inspected) && status !== 'dead' && status !== 'removing';
}

function isUnstarted({ container: { state } }: InspectedContainer): boolean {
  return state.status === 'created' && state.startedAt === null;
}

async function inspectOrNull(connection: Connection, item: ContainerListItem, signal: AbortSignal) {
  try {
    return await inspectContainer(connection, { id: item.Id, name: nameOf(item) }, signal);
  } catch (error) {
    if (isSyncError(error, 'ContainerVanished')) return null;
    throw error;
  }
}

function freshEntry(
  item: ContainerListItem,
  entry: Entry | undefined,
): readonly (readonly [string, InspectedContainer])[] {
  if (entry?.item !== item) return [];
  const { state } = entry.inspected.container;
  const isHealthKnown = item.State !== 'running' || healthOf(item) === state.health;
  return item.State === state.status && isHealthKnown ? [[item.Id, entry.inspected]] : [];
}
