import { Composer, LineCounter, type Document } from 'yaml';
import type { Json } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { placeIn, problemAt, report, type Located, type Path, type Position } from './place.ts';
import { describeYamlError } from './yaml-error.ts';
import { readTokens } from './yaml-token.ts';
import { convert, type Mark } from './yaml-value.ts';

export interface YamlDocument extends Located {
  readonly value: Json;
}

export interface YamlFile {
  /** Without the empty ones and the broken ones. */
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
}

const maxDocuments = 500;
const maxProblems = 20;
/** Flaws after which the rest of the document still says what it means. */
const harmless: ReadonlySet<string> = new Set(['DuplicateKey', 'KeyInvalid']);

/**
 * Parses YAML 1.2 with what Compose files use of 1.1: merge keys and octal numbers with a leading zero. Bounded in
 * depth, aliases, tokens and documents; never throws on any text.
 */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const composed of compose(file, text, { lines, problems })) {
    const read = readDocument({ file, lines }, composed);
    problems.push(...read.problems);
    if (read.document !== null) documents.push(read.document);
  }
  return { documents, problems: problems.slice(0, maxProblems) };
}

interface Sink {
  readonly lines: LineCounter;
  readonly problems: Problem[];
}

function compose(file: string, text: string, { lines, problems }: Sink): readonly Document.Parsed[] {
  const documents: Document.Parsed[] = [];
  // Duplicate keys are found in our own walk: the library compares every key with every other one.
  const composer = new Composer({
    schema: 'core',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const tokens = readTokens(text, lines);
  if (tokens !== null) {
    for (const document of composer.compose(tokens, true, text.length)) documents.push(document);
    if (documents.length <= maxDocuments) return documents;
  }
  const message =
    'has more YAML in it, or deeper, than a manifest needs. Flatten it, or split it into several files.';
  report(placeIn(wholeFile(file), problems), 'YamlTooComplex', message);
  return [];
}
interface Source {
  readonly file: string;
  readonly lines: LineCounter;
}

interface ReadDocument {
  readonly document: YamlDocument | null;
  readonly problems: readonly Problem[];
}

function readDocument({ file, lines }: Source, composed: Document.Parsed): ReadDocument {
  const at = (offset: number): Located => ({ file, locate: () => positionOf(lines, offset) });
  if (composed.errors.length > 0) {
    const problems = composed.errors.map((error) =>
      problemAt({ document: at(error.pos[0]), path: [] }, 'value', describeYamlError(error)),
    );
    return { document: null, problems: firstOfEachLine(problems) };
  }
  const { value, mark, flaws } = convert(composed.contents);
  if (value === null && flaws.length === 0) return { document: null, problems: [] };
  const problems = flaws.map(({ offset, path, code, message }) =>
    problemAt({ document: at(offset), path }, 'value', { code, message }),
  );
  if (!flaws.every(({ code }) => harmless.has(code))) return { document: null, problems };
  const locate: Located['locate'] = (path, of) => positionOf(lines, offsetAt(mark, path, of));
  return { document: { file, value, locate }, problems };
}

/** One mistake makes the parser stumble several times on a line; only the first one tells what it is. */
function firstOfEachLine(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<number>();
  return problems.filter(({ line }) => !seen.has(line) && seen.add(line).size > 0);
}

function offsetAt(root: Mark, path: Path, of: 'key' | 'value'): number {
  let mark = root;
  for (const step of path) {
    const child = mark.children.get(step);
    if (child === undefined) return mark.value;
    mark = child;
  }
  return of === 'key' ? mark.key : mark.value;
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** A file of which nothing is known but its name. */
export function wholeFile(file: string): Located {
  return { file, locate: () => ({ line: 1, column: 1 }) };
}
