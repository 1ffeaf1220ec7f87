import { SyncError, type SyncErrorData } from '../model/error.ts';

/** What a forge answered, as far as it tells why a request failed. */
export interface FailedAnswer {
  /** `GitHub at api.github.com`. */
  readonly forge: string;
  /** `GET /repos/acme/gitops/pulls/7`, without a query. */
  readonly what: string;
  readonly status: number;
  /** What the forge says, in its own words. */
  readonly message: string;
  readonly cause?: unknown;
}

const longestMessage = 300;

/** An answer that is no success, as a condition that an operator can act upon. */
export function answerFailure(answer: FailedAnswer): SyncError {
  const { forge, what, status, message } = answer;
  const said = message === '' ? `status ${status}` : `"${message.slice(0, longestMessage)}" (${status})`;
  const data: SyncErrorData = { status };
  const options = { data, ...(answer.cause !== undefined && { cause: answer.cause }) };
  if (status === 401 || status === 403) {
    return new SyncError(
      'ForgeUnauthorized',
      `${forge} refuses ${what}: ${said}. Check the token of this forge and what it may do.`,
      options,
    );
  }
  if (status === 404 || status === 410) {
    return new SyncError(
      'ForgeNotFound',
      `${forge} has nothing at ${what}: ${said}. It is gone, or the token of this forge may not see it.`,
      options,
    );
  }
  if (status >= 500 || status === 408) {
    return new SyncError(
      'ForgeUnreachable',
      `${forge} failed at ${what}: ${said}. It is tried again.`,
      options,
    );
  }
  return new SyncError(
    'ForgeRejected',
    `${forge} does not accept ${what}: ${said}. This may be a mistake of Plimsoll; please report it.`,
    options,
  );
}

/** No answer at all. */
export function unreachable(forge: string, what: string, cause: unknown): SyncError {
  const why =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause : cause).message : String(cause);
  return new SyncError(
    'ForgeUnreachable',
    `${forge} cannot be reached for ${what}: ${why}. It is tried again.`,
    {
      cause,
    },
  );
}

export function rateLimited(forge: string, retryAfterMs: number): SyncError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new SyncError(
    'ForgeRateLimited',
    `${forge} asks for a pause of ${seconds} s, because its limit of requests is used up. Publishing goes on by itself then.`,
    { data: { retryAfterMs } },
  );
}
