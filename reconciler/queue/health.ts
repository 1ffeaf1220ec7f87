import { SyncError } from '../model/error.ts';

export interface QueueHealthOptions {
  /** The server's address as it may be shown. */
  readonly shown: string;
  /** Told once when the server is lost, however often it is missed. */
  readonly onTrouble: (error: SyncError) => void;
  /** Told when it answers again after that. */
  readonly onRecovery: (message: string) => void;
}

/** Whether a queue's server answers, told when it changes and not before. */
export interface QueueHealth {
  readonly failed: (cause: unknown) => void;
  readonly answered: () => void;
}

export function createHealth({ shown, onTrouble, onRecovery }: QueueHealthOptions): QueueHealth {
  let isLost = false;
  return {
    failed(cause) {
      if (isLost) return;
      isLost = true;
      onTrouble(queueUnreachable(shown, cause));
    },
    answered() {
      if (!isLost) return;
      isLost = false;
      onRecovery(`The queue server ${shown} answers again.`);
    },
  };
}

export function queueUnreachable(shown: string, cause: unknown): SyncError {
  const why = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  return new SyncError(
    'QueueUnreachable',
    `The queue server ${shown} cannot be used (${why}); this process finds its work in the database meanwhile. ` +
      'Check that the server runs and that `queue.url` is right.',
    { cause, data: { queue: shown } },
  );
}
