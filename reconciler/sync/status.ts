import type { Name } from '../model/ids.ts';
import type { Notifier } from '../model/notice.ts';
import type { LeaseState, Store } from '../model/ports.ts';
import type { StackStatus } from '../model/status.ts';

/** The latest status of each stack, written to the store only when something in it moved. */
export interface Statuses {
  get(stack: Name): StackStatus | null;
  all(): readonly StackStatus[];
  publish(status: StackStatus): Promise<void>;
  /** It was looked at, and everything is as it was. */
  confirm(stack: Name, at: number): void;
  /** Reads again what other processes recorded of these stacks, or of all. */
  refresh(stacks?: readonly Name[]): Promise<void>;
  /** The same for the stacks that anybody began to sync since the last call. */
  keepUp(leases: ReadonlyMap<Name, LeaseState>): Promise<void>;
  /** The stack is history only; the store knows it already. */
  forget(stack: Name): void;
}

/** Starts from what an earlier process left, so that `since` and the last sync survive a restart. */
export async function createStatuses(store: Store, notifier: Notifier): Promise<Statuses> {
  const byStack = new Map((await store.statuses()).map((status) => [status.stack, status]));
  /** Counts what this process published, so that nothing that was read before that replaces it. */
  const published = new Map<Name, number>();
  const seenLeases = new Map<Name, number>();

  async function refresh(stacks?: readonly Name[]): Promise<void> {
    const before = new Map(published);
    const isOurs = (stack: Name): boolean => published.get(stack) !== before.get(stack);
    const read = new Map((await store.statuses(stacks)).map((status) => [status.stack, status]));
    for (const status of read.values()) if (!isOurs(status.stack)) adopt(status);
    for (const stack of stacks ?? [...byStack.keys()]) {
      if (!read.has(stack) && !isOurs(stack)) forget(stack);
    }
  }

  /** The time of the last look is written only together with something else, so that ours may be the later one. */
  function adopt(status: StackStatus): void {
    const known = byStack.get(status.stack);
    if (known !== undefined && essence(known) === essence(status)) return;
    byStack.set(status.stack, status);
    notifier.notify({ kind: 'statusChanged', status });
  }

  function forget(stack: Name): void {
    if (byStack.delete(stack)) notifier.notify({ kind: 'stackGone', stack });
  }

  return {
    get: (stack) => byStack.get(stack) ?? null,
    all: () => [...byStack.values()],
    refresh,
    forget,
    confirm(stack, at) {
      const known = byStack.get(stack);
      if (known !== undefined) byStack.set(stack, { ...known, lastCheckedAt: at });
    },
    async keepUp(leases) {
      const moved = [...leases].filter(([stack, { number }]) => seenLeases.get(stack) !== number);
      if (moved.length === 0) return;
      await refresh(moved.map(([stack]) => stack));
      for (const [stack, { number }] of moved) seenLeases.set(stack, number);
    },
    async publish(status) {
      const previous = byStack.get(status.stack);
      byStack.set(status.stack, status);
      published.set(status.stack, (published.get(status.stack) ?? 0) + 1);
      if (previous !== undefined && essence(previous) === essence(status)) return;
      await store.recordStatus(status);
      notifier.notify({ kind: 'statusChanged', status });
    },
  };
}

/** Everything but the time of looking, which moves with each pass and is worth no write. */
function essence(status: StackStatus): string {
  return JSON.stringify({ ...status, lastCheckedAt: null });
}
