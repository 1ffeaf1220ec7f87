export interface Stop {
  /** Aborts at the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  release(): void;
}

export interface StopOptions {
  /** Says what is waited for. */
  readonly onFirst: (signal: NodeJS.Signals) => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What a shell reports of a command that Ctrl-C ended. */
const interrupted = 130;

/** The first signal asks for an orderly end, the second ends the process where it stands. */
export function listenForStop({ onFirst }: StopOptions): Stop {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(interrupted);
    controller.abort();
    onFirst(signal);
  };
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    release() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
