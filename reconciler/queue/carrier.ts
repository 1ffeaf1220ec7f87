/**
 * A server that hands keys from process to process. It may go away at any time: every promise here settles soon,
 * whatever the server does, since whoever waits has other ways to find the work.
 */
export interface Carrier {
  /** Rejects when the server cannot be told now. A key waits at most once, and once more while it is worked on. */
  add(key: string): Promise<void>;
  /** Hands keys to `take` until it is closed: at most `concurrency` at once, and no key to two at a time. */
  receive(take: Take, concurrency: number): Receiver;
  close(): Promise<void>;
}

/** Resolves once the key has been worked on or put back; it must not reject. */
export type Take = (key: string) => Promise<void>;

export interface Receiver {
  /** Takes nothing new, and resolves when the server knows of all that was taken, or cannot be told. */
  close(): Promise<void>;
}
