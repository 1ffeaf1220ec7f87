import type { Json } from '../model/json.ts';

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'y', 'on'].map((word) => [word, true] as const),
  ...['false', 'no', 'n', 'off'].map((word) => [word, false] as const),
]);

/**
 * Text as the number or the boolean that is wanted in its place; unchanged where text is wanted or where it is neither,
 * so that the validator can say what it should be.
 */
export function coerce(text: string, wanted: ReadonlySet<string>): Json {
  if (wanted.has('string')) return text;
  if (wanted.has('boolean')) return truths.get(text.toLowerCase()) ?? text;
  if (wanted.has('integer') && /^-?[0-9]{1,15}$/.test(text)) return Number(text);
  if (wanted.has('number') && /^-?[0-9]+(?:\.[0-9]+)?$/.test(text)) return Number(text);
  return text;
}
