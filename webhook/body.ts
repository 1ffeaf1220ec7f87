import type { Json } from '../reconciler/model/json.ts';

/** A body as a value, or why it is none. `type` is the media type without parameters, lower case. */
export type ParsedBody =
  | { readonly kind: 'json'; readonly payload: Json }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** JSON under any of its names; GitHub can send it as a form's field, which was its default for years. */
export function isReadable(type: string): boolean {
  return isJson(type) || isForm(type);
}

/** An empty body is an empty map: there is nothing to be said about "look now". */
export function parseBody(body: Buffer, type: string): ParsedBody {
  const text = isForm(type)
    ? (new URLSearchParams(body.toString('utf8')).get('payload') ?? '')
    : decode(body);
  if (text === null) return { kind: 'unreadable', reason: 'The body is not UTF-8.' };
  if (text === '') return { kind: 'json', payload: {} };
  try {
    return { kind: 'json', payload: JSON.parse(text) as Json };
  } catch {
    return { kind: 'unreadable', reason: 'The body is not JSON.' };
  }
}

function isJson(type: string): boolean {
  return /^(application|text)\/([a-z0-9.+-]+\+)?json$/.test(type);
}

function isForm(type: string): boolean {
  return type === 'application/x-www-form-urlencoded';
}

function decode(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
