// A Plimsoll that is killed in the middle, as a process of its own: no handler runs, no file is closed.
import type { Store } from '../../reconciler/model/ports.ts';
import { lookAtSources, runDue } from './loops.ts';
import { connectTestWorld, type TestWorldOptions } from './test-world.ts';

export interface DoomedOptions extends Omit<TestWorldOptions, 'notify'> {
  /** It dies in place of this one of the writes that matter, counted from 1; null: it lives. */
  readonly diesAtWrite: number | null;
}

/** One before the plan, one for each step that was done, and those that come after. */
const boundaries: ReadonlySet<keyof Store> = new Set([
  'registerStacks',
  'requestSync',
  'lease',
  'beginSync',
  'recordPlan',
  'recordEvent',
  'recordInventory',
  'recordStable',
  'finishSync',
  'recordStatus',
  'releaseLease',
]);

const { diesAtWrite, ...options } = JSON.parse(process.argv[2] ?? '{}') as DoomedOptions;
const connected = await connectTestWorld({ ...options, notify: () => undefined });
const store = mortalStore(connected.world.store, diesAtWrite);
const doomed = { ...connected.world, store };
await lookAtSources(doomed);
await runDue(doomed);
await connected.close();

/** A write lies between two steps, or between a step and what is remembered of it. */
function mortalStore(store: Store, diesAt: number | null): Store {
  let writes = 0;
  const count = (): void => {
    writes += 1;
    if (writes === diesAt) process.kill(process.pid, 'SIGKILL');
  };
  return new Proxy(store, {
    get(target, key: keyof Store) {
      if (key === 'recordEvent') return recordEvent;
      if (boundaries.has(key)) count();
      return target[key];
    },
  });

  /** That a step begins is written while it runs: only its end is a boundary. */
  function recordEvent(...[syncId, event]: Parameters<Store['recordEvent']>): Promise<void> {
    if (event.kind !== 'stepStarted' && event.kind !== 'stepProgress') count();
    return store.recordEvent(syncId, event);
  }
}
