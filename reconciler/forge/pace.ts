import { setTimeout as sleep } from 'node:timers/promises';
import { rateLimited } from './failure.ts';

/** A header's value by its name in lower case. */
export type Header = (name: string) => string | undefined;

export interface PaceOptions {
  readonly forge: string;
  /** Between two requests that change something: GitHub asks for a second. */
  readonly writeGapMs: number;
}

/** How long to leave a forge alone that says "too many" without saying until when. */
const unsaidPauseMs = 60_000;
const longestPauseMs = 3_600_000;

/** Keeps to what a forge says of its limits: while it asks for a pause, no request is even sent. */
export class Pace {
  readonly #options: PaceOptions;
  #closedUntil = 0;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Throws ForgeRateLimited while the forge wants to be left alone. */
  assertOpen(): void {
    const waitMs = this.#closedUntil - Date.now();
    if (waitMs > 0) throw rateLimited(this.#options.forge, waitMs);
  }

  /** After each answer: remembers that nothing is left, until it is given back. */
  heed(header: Header): void {
    const remaining = header('x-ratelimit-remaining') ?? header('ratelimit-remaining');
    if (remaining === '0') this.#closeUntil(resetAt(header) ?? Date.now() + unsaidPauseMs);
  }

  /** After an answer that says "too many". Never returns. */
  refuse(header: Header): never {
    const after = Number(header('retry-after'));
    const until =
      after > 0 ? Date.now() + after * 1000 : (this.#spentUntil(header) ?? Date.now() + unsaidPauseMs);
    this.#closeUntil(until);
    throw rateLimited(this.#options.forge, Math.max(0, this.#closedUntil - Date.now()));
  }

  /** Requests that change something go one after another. */
  inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#lastWrite.then(work);
    const gap = (): Promise<void> => sleep(this.#options.writeGapMs, undefined, { signal, ref: false });
    this.#lastWrite = turn.then(gap, gap).catch(() => undefined);
    return turn;
  }

  #spentUntil(header: Header): number | null {
    const remaining = header('x-ratelimit-remaining') ?? header('ratelimit-remaining');
    return remaining === '0' ? resetAt(header) : null;
  }

  #closeUntil(at: number): void {
    this.#closedUntil = Math.min(Math.max(this.#closedUntil, at), Date.now() + longestPauseMs);
  }
}

/** Seconds since the epoch, as GitHub, GitLab and Gitea write it. */
function resetAt(header: Header): number | null {
  const seconds = Number(header('x-ratelimit-reset') ?? header('ratelimit-reset'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}
