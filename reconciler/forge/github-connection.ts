import { App, Octokit, RequestError } from 'octokit';
import { SyncError } from '../model/error.ts';
import type { Secret } from '../model/secret.ts';
import { withAttempts } from './attempts.ts';
import { answerFailure, unreachable } from './failure.ts';
import { Pace, type Header } from './pace.ts';

export type GithubCredentials =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'app'; readonly id: string; readonly privateKey: Secret };

export interface GithubConnectionOptions {
  readonly apiUrl: string;
  readonly credentials: GithubCredentials;
  readonly owner: string;
  readonly repo: string;
  /** Default: the second that GitHub asks for. */
  readonly writeGapMs?: number;
}

/** No answer is waited for longer. */
const deadlineMs = 30_000;

/**
 * GitHub's API for one repository, signed in. Requests that change nothing are repeated when GitHub is away for a
 * moment, those that change something keep the pause that it asks for; every failure is a SyncError.
 */
export class GithubConnection {
  readonly owner: string;
  readonly repo: string;
  readonly #options: GithubConnectionOptions;
  readonly #pace: Pace;
  readonly #display: string;
  #octokit: Promise<Octokit> | null = null;
  #login: Promise<string | null> | null = null;

  constructor(options: GithubConnectionOptions) {
    this.owner = options.owner;
    this.repo = options.repo;
    this.#options = options;
    this.#display = `GitHub at ${new URL(options.apiUrl).host}`;
    this.#pace = new Pace({ forge: this.#display, writeGapMs: options.writeGapMs ?? 1000 });
  }

  /** A request that may be repeated. `what` names it in messages. */
  read<T>(what: string, ask: Ask<T>, signal: AbortSignal): Promise<T> {
    return withAttempts(() => this.#ask(what, ask, signal), signal);
  }

  /** A request that changes something. */
  write<T>(what: string, ask: Ask<T>, signal: AbortSignal): Promise<T> {
    return this.#pace.inTurn(() => this.#ask(what, ask, signal), signal);
  }

  /** The name under which our comments appear; null when the token may not ask. */
  login(signal: AbortSignal): Promise<string | null> {
    this.#login ??= this.#findLogin(signal).catch((error: unknown) => {
      this.#login = null;
      throw error;
    });
    return this.#login;
  }

  async #findLogin(signal: AbortSignal): Promise<string | null> {
    const { credentials } = this.#options;
    if (credentials.kind === 'app') {
      const app = this.#createApp(credentials);
      const { data } = await this.#guard('GET /app', () =>
        app.octokit.request('GET /app', { request: within(signal) }),
      );
      return data === null || !('slug' in data) ? null : `${data.slug ?? ''}[bot]`;
    }
    try {
      return await this.read(
        'GET /user',
        async (octokit, request) => (await octokit.request('GET /user', { request })).data.login,
        signal,
      );
    } catch (error) {
      // The token of a workflow is nobody's.
      if (error instanceof SyncError && error.code === 'ForgeUnauthorized') return null;
      throw error;
    }
  }

  async #ask<T>(what: string, ask: Ask<T>, signal: AbortSignal): Promise<T> {
    this.#pace.assertOpen();
    const octokit = await this.#signIn(signal);
    return this.#guard(what, () => ask(octokit, within(signal)));
  }

  async #guard<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SyncError) throw error;
      throw this.#failure(what, error);
    }
  }

  #failure(what: string, error: unknown): SyncError {
    if (!(error instanceof RequestError) || error.response === undefined) {
      return unreachable(this.#display, what, error);
    }
    const { status, response } = error;
    const header: Header = (name) => textOf(response.headers[name]);
    const message = messageOf(response.data);
    if (isRateLimit(status, message, header)) this.#pace.refuse(header);
    return answerFailure({ forge: this.#display, what, status, message, cause: error });
  }

  #signIn(signal: AbortSignal): Promise<Octokit> {
    this.#octokit ??= this.#createOctokit(signal).catch((error: unknown) => {
      this.#octokit = null;
      throw error;
    });
    return this.#octokit;
  }

  async #createOctokit(signal: AbortSignal): Promise<Octokit> {
    const { credentials } = this.#options;
    const octokit =
      credentials.kind === 'token'
        ? new (this.#octokitClass())({ auth: credentials.token.reveal() })
        : await this.#signInAsApp(this.#createApp(credentials), signal);
    octokit.hook.after('request', (response) => this.#pace.heed((name) => textOf(response.headers[name])));
    return octokit;
  }

  async #signInAsApp(app: App, signal: AbortSignal): Promise<Octokit> {
    const { owner, repo } = this;
    const what = `GET /repos/${owner}/${repo}/installation`;
    const { data } = await this.#guard(what, () =>
      app.octokit.request('GET /repos/{owner}/{repo}/installation', { owner, repo, request: within(signal) }),
    );
    return app.getInstallationOctokit(data.id);
  }

  #createApp({ id, privateKey }: Extract<GithubCredentials, { readonly kind: 'app' }>): App {
    try {
      return new App({ appId: id, privateKey: privateKey.reveal(), Octokit: this.#octokitClass() });
    } catch (cause) {
      throw new SyncError(
        'ConfigInvalid',
        'The private key of the GitHub App cannot be used; give the PEM file as GitHub made it.',
        { cause },
      );
    }
  }

  /** Waiting and repeating are ours: a worker is not held while GitHub asks for a pause. */
  #octokitClass() {
    return Octokit.defaults({
      baseUrl: this.#options.apiUrl,
      userAgent: 'plimsoll',
      throttle: { enabled: false },
      retry: { enabled: false },
      log: silent,
    });
  }
}

/** `request` belongs to the parameters of what is asked: it carries the deadline. */
export type Ask<T> = (octokit: Octokit, request: { readonly signal: AbortSignal }) => Promise<T>;

function within(signal: AbortSignal): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]) };
}

const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** 403 and 429 stand for both limits, the hourly one and the one on bursts. */
function isRateLimit(status: number, message: string, header: Header): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const isSpent = header('x-ratelimit-remaining') === '0' || header('retry-after') !== undefined;
  return isSpent || /rate limit|abuse/i.test(message);
}

function messageOf(data: unknown): string {
  if (typeof data !== 'object' || data === null || !('message' in data)) return '';
  return typeof data.message === 'string' ? data.message : '';
}

function textOf(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
