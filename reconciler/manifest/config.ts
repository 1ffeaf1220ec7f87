import type { OperatorConfig } from '../model/generated/config.ts';
import type { Json } from '../model/json.ts';
import { sortProblems, type Problem } from '../model/problem.ts';
import { readConfig, type Config } from './config-read.ts';
import { referencedPaths, replaceReferences, valueOf, withValueAt, type Outside } from './config-value.ts';
import { readOverrides, type Override } from './config-variable.ts';
import { formatPath, inside, placeIn, report, type Place } from './place.ts';
import { decodeText } from './text.ts';
import { validate } from './validate.ts';
import { parseYaml, wholeFile, type YamlDocument } from './yaml.ts';

/** The operator's file before the values that stand elsewhere are known. */
export interface ConfigDraft {
  readonly document: YamlDocument;
  readonly overrides: readonly Override[];
  /** Files that hold values, as written: relative ones are meant from the directory of the operator's file. */
  readonly files: readonly string[];
  /** PLIMSOLL_… variables that name nothing, for a warning. */
  readonly unknownVariables: readonly string[];
  readonly problems: readonly Problem[];
}

export interface ResolvedConfig {
  /** Null when there are problems. */
  readonly config: Config | null;
  readonly problems: readonly Problem[];
}

/** First half: the file's text (null where there is no file) and the environment. Reads nothing itself. */
export function parseConfig(
  file: string,
  bytes: Uint8Array | null,
  environment: Outside['environment'],
): ConfigDraft {
  const problems: Problem[] = [];
  const document = readDocument(file, bytes, problems);
  const { overrides, unknown } = readOverrides(environment);
  const named = overrides.flatMap(({ kind, text }) => (kind === 'file' ? [text] : []));
  const files = [...new Set([...referencedPaths(document.value), ...named])].sort();
  return { document, overrides, files, unknownVariables: unknown, problems };
}

/** Second half: everything put in, validated and typed, or every mistake with its place. */
export function resolveConfig(draft: ConfigDraft, outside: Outside): ResolvedConfig {
  const problems: Problem[] = [...draft.problems];
  const root = placeIn(draft.document, problems);
  const replaced = replaceReferences(draft.document.value, outside, root);
  const value = draft.overrides.reduce(
    (sofar, override) => apply(sofar, override, { outside, root }),
    replaced,
  );
  const document = { ...draft.document, value };
  problems.push(...validate('config', document).problems.filter((problem) => !isFollowUp(problem, problems)));
  if (problems.length > 0) return { config: null, problems: named(problems, draft.overrides) };
  const config = readConfig(value as OperatorConfig, placeIn(document, problems));
  return { config: problems.length > 0 ? null : config, problems: named(problems, draft.overrides) };
}

function readDocument(file: string, bytes: Uint8Array | null, problems: Problem[]): YamlDocument {
  const empty: YamlDocument = { ...wholeFile(file), value: {} };
  const text = decodeText(bytes ?? new Uint8Array());
  if (text === null)
    report(placeIn(empty, problems), 'NotUtf8', 'is not UTF-8 text. Save it with that encoding.');
  const yaml = parseYaml(file, text ?? '');
  problems.push(...yaml.problems);
  const [first, second] = yaml.documents;
  if (second !== undefined)
    report(placeIn(second, problems), 'YamlInvalid', 'is a second document. Put everything into one.');
  return first ?? empty;
}

interface Around {
  readonly outside: Outside;
  readonly root: Place;
}

function apply(
  value: Json,
  { path, kind, text, isList, variable }: Override,
  { outside, root }: Around,
): Json {
  const reading =
    kind === 'value' ? { text } : (outside.files.get(text) ?? { failure: 'it was not asked for' });
  if ('failure' in reading) {
    const message = `is taken from the file that ${variable} names, which could not be read: ${reading.failure}.`;
    report(inside(root, ...path), 'FileUnreadable', message);
    return value;
  }
  if (!isList) return withValueAt(value, path, valueOf(reading.text, path));
  const items = reading.text.trim().split(/\s*,\s*/);
  return withValueAt(
    value,
    path,
    items.map((item, index) => valueOf(item, [...path, index])),
  );
}

/** A value that could not be had is missing too, and that was said. */
function isFollowUp(problem: Problem, known: readonly Problem[]): boolean {
  return known.some(({ path }) => path !== '' && path === problem.path);
}

/** A mistake in a variable is shown under the variable's name, since the file does not hold it. */
function named(problems: readonly Problem[], overrides: readonly Override[]): readonly Problem[] {
  const variables = new Map(overrides.map(({ path, variable }) => [formatPath(path), variable]));
  const moved = problems.map((problem) => {
    const variable = variables.get(problem.path);
    return variable === undefined
      ? problem
      : Object.assign({}, problem, { file: variable, line: 1, column: 1 });
  });
  return sortProblems(moved);
}
