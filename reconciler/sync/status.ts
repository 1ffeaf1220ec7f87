import type { Name } from '../model/ids.ts';
import type { Notifier } from '../model/notice.ts';
import type { Store } from '../model/ports.ts';
import type { StackStatus } from '../model/status.ts';

/** The latest status of each stack, written to the store only when something in it moved. */
export interface Statuses {
  get(stack: Name): StackStatus | null;
  all(): readonly StackStatus[];
  publish(status: StackStatus): Promise<void>;
  /** The stack is history only; the store knows it already. */
  forget(stack: Name): void;
}

/** Starts from what an earlier process left, so that `since` and the last sync survive a restart. */
export async function createStatuses(store: Store, notifier: Notifier): Promise<Statuses> {
  const byStack = new Map((await store.statuses()).map((status) => [status.stack, status]));
  return {
    get: (stack) => byStack.get(stack) ?? null,
    all: () => [...byStack.values()],
    async publish(status) {
      const previous = byStack.get(status.stack);
      byStack.set(status.stack, status);
      if (previous !== undefined && essence(previous) === essence(status)) return;
      await store.recordStatus(status);
      notifier.notify({ kind: 'statusChanged', status });
    },
    forget(stack) {
      if (byStack.delete(stack)) notifier.notify({ kind: 'stackGone', stack });
    },
  };
}

/** Everything but the time of looking, which moves with each pass and is worth no write. */
function essence(status: StackStatus): string {
  return JSON.stringify({ ...status, lastCheckedAt: null });
}
