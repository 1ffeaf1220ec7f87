import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { SyncError } from '../model/error.ts';
import type { Secret } from '../model/secret.ts';
import type { Deadline } from './deadline.ts';
import { sha256Refusal } from './failure.ts';
import { connectionFailure, invalidAdvertisement, refusalFailure, statusFailure } from './http-failure.ts';
import { hasCapabilities, isWholeList, refusal, withHead, withThinPack } from './pkt-line.ts';

export interface ExchangeOptions {
  /** The repository, as in Address. */
  readonly url: string;
  readonly authorization: Secret | null;
  readonly deadline: Deadline;
  /** No answer may be larger. */
  readonly maxBytes: number;
  /** The object that is fetched, or null when only refs are listed. */
  readonly want: string | null;
}

type Body = AsyncIterableIterator<Uint8Array>;

const maxRedirects = 5;

/**
 * HTTP for one operation of isomorphic-git, on `fetch`. Obeys the deadline; sends credentials only to the origin
 * they are for; follows redirects of the first request only, as git does, and never to a weaker scheme. Remembers
 * its first failure, because isomorphic-git takes a broken stream for the end of a list: call `assertSound` after
 * each operation.
 */
export class HttpExchange implements HttpClient {
  readonly #options: ExchangeOptions;
  /** Where the repository is after redirects. */
  #base: string;
  #isThinPackKnown = false;
  #failure: unknown;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#base = options.url;
  }

  /** Throws the first failure, if there was one. */
  assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  readonly request = async (request: GitHttpRequest): Promise<GitHttpResponse> => {
    try {
      const isPost = request.method === 'POST';
      return isPost ? await this.#post(request) : await this.#discover(request);
    } catch (error) {
      throw this.#remember(connectionFailure(error, this.#options.url));
    }
  };

  async #discover(request: GitHttpRequest): Promise<GitHttpResponse> {
    const response = await this.#follow(request);
    const type = response.headers.get('content-type') ?? '';
    if (!type.startsWith('application/x-git-upload-pack-advertisement')) {
      throw invalidAdvertisement(
        this.#options.url,
        `it answers ${type || 'nothing'}; is this the URL to clone from?`,
      );
    }
    const body = await this.#readList(response);
    if (body.includes('object-format=sha256')) throw sha256Refusal(this.#options.url);
    if (!hasCapabilities(body)) throw invalidAdvertisement(this.#options.url, 'it is empty');
    this.#isThinPackKnown = body.includes(' thin-pack');
    const { want } = this.#options;
    return describe(request, response, once(want === null ? body : withHead(body, want)));
  }

  async #post(request: GitHttpRequest): Promise<GitHttpResponse> {
    const question = await collect(request.body);
    const isFetch = this.#options.want !== null;
    const body = isFetch && this.#isThinPackKnown ? withThinPack(question) : question;
    const response = await this.#send(this.#moved(request.url), { request, body });
    await this.#assertStatus(response);
    return describe(
      request,
      response,
      isFetch ? this.#readPack(response) : once(await this.#readList(response)),
    );
  }

  async #follow(request: GitHttpRequest): Promise<Response> {
    let url = request.url;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const response = await this.#send(url, { request });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        await this.#assertStatus(response);
        return response;
      }
      await response.body?.cancel();
      url = this.#redirect(url, location);
    }
    throw new SyncError('SourceUnreachable', `${this.#options.url} redirects in a circle. Check the URL.`);
  }

  /** The suffix must stay, or the other end is no repository; https must stay https, or the answer can be forged. */
  #redirect(from: string, location: string): string {
    const to = new URL(location, from);
    const suffix = '/info/refs?service=git-upload-pack';
    const isWeaker = to.protocol !== 'https:' && (to.protocol !== 'http:' || from.startsWith('https:'));
    to.username = '';
    to.password = '';
    if (isWeaker || !to.href.endsWith(suffix)) {
      throw new SyncError(
        'SourceUnreachable',
        `${this.#options.url} redirects to ${to.origin}, which is not followed: it is no Git repository over https. ` +
          'Write the URL of the repository itself.',
      );
    }
    this.#base = to.href.slice(0, -suffix.length);
    return to.href;
  }

  #moved(url: string): string {
    return `${this.#base}${url.slice(this.#options.url.length)}`;
  }

  #send(url: string, { request, body }: { request: GitHttpRequest; body?: Buffer }): Promise<Response> {
    const { authorization, deadline } = this.#options;
    const headers = new Headers(request.headers);
    // Forges tell a Git client from a browser by this, and answer 401 rather than a sign-in page.
    headers.set('user-agent', 'git/plimsoll');
    const isOurs = new URL(url).origin === new URL(this.#options.url).origin;
    if (authorization !== null && isOurs) headers.set('authorization', authorization.reveal());
    return fetch(url, {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal: deadline.signal,
      ...(body === undefined ? {} : { body }),
    });
  }

  async #assertStatus(response: Response): Promise<void> {
    this.#options.deadline.touch();
    const { url, authorization } = this.#options;
    const failure = statusFailure(response.status, url);
    if (failure === null) return;
    await response.body?.cancel();
    const isElsewhere = authorization !== null && new URL(this.#base).origin !== new URL(url).origin;
    if (failure.code === 'SourceUnauthorized' && isElsewhere) throw withheldCredentials(url, this.#base);
    throw failure;
  }

  async #readList(response: Response): Promise<Buffer> {
    const bytes = await collect(this.#watch(response)).catch((error: unknown) => {
      if (error instanceof SyncError) throw error;
      throw invalidAdvertisement(this.#options.url, 'the connection broke while it was sent');
    });
    const refused = refusal(bytes);
    if (refused !== null) throw refusalFailure(refused, this.#options.url);
    if (!isWholeList(bytes)) throw invalidAdvertisement(this.#options.url, 'it ends in the middle');
    return bytes;
  }

  async *#readPack(response: Response): Body {
    try {
      let isFirst = true;
      for await (const chunk of this.#watch(response)) {
        const refused = isFirst ? refusal(Buffer.from(chunk)) : null;
        if (refused !== null) throw refusalFailure(refused, this.#options.url);
        isFirst = false;
        yield chunk;
      }
    } catch (error) {
      throw this.#remember(error instanceof SyncError ? error : brokenPack(this.#options.url, error));
    }
  }

  async *#watch(response: Response): Body {
    const { deadline, maxBytes, url } = this.#options;
    let size = 0;
    for await (const chunk of response.body ?? []) {
      deadline.touch();
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(url, maxBytes);
      yield chunk;
    }
  }

  #remember(error: unknown): unknown {
    const { signal } = this.#options.deadline;
    this.#failure ??= signal.aborted ? signal.reason : error;
    return this.#failure;
  }
}

function describe(request: GitHttpRequest, response: Response, body: Body): GitHttpResponse {
  return {
    url: response.url,
    method: request.method,
    statusCode: response.status,
    statusMessage: response.statusText,
    headers: Object.fromEntries(response.headers),
    body,
  };
}

async function collect(chunks: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks ?? []) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(bytes: Buffer): Body {
  yield bytes;
}

function brokenPack(display: string, cause: unknown): SyncError {
  return new SyncError(
    'PackCorrupt',
    `The connection to ${display} broke while it sent objects. They are fetched again.`,
    {
      cause,
    },
  );
}

function withheldCredentials(display: string, to: string): SyncError {
  return new SyncError(
    'SourceUnauthorized',
    `${display} redirects to ${to}, which asks for credentials, and those are not sent to another origin. ` +
      `If you trust it, write ${to} as the repository.`,
  );
}

function tooLarge(display: string, maxBytes: number): SyncError {
  return new SyncError(
    'SourceTooLarge',
    `${display} sends more than ${Math.round(maxBytes / 1048576)} MiB for one commit. Keep manifests in a repository of their own.`,
    { data: { maxBytes } },
  );
}
