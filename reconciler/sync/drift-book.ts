import { driftKey, type DriftInterval } from '../model/drift.ts';
import type { Name } from '../model/ids.ts';
import type { Notifier } from '../model/notice.ts';
import type { Store } from '../model/ports.ts';
import { isNoNews, recordLook, type DriftLook, type DriftNews } from '../plan/drift-record.ts';
import type { DriftMemory } from '../plan/plan.ts';

/** The drift that is open, and what was healed lately: in memory, so that a look which finds nothing new asks nobody. */
export interface DriftBook {
  memory(stack: Name): Pick<DriftMemory, 'open' | 'heals'>;
  open(): readonly DriftInterval[];
  /** Writes down what a look found, and tells it. */
  record(look: Omit<DriftLook, 'open'>): Promise<void>;
}

/** Longer than the back-off looks back through waits of its own. */
const rememberHealsMs = 3_600_000;

/** Starts from what an earlier process left: neither a drift nor the back-off begins anew with a restart. */
export async function createDriftBook(
  { store, notifier }: { readonly store: Store; readonly notifier: Notifier },
  now: number,
): Promise<DriftBook> {
  const open = new Map<Name, ReadonlyMap<string, DriftInterval>>();
  const healed = new Map<Name, readonly DriftInterval[]>();
  for (const interval of await store.openDrift()) put(open, interval);
  for (const interval of await store.healedDrift(now - rememberHealsMs)) {
    healed.set(interval.stack, [...(healed.get(interval.stack) ?? []), interval]);
  }
  const openOf = (stack: Name): readonly DriftInterval[] => [...(open.get(stack)?.values() ?? [])];
  const keep = (stack: Name, news: DriftNews, since: number): void => {
    for (const interval of [...news.opened, ...news.changed]) put(open, interval);
    const closed = new Set(news.closed.map(driftKey));
    const left = [...(open.get(stack) ?? [])].filter(([key]) => !closed.has(key));
    open.set(stack, new Map(left));
    const heals = [...(healed.get(stack) ?? []), ...news.closed.filter(({ end }) => end === 'healed')];
    healed.set(
      stack,
      heals.filter(({ closedAt }) => closedAt !== null && closedAt >= since),
    );
  };
  // One after the other: a look at a stack ends in the record before the next one is compared with it.
  let last: Promise<unknown> = Promise.resolve();
  const record = async (look: Omit<DriftLook, 'open'>): Promise<void> => {
    const news = recordLook({ ...look, open: openOf(look.stack) });
    if (isNoNews(news)) return;
    await store.recordDrift([...news.opened, ...news.changed, ...news.closed]);
    keep(look.stack, news, look.now - rememberHealsMs);
    for (const interval of news.opened) notifier.notify({ kind: 'driftOpened', stack: look.stack, interval });
    for (const interval of news.closed) notifier.notify({ kind: 'driftClosed', stack: look.stack, interval });
  };
  return {
    memory: (stack) => ({ open: openOf(stack), heals: healed.get(stack) ?? [] }),
    open: () => [...open.keys()].flatMap(openOf),
    record(look) {
      const recorded = last.then(() => record(look));
      last = recorded.catch(() => undefined);
      return recorded;
    },
  };
}

function put(open: Map<Name, ReadonlyMap<string, DriftInterval>>, interval: DriftInterval): void {
  open.set(interval.stack, new Map([...(open.get(interval.stack) ?? []), [driftKey(interval), interval]]));
}
