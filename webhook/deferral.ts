import { describeHint, type Hint } from '../reconciler/model/hint.ts';
import type { Receiver } from '../reconciler/model/receiver.ts';

/** Hints of repositories from which more came than they may: looked at together a little later, so that none is lost. */
export interface Deferral {
  defer(receiver: Receiver, hint: Hint): void;
  close(): Promise<void>;
}

export interface DeferralOptions {
  readonly afterMs: number;
  readonly receive: (receiver: Receiver, hint: Hint) => Promise<void>;
  readonly onBug: (error: unknown) => void;
}

/** What differs in the commit only is one hint: the newest. */
const mostHints = 1_000;

interface Deferred {
  readonly receiver: Receiver;
  readonly hint: Hint;
}

export function createDeferral({ afterMs, receive, onBug }: DeferralOptions): Deferral {
  let waiting = new Map<string, Deferred>();
  let timer: NodeJS.Timeout | null = null;
  let running = Promise.resolve();

  function flush(): void {
    timer = null;
    const deferred = [...waiting.values()];
    waiting = new Map();
    running = running.then(() => receiveAll(deferred)).catch(onBug);
  }

  async function receiveAll(deferred: readonly Deferred[]): Promise<void> {
    for (const { receiver, hint } of deferred) await receive(receiver, hint);
  }

  return {
    defer(receiver, hint) {
      const key = `${receiver.name} ${hint.kind === 'push' ? `${hint.repository.path} ${hint.ref}` : describeHint(hint)}`;
      if (waiting.size < mostHints || waiting.has(key)) waiting.set(key, { receiver, hint });
      timer ??= setTimeout(flush, afterMs);
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      flush();
      await running;
    },
  };
}
