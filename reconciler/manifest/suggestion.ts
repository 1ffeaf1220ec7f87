import { nearest } from '../model/nearest.ts';

/** With more than these, looking for the nearest takes longer than a person is willing to wait. */
const mostCandidates = 300;

/** `; did you mean "image"?`, or nothing. */
export function suggestion(word: string, known: Iterable<string>): string {
  const candidates = [...known];
  const meant = candidates.length > mostCandidates ? null : nearest(word, candidates.sort());
  return meant === null ? '' : `; did you mean ${JSON.stringify(meant)}?`;
}
