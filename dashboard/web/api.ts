import { createSignal } from 'solid-js';
import type { Api, ErrorBody } from '../../reconciler/model/generated/api.ts';

/** A question that the daemon could not answer, or that did not reach it. */
export class AskError extends Error {
  override readonly name = 'AskError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const [token, setToken] = createSignal(sessionStorage.getItem('token'));
const [signedOut, setSignedOut] = createSignal(false);

export const shownToken = token;

/** The daemon wants a token, and has none or another. */
export const isSignedOut = signedOut;

/** Kept for as long as the tab is open. */
export function signIn(shown: string): void {
  sessionStorage.setItem('token', shown);
  setToken(shown);
  setSignedOut(false);
}

export type Query = Readonly<Record<string, string | undefined>>;

/** Asks the daemon. Throws AskError. */
export async function ask<Name extends keyof Api>(
  _body: Name,
  path: string,
  query: Query = {},
): Promise<NonNullable<Api[Name]>> {
  const response = await send(path + textOf(query));
  if (response.status === 401) setSignedOut(true);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as NonNullable<Api[Name]>;
  const { code = 'Unanswered', message = `The daemon answered ${response.status}.` } =
    (answer as ErrorBody | null)?.error ?? {};
  throw new AskError(code, message);
}

async function send(url: string): Promise<Response> {
  const shown = token();
  try {
    return await fetch(url, { headers: shown === null ? {} : { authorization: `Bearer ${shown}` } });
  } catch {
    throw new AskError('Unreachable', 'The daemon cannot be reached.');
  }
}

function textOf(query: Query): string {
  const entries = Object.entries(query).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
}
