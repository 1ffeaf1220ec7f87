import type { Connection } from './connection.ts';
import { listContainers, listContainersById } from './container-calls.ts';
import { breaksTrust } from './event-line.ts';
import type { EventFeed } from './events.ts';
import { isSameItem } from './list-item.ts';
import { listNetworks, listVolumes } from './resource-calls.ts';
import type { ContainerListItem, NetworkAnswer, VolumeAnswer } from './wire.ts';

/** What an engine lists. An item is the same object for as long as nothing in it changes, and so is the whole. */
export interface Lists {
  /** By id. */
  readonly containers: ReadonlyMap<string, ContainerListItem>;
  readonly networks: readonly NetworkAnswer[];
  readonly volumes: readonly VolumeAnswer[];
}

export interface ListReader {
  /** One at a time. */
  read(options: ReadOptions): Promise<Lists>;
  /** Something happened to it, or is about to: it is asked for again. */
  touchContainer(id: string): void;
  touchResources(kind: 'network' | 'volume'): void;
}

export interface ReadOptions {
  /** What the events told is enough, where an unbroken stream told it. */
  readonly mayRecall: boolean;
  readonly signal: AbortSignal;
}

/** With more than this many to ask for, the whole list is cheaper. */
const mostByIdAtOnce = 100;

interface Memory {
  readonly lists: Lists;
  /** On the logical clock. */
  readonly begunAt: number;
  /** When the value was made, whichever read has confirmed it since. */
  readonly madeAtMs: number;
}

/** Nothing is the same for ever: what neither lists nor events tell is asked for again after so long. */
const longestSameMs = 3_600_000;

/**
 * Three calls read everything. A stack that looks at itself need not pay for ten thousand others: while the event stream
 * is whole, only what it named is listed again. Whoever must be certain reads everything; the sweep does.
 */
export function createListReader(connection: Connection, feed: EventFeed): ListReader {
  const touched = new Map<string, number>();
  const resources = { network: 0, volume: 0 };
  let tick = 0;
  let brokenAt = 0;
  let memory: Memory | null = null;

  const touchContainer = (id: string): void => void touched.set(id, ++tick);
  const touchResources = (kind: 'network' | 'volume'): void => void (resources[kind] = ++tick);
  feed.listen((event) => {
    if (breaksTrust(event)) brokenAt = ++tick;
    if (event.kind === 'container') touchContainer(event.id);
    if (event.kind === 'resource') touchResources(event.of);
  });

  const forgetTouches = (begunAt: number): void => {
    for (const [id, at] of touched) if (at <= begunAt) touched.delete(id);
  };
  const remember = (lists: Lists, begunAt: number): Lists => {
    const isSame = memory?.lists === lists;
    memory = { lists, begunAt, madeAtMs: isSame ? (memory?.madeAtMs ?? 0) : Date.now() };
    forgetTouches(begunAt);
    return lists;
  };
  /** Nothing was told of and nothing was missed since, so that equal lists stand for equal containers. */
  const isQuiet = ({ begunAt, madeAtMs }: Memory): boolean =>
    feed.isLive() &&
    begunAt > brokenAt &&
    touched.size === 0 &&
    Math.max(resources.network, resources.volume) <= begunAt &&
    Date.now() - madeAtMs < longestSameMs;

  const readAll = async (signal: AbortSignal): Promise<Lists> => {
    const begunAt = ++tick;
    const [containers, networks, volumes] = await Promise.all([
      listContainers(connection, signal),
      listNetworks(connection, signal),
      listVolumes(connection, {}, signal),
    ]);
    const lists = { containers: merge(memory?.lists, containers), networks, volumes };
    const isSame = memory !== null && isQuiet(memory) && isSameLists(memory.lists, lists);
    return remember(isSame && memory !== null ? memory.lists : lists, begunAt);
  };

  const readTouched = async ({ lists, begunAt: since }: Memory, signal: AbortSignal): Promise<Lists> => {
    const ids = [...touched.keys()];
    const begunAt = ++tick;
    const [listed, networks, volumes] = await Promise.all([
      ids.length > 0 ? listContainersById(connection, ids, signal) : [],
      resources.network > since ? listNetworks(connection, signal) : lists.networks,
      resources.volume > since ? listVolumes(connection, {}, signal) : lists.volumes,
    ]);
    const containers = patch(lists, ids, listed);
    return remember({ containers, networks, volumes }, begunAt);
  };

  return {
    async read({ mayRecall, signal }) {
      const isTold = mayRecall && feed.isLive() && memory !== null && memory.begunAt > brokenAt;
      if (!isTold || memory === null || touched.size > mostByIdAtOnce) return readAll(signal);
      return isQuiet(memory) ? memory.lists : readTouched(memory, signal);
    },
    touchContainer,
    touchResources,
  };
}

function isSameLists(left: Lists, right: Lists): boolean {
  if (left.containers.size !== right.containers.size) return false;
  for (const [id, item] of right.containers) if (left.containers.get(id) !== item) return false;
  return isSameText(left.networks, right.networks) && isSameText(left.volumes, right.volumes);
}

function isSameText(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function merge(
  before: Lists | undefined,
  listed: readonly ContainerListItem[],
): ReadonlyMap<string, ContainerListItem> {
  return new Map(listed.map((item) => [item.Id, sameOr(before?.containers.get(item.Id), item)]));
}

/** Of those that were asked for, the ones that did not come back are gone. */
function patch(
  { containers }: Lists,
  ids: readonly string[],
  listed: readonly ContainerListItem[],
): ReadonlyMap<string, ContainerListItem> {
  const patched = new Map(containers);
  const found = new Map(listed.map((item) => [item.Id, item]));
  for (const id of ids) {
    const item = found.get(id);
    if (item === undefined) patched.delete(id);
    else patched.set(id, sameOr(containers.get(id), item));
  }
  return patched;
}

function sameOr(before: ContainerListItem | undefined, item: ContainerListItem): ContainerListItem {
  return before !== undefined && isSameItem(before, item) ? before : item;
}
