import { SyncError } from '../model/error.ts';
import type { Secret } from '../model/secret.ts';
import { withAttempts } from './attempts.ts';
import { answerFailure, unreachable } from './failure.ts';
import { Pace, type Header } from './pace.ts';
import { pageSize } from './pages.ts';

export interface RestOptions {
  /** `GitLab`, for messages. */
  readonly product: string;
  readonly apiUrl: string;
  /** Name of the header that carries the token, and what stands before it there. */
  readonly tokenHeader: string;
  readonly tokenPrefix: string;
  readonly token: Secret;
  readonly writeGapMs?: number;
}

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash, its parts already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: object;
}

/** No answer is waited for longer, or read further. */
const deadlineMs = 30_000;

/** A JSON API behind a token. Bodies are of the shape that the API documents; every failure is a SyncError. */
export class Rest {
  readonly #options: RestOptions;
  readonly #pace: Pace;
  readonly #display: string;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#display = `${options.product} at ${new URL(options.apiUrl).host}`;
    this.#pace = new Pace({ forge: this.#display, writeGapMs: options.writeGapMs ?? 0 });
  }

  get<Body>(path: string, signal: AbortSignal, query: RestRequest['query'] = {}): Promise<Body> {
    return withAttempts(() => this.#send<Body>({ method: 'GET', path, query }, signal), signal);
  }

  /** One page of a list; both products count from 1, and name the size in their own way. */
  page<Item>(path: string, page: number, signal: AbortSignal): Promise<readonly Item[]> {
    return this.get(path, signal, { page, per_page: pageSize, limit: pageSize });
  }

  change<Body>(request: RestRequest, signal: AbortSignal): Promise<Body> {
    return this.#pace.inTurn(() => this.#send<Body>(request, signal), signal);
  }

  async #send<Body>(request: RestRequest, signal: AbortSignal): Promise<Body> {
    this.#pace.assertOpen();
    const what = `${request.method} ${request.path}`;
    const response = await this.#fetch(request, what, signal);
    const header: Header = (name) => response.headers.get(name) ?? undefined;
    this.#pace.heed(header);
    const text = await response.text().catch((cause: unknown) => {
      throw unreachable(this.#display, what, cause);
    });
    if (response.status === 429) this.#pace.refuse(header);
    if (!response.ok) {
      throw answerFailure({ forge: this.#display, what, status: response.status, message: messageIn(text) });
    }
    return this.#parse(text, what) as Body;
  }

  async #fetch(
    { method, path, query = {}, body }: RestRequest,
    what: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const { apiUrl, tokenHeader, tokenPrefix, token } = this.#options;
    const url = new URL(`${apiUrl}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    try {
      return await fetch(url, {
        method,
        // A redirect would carry the token to wherever it leads.
        redirect: 'error',
        headers: {
          accept: 'application/json',
          'user-agent': 'plimsoll',
          [tokenHeader]: `${tokenPrefix}${token.reveal()}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
      });
    } catch (cause) {
      if (signal.aborted) throw new SyncError('Cancelled', 'It was cancelled.', { cause });
      throw unreachable(this.#display, what, cause);
    }
  }

  #parse(text: string, what: string): unknown {
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw unreachable(this.#display, what, cause);
    }
  }
}

function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return '';
    const said = 'message' in body ? body.message : 'error' in body ? body.error : '';
    return typeof said === 'string' ? said : JSON.stringify(said);
  } catch {
    return '';
  }
}
