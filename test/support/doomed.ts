// A Plimsoll that is killed in the middle, as a process of its own: no handler runs, no file is closed.
import type { Store } from '../../reconciler/model/ports.ts';
import { lookAtSources, runDue } from './loops.ts';
import { connectTestWorld, type TestWorldOptions } from './test-world.ts';

export interface DoomedOptions extends Omit<TestWorldOptions, 'notify'> {
  /** It dies in place of this write to the store, counted from 1; null: it lives. */
  readonly diesAtWrite: number | null;
}

const reads: ReadonlySet<string> = new Set([
  'close',
  'contents',
  'dueStacks',
  'events',
  'history',
  'holds',
  'inventory',
  'nextDueAt',
  'recentOutcomes',
  'stableServices',
  'statuses',
  'sync',
]);

const { diesAtWrite, ...options } = JSON.parse(process.argv[2] ?? '{}') as DoomedOptions;
const connected = await connectTestWorld({ ...options, notify: () => undefined });
const store = mortalStore(connected.world.store, diesAtWrite);
const doomed = { ...connected.world, store };
await lookAtSources(doomed);
await runDue(doomed);
await connected.close();

/** Each write of the store lies between two steps, or between a step and what is remembered of it. */
function mortalStore(store: Store, diesAt: number | null): Store {
  let writes = 0;
  return new Proxy(store, {
    get(target, key: keyof Store) {
      if (!reads.has(key)) writes += 1;
      if (writes === diesAt) process.kill(process.pid, 'SIGKILL');
      return target[key];
    },
  });
}
