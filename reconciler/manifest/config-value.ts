import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import { coerce } from './coerce.ts';
import { inside, report, type Path, type Place } from './place.ts';
import { schemaOf } from './schema.ts';
import { typesAt } from './schema-walk.ts';

/** What came of reading a file; `failure` completes "could not be read: …". */
export type FileReading = { readonly text: string } | { readonly failure: string };

export interface Outside {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By path as written. */
  readonly files: ReadonlyMap<string, FileReading>;
}

/** Where a value stands: `{ env: NAME }` or `{ file: PATH }`. */
export type Reference =
  { readonly kind: 'env'; readonly name: string } | { readonly kind: 'file'; readonly path: string };

/** The paths of all files that the document takes values from. */
export function referencedPaths(value: Json, path: Path = []): readonly string[] {
  const reference = referenceAt(value, path);
  if (reference !== null) return reference.kind === 'file' ? [reference.path] : [];
  return childrenOf(value).flatMap(([step, child]) => referencedPaths(child, [...path, step]));
}

/** The document with every reference replaced by the value that it leads to. */
export function replaceReferences(value: Json, outside: Outside, place: Place): Json {
  const reference = referenceAt(value, place.path);
  if (reference !== null) return follow(reference, outside, place);
  if (Array.isArray(value))
    return value.map((item: Json, index) => replaceReferences(item, outside, inside(place, index)));
  if (!isJsonRecord(value)) return value;
  const replaced = childrenOf(value).map(
    ([key, child]) => [key, replaceReferences(child, outside, inside(place, key))] as const,
  );
  return Object.fromEntries(replaced);
}

/** Null unless a single value is wanted here and the map can only be a reference. */
function referenceAt(value: Json, path: Path): Reference | null {
  if (!isJsonRecord(value) || !wantsScalar(path)) return null;
  const [key, ...others] = Object.keys(value);
  const text = key === undefined ? null : value[key];
  if (others.length > 0 || typeof text !== 'string') return null;
  if (key === 'env') return { kind: 'env', name: text };
  return key === 'file' ? { kind: 'file', path: text } : null;
}

function wantsScalar(path: Path): boolean {
  const types = typesAt(schemaOf('config'), path);
  return ['string', 'boolean', 'integer', 'number'].some((type) => types.has(type));
}

function childrenOf(value: Json): readonly (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return value.map((item: Json, index) => [index, item]);
  if (!isJsonRecord(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    child === undefined ? [] : [[key, child] as const],
  );
}

function follow(reference: Reference, { environment, files }: Outside, place: Place): Json {
  switch (reference.kind) {
    case 'env': {
      const text = environment[reference.name] ?? '';
      if (text === '')
        report(
          place,
          'VariableUnset',
          `takes its value from the environment variable ${reference.name}, which is not set. Set it, or write the value.`,
        );
      return text === '' ? null : valueOf(text, place.path);
    }
    case 'file': {
      const reading = files.get(reference.path) ?? { failure: 'it was not asked for' };
      if ('text' in reading) return valueOf(reading.text, place.path);
      report(
        place,
        'FileUnreadable',
        `takes its value from the file ${reference.path}, which could not be read: ${reading.failure}.`,
      );
      return null;
    }
    default:
      return reference satisfies never;
  }
}

/** Text as the kind of value that is wanted here; editors end a file with a line break that is not meant. */
export function valueOf(text: string, path: Path): Json {
  return coerce(text.replace(/\r?\n$/, ''), typesAt(schemaOf('config'), path));
}

/** The value with another one at a path, making the maps and lists on the way. */
export function withValueAt(value: Json | undefined, path: Path, replacement: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (typeof step === 'number') {
    const items: readonly Json[] = Array.isArray(value) ? value : [];
    const length = Math.max(items.length, step + 1);
    return Array.from({ length }, (_, index) =>
      index === step ? withValueAt(items[index], rest, replacement) : (items[index] ?? null),
    );
  }
  const record: JsonRecord = isJsonRecord(value) ? value : {};
  return { ...record, [step]: withValueAt(record[step], rest, replacement) };
}
