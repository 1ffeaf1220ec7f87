import { setTimeout as delay } from 'node:timers/promises';
import type { SyncError } from '../../model/error.ts';
import { endOrphan } from './orphan.ts';
import { serverFailure, startServer, type Server, type ServerEnd, type ServerOptions } from './server.ts';

export interface KeeperOptions extends Omit<ServerOptions, 'onEnd'> {
  /** The server ended without having been asked to, and is being started again. */
  readonly onTrouble: (error: SyncError) => void;
  /** It runs again. */
  readonly onRecovery: (message: string) => void;
  /** It cannot be kept up. Called once, and nothing is tried any more. */
  readonly onFailure: (error: SyncError) => void;
}

/** Before the first, second, … start in a row; one more death within this time is the last. */
const pausesMs = [0, 500, 1_000, 3_000, 6_000];
const inARowMs = 10 * 60_000;

const byItself = 'it is started again by itself, and what it had acknowledged is recovered';
const byHand = 'start Plimsoll again once the reason is mended';

/** A database server that is started again whenever it ends by itself. */
export class KeptServer {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  #server: Server | null = null;
  #restart = Promise.resolve();
  #endedAt: readonly number[] = [];

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Returns once it accepts connections, or throws; only a server that ran once is started again. */
  async start(): Promise<void> {
    const end = await this.#begin();
    if (end !== null) throw serverFailure(this.#options.dataDirectory, end, byHand);
  }

  /** Of the server that was started last. */
  get processId(): number {
    return this.#server?.processId ?? 0;
  }

  /** Resolves at once, or when the start that is under way has come to an end, whichever. */
  ready(): Promise<void> {
    return this.#restart;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restart;
    await this.#server?.stop();
  }

  async #begin(): Promise<ServerEnd | null> {
    const started = await startServer({ ...this.#options, onEnd: (end) => this.#goOn(end) });
    if ('how' in started) return started;
    this.#server = started;
    return null;
  }

  #goOn(end: ServerEnd): void {
    if (this.#stopping.signal.aborted) return;
    const { dataDirectory, onTrouble, onFailure } = this.#options;
    const now = Date.now();
    this.#endedAt = [...this.#endedAt.filter((at) => now - at < inARowMs), now];
    const pauseMs = pausesMs[this.#endedAt.length - 1];
    if (pauseMs === undefined) {
      const how = `${end.how}, ${this.#endedAt.length} times within ten minutes`;
      return onFailure(serverFailure(dataDirectory, { ...end, how }, byHand));
    }
    onTrouble(serverFailure(dataDirectory, end, byItself));
    this.#restart = this.#startAgain(pauseMs);
  }

  /** Its backends live on for a moment and its process id stands written down: both are waited out and cleared. */
  async #startAgain(pauseMs: number): Promise<void> {
    try {
      await delay(pauseMs, undefined, { signal: this.#stopping.signal });
      await endOrphan(this.#options.dataDirectory);
      const end = await this.#begin();
      if (end !== null) return this.#goOn(end);
      this.#options.onRecovery('The embedded database answers again.');
    } catch (error) {
      const how = `could not be started (${error instanceof Error ? error.message : String(error)})`;
      this.#goOn({ how, lastWords: '' });
    }
  }
}
