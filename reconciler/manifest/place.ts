import type { Problem } from '../model/problem.ts';

export type Path = readonly (string | number)[];

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** A parsed document that knows where each of its keys and values stands. */
export interface Located {
  readonly file: string;
  /** Of the value, or of the key that leads to it; of the nearest ancestor when the path leads nowhere. */
  locate(path: Path, of: 'key' | 'value'): Position;
}

/** Where in a document we are, and the list that mistakes found there go to. */
export interface Place {
  readonly document: Located;
  readonly path: Path;
  readonly problems: Problem[];
}

export function placeIn(document: Located, problems: Problem[]): Place {
  return { document, path: [], problems };
}

export function inside({ document, path, problems }: Place, ...steps: Path): Place {
  return { document, path: path.concat(steps), problems };
}

/** Puts a mistake down at the value. */
export function report(place: Place, code: string, message: string): void {
  place.problems.push(problemAt(place, 'value', { code, message }));
}

/** Puts a mistake down at the key. */
export function reportKey(place: Place, code: string, message: string): void {
  place.problems.push(problemAt(place, 'key', { code, message }));
}

export function problemAt(
  { document, path }: Pick<Place, 'document' | 'path'>,
  of: 'key' | 'value',
  said: { readonly code: string; readonly message: string },
): Problem {
  const { line, column } = document.locate(path, of);
  const { code, message } = said;
  return { code, file: document.file, line, column, path: formatPath(path), message };
}

/** `spec.ports[0]`, `spec.labels["org.example/team"]`. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z0-9_-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
