import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import type { Path } from './place.ts';

/**
 * Every subschema that speaks of the value at a path, the outermost first: what a reference leads to and each
 * branch of a union come after the schema that names them.
 */
export function schemasAt(root: JsonRecord, path: Path): readonly JsonRecord[] {
  let current = expand(root, root);
  for (const step of path)
    current = current
      .flatMap((schema) => schemaOfChild(schema, step))
      .flatMap((child) => expand(root, child));
  return current;
}

/** The keys that a map at this path may have; free ones are not known. */
export function knownKeys(root: JsonRecord, path: Path): readonly string[] {
  const keys = schemasAt(root, path).flatMap(({ properties }) =>
    isJsonRecord(properties) ? Object.keys(properties) : [],
  );
  return [...new Set(keys)].sort();
}

/** The JSON types that a value at this path may have. */
export function typesAt(root: JsonRecord, path: Path): ReadonlySet<string> {
  return new Set(schemasAt(root, path).flatMap(typesOf));
}

function expand(root: JsonRecord, schema: JsonRecord): readonly JsonRecord[] {
  const { $ref, anyOf, allOf } = schema;
  const parts = [...listOf(anyOf), ...listOf(allOf)].filter(isJsonRecord);
  const target = typeof $ref === 'string' ? definition(root, $ref) : null;
  const further = target === null ? parts : [target, ...parts];
  return [schema, ...further.flatMap((part) => expand(root, part))];
}

function definition(root: JsonRecord, reference: string): JsonRecord | null {
  const defs = root['$defs'];
  const target = isJsonRecord(defs) ? defs[reference.replace('#/$defs/', '')] : undefined;
  return isJsonRecord(target) ? target : null;
}

function schemaOfChild(
  { items, properties, additionalProperties }: JsonRecord,
  step: string | number,
): readonly JsonRecord[] {
  const child = typeof step === 'number' ? items : (ownProperty(properties, step) ?? additionalProperties);
  return isJsonRecord(child) ? [child] : [];
}

function ownProperty(properties: Json | undefined, key: string): Json | undefined {
  return isJsonRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function typesOf({ type, enum: values, const: constant }: JsonRecord): readonly string[] {
  if (constant !== undefined) return [typeOf(constant)];
  if (Array.isArray(values)) return [...new Set(values.map(typeOf))];
  return listOf(type ?? []).filter((one) => typeof one === 'string');
}

/** The JSON type of a value, `integer` for a whole number. */
export function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
