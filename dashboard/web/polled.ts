import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import { AskError } from './api.ts';
import { isConnected, movedCount } from './live.ts';

/** While the daemon tells of moves by itself, and while it does not. */
const everyMs = { connected: 30_000, alone: 3_000 };

/** When the page last heard of the daemon, and whether it hears now. */
const [heardAt, setHeardAt] = createSignal<number | null>(null);
const [trouble, setTrouble] = createSignal<string | null>(null);

export const picture = { heardAt, trouble };

export interface Polled<Body> {
  /** Null before the first answer. */
  readonly body: Accessor<Body | null>;
  readonly error: Accessor<AskError | null>;
}

/**
 * Asks again and again while the page is looked at, and at once when what it asks for changes. The last answer stays
 * when the daemon cannot be reached; what did not change in a new answer is not drawn anew.
 */
export function createPolled<Body extends object>(question: () => () => Promise<Body>): Polled<Body> {
  const [state, setState] = createStore<{ body: Body | null }>({ body: null });
  const [error, setError] = createSignal<AskError | null>(null);
  createEffect(on(movedCount, () => void askOnce(question(), new AbortController().signal), { defer: true }));
  createEffect(() => {
    const asking = question();
    const stopped = new AbortController();
    setState('body', null);
    void keepAsking(asking, stopped.signal);
    onCleanup(() => stopped.abort());
  });

  async function keepAsking(asking: () => Promise<Body>, stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      if (!document.hidden) await askOnce(asking, stopped);
      await pause(untrack(isConnected) ? everyMs.connected : everyMs.alone, stopped);
    }
  }

  async function askOnce(asking: () => Promise<Body>, stopped: AbortSignal): Promise<void> {
    try {
      const body = await asking();
      if (stopped.aborted) return;
      setState('body', reconcile(body, { merge: true }));
      setError(null);
      setHeardAt(Date.now());
      setTrouble(null);
    } catch (failure) {
      if (stopped.aborted) return;
      if (!(failure instanceof AskError)) throw failure;
      if (failure.code === 'Unreachable') setTrouble(failure.message);
      else setError(failure);
    }
  }

  return { body: () => state.body, error };
}

/** Ends early when nobody waits any more, or when somebody looks again. */
function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopped.addEventListener('abort', end, { once: true });
    document.addEventListener('visibilitychange', end);
  });
}
