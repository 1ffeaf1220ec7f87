import { setMaxListeners } from 'node:events';

/** Calls `listener` when the signal aborts. Returns the way to stop that. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  // Many calls hang on one signal at once: Node would take that for a leak.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Ends early, without an error, when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const forget = onAbort(signal, end);
  });
}
