import type { SyncEvent, SyncRecord } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Notice } from '../model/notice.ts';
import { createBell } from '../sync/bell.ts';
import type { World } from '../sync/world.ts';

export interface FollowOptions {
  readonly onNotice: (notice: Notice) => void;
  readonly signal: AbortSignal;
}

export interface Following {
  /** Resolves when each of the stacks has come to the end of a sync that was asked for by hand and began since. */
  toEnd(): Promise<void>;
}

/** Beside the news, which may be lost. */
const lookEveryMs = 2_000;
/** Between two looks there are seldom more than the one that set this off and the one that was asked for. */
const mostSyncs = 5;

/**
 * Tells what happens to stacks from now on, whichever process works on them: the syncs are read from the store. One
 * that was running already is told of, and is not what is waited for.
 */
export async function followSyncs(
  world: World,
  stacks: readonly Name[],
  { onNotice, signal }: FollowOptions,
): Promise<Following> {
  const awaited = new Map<Name, Follower>();
  for (const stack of stacks) awaited.set(stack, await createFollower(world, stack, onNotice));
  return {
    async toEnd() {
      const bell = createBell(world.clock);
      const unsubscribe = world.news.subscribe((news) => {
        if (news.kind === 'missed' || (news.kind === 'sync' && awaited.has(news.stack))) bell.ring();
      });
      try {
        while (!signal.aborted) {
          await lookAtEach(awaited);
          if (awaited.size === 0) return;
          await bell.rest(lookEveryMs, signal);
        }
      } finally {
        unsubscribe();
      }
    },
  };
}

/** Tells what is new; true when the awaited sync has ended. */
type Follower = () => Promise<boolean>;

async function lookAtEach(awaited: Map<Name, Follower>): Promise<void> {
  for (const [stack, look] of awaited) if (await look()) awaited.delete(stack);
}

async function createFollower(
  world: World,
  stack: Name,
  onNotice: (notice: Notice) => void,
): Promise<Follower> {
  const told = new Map<string, Telling>();
  const { syncs } = await world.store.history({ stack, limit: 1 });
  const last = syncs[0] ?? null;
  const lastId = Number(last?.id ?? 0);
  return async () => {
    const newest = await world.store.history({ stack, limit: mostSyncs });
    const recent = newest.syncs.toReversed().filter(({ id }) => Number(id) > lastId || isOpen(id));
    let hasEnded = false;
    for (const sync of recent) {
      const before = told.get(sync.id) ?? { events: 0, hasEnded: false };
      if (before.hasEnded) continue;
      const events = await world.store.events(sync.id);
      for (const notice of noticesOf(sync, events, before)) onNotice(notice);
      told.set(sync.id, { events: events.length, hasEnded: sync.outcome !== null });
      if (sync.outcome !== null && sync.trigger === 'manual' && sync.id !== last?.id) hasEnded = true;
    }
    return hasEnded;
  };

  function isOpen(id: string): boolean {
    return id === last?.id && last.outcome === null;
  }
}

interface Telling {
  readonly events: number;
  readonly hasEnded: boolean;
}

/** As the process that runs it tells them: a plan that was only looked at is none. */
function noticesOf(sync: SyncRecord, events: readonly SyncEvent[], before: Telling): readonly Notice[] {
  const { stack, trigger, to: commit, plan, outcome, summary, startedAt, finishedAt } = sync;
  const isNew = before.events === 0 && events.length > 0;
  return [
    ...(isNew && plan !== null ? [{ kind: 'syncPlanned', stack, trigger, commit, plan } as const] : []),
    ...events.slice(before.events).map((event) => ({ kind: 'syncProgress', stack, event }) as const),
    ...(outcome === null
      ? []
      : [
          {
            kind: 'syncFinished',
            stack,
            trigger,
            outcome,
            summary,
            durationMs: (finishedAt ?? startedAt) - startedAt,
          } as const,
        ]),
  ];
}
