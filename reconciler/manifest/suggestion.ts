import { nearest } from '../model/nearest.ts';

/** `; did you mean "image"?`, or nothing. */
export function suggestion(word: string, known: Iterable<string>): string {
  const meant = nearest(word, [...known].sort());
  return meant === null ? '' : `; did you mean ${JSON.stringify(meant)}?`;
}
