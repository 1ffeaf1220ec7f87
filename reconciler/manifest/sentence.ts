import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import { suggestion } from './suggestion.ts';
import type { Path } from './place.ts';
import { schemaOf, type Kind } from './schema.ts';
import { knownKeys, schemasAt, typesAt } from './schema-walk.ts';
import { whyUnsupported, whyValueUnsupported } from './unsupported.ts';

export interface WrongValue {
  readonly kind: Kind;
  readonly path: Path;
  /** Keyword of the schema that is broken. */
  readonly rule: string;
  readonly limit: number | null;
  readonly value: Json;
}

/** What a value should be, with an example out of the schema. Says nothing of the value itself: it may be a secret. */
export function describeMistake(wrong: WrongValue): string {
  const { kind, path, rule, limit, value } = wrong;
  const schema = schemaOf(kind);
  const unsupported = whyValueUnsupported(kind, wrong);
  if (unsupported !== null) return unsupported;
  const choices = choicesAt(schema, path);
  if (choices.length > 0) return describeChoice(choices, value);
  if (value === null)
    return `is empty. Give it ${expected(schema, path)}${example(schema, path)}, or remove the key.`;
  if (limit !== null && typeof value === 'number') {
    return `should be at ${rule === 'maximum' ? 'most' : 'least'} ${limit}.`;
  }
  if (rule === 'minLength') return `should not be empty${example(schema, path)}.`;
  return `should be ${expected(schema, path)}${example(schema, path)}.`;
}

export function describeMissingKey(schema: JsonRecord, path: Path): string {
  return `needs ${JSON.stringify(path.at(-1))}${example(schema, path)}.`;
}

export interface UnknownKey {
  /** Of the map that holds it. */
  readonly path: Path;
  readonly key: string;
}

export function describeUnknownKey(kind: Kind, { path, key }: UnknownKey): Said {
  const unsupported = whyUnsupported(kind, [...path, key]);
  if (unsupported !== null) return { code: 'UnsupportedKey', message: unsupported };
  const known = knownKeys(schemaOf(kind), path);
  const meant = suggestion(key, known);
  return {
    code: 'UnknownKey',
    message: `is not a known key${meant === '' ? whatIsKnown(kind, known) : meant}`,
  };
}

export interface Said {
  readonly code: string;
  readonly message: string;
}

const mostKeysToList = 12;

function whatIsKnown(kind: Kind, known: readonly string[]): string {
  if (known.length <= mostKeysToList) return `. Known here: ${known.join(', ')}.`;
  return `. \`plimsoll schema ${kind}\` lists all of them.`;
}

function describeChoice(choices: readonly string[], value: Json): string {
  const [only = ''] = choices;
  if (choices.length === 1) return `should be ${JSON.stringify(only)}.`;
  const listed = `should be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  const meant = typeof value === 'string' ? suggestion(value, choices) : '';
  return meant === '' ? `${listed}.` : `${listed}${meant}`;
}

function choicesAt(schema: JsonRecord, path: Path): readonly string[] {
  return schemasAt(schema, path).flatMap(({ enum: values, const: constant }) => {
    const all = Array.isArray(values) ? values : [constant];
    return all.filter((value: Json | undefined) => typeof value === 'string');
  });
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function expected(schema: JsonRecord, path: Path): string {
  for (const { 'x-should-be': said } of schemasAt(schema, path)) if (typeof said === 'string') return said;
  const named = [...typesAt(schema, path)].flatMap((type) => words[type] ?? []);
  return named.length === 0 ? 'something else' : named.join(' or ');
}

const longestExample = 80;

/** `, such as "8080:80"`, from the schema that stands nearest to the value. */
function example(schema: JsonRecord, path: Path): string {
  for (const { examples } of schemasAt(schema, path)) {
    const [first] = Array.isArray(examples) ? examples : [];
    const text = first === undefined ? '' : formatExample(first);
    if (text !== '' && text.length <= longestExample) return `, such as ${text}`;
  }
  return '';
}

/** As it would stand in YAML's flow style. */
function formatExample(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => formatExample(item)).join(', ')}]`;
  if (!isJsonRecord(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${key}: ${formatExample(member ?? null)}`);
  return `{ ${members.join(', ')} }`;
}
