import { readFileSync } from 'node:fs';
import { isJsonRecord, type Json, type JsonRecord } from '../../reconciler/model/json.ts';

const folder = new URL('../../schemas/', import.meta.url).pathname;

/**
 * Every key that a document of a schema can have, as a path: `spec.ports[].target`; `*` stands for any key of a map.
 * Follows references into the other schemas; no schema of ours contains itself.
 */
export function schemaKeys(file: string): readonly string[] {
  const keys = new Set<string>();
  collect({ file, schema: readSchema(file), path: '' }, keys);
  return [...keys].sort();
}

interface Place {
  readonly file: string;
  readonly schema: Json | undefined;
  readonly path: string;
}

function collect({ file, schema, path }: Place, keys: Set<string>): void {
  if (!isJsonRecord(schema)) return;
  if (typeof schema['$ref'] === 'string') collect({ ...resolve(file, schema['$ref']), path }, keys);
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    for (const part of listOf(schema[keyword])) collect({ file, schema: part, path }, keys);
  }
  for (const [key, property] of Object.entries(recordOf(schema['properties']))) {
    keys.add(join(path, key));
    collect({ file, schema: property, path: join(path, key) }, keys);
  }
  collect({ file, schema: schema['items'], path: `${path}[]` }, keys);
  collect({ file, schema: schema['additionalProperties'], path: join(path, '*') }, keys);
}

/** Every path that one of the documents uses, with the `*` spelling of each as well. */
export function documentKeys(documents: readonly Json[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const document of documents) collectUsed(document, '', keys);
  return keys;
}

function collectUsed(value: Json | undefined, path: string, keys: Set<string>): void {
  for (const item of listOf(value)) collectUsed(item, `${path}[]`, keys);
  for (const [key, member] of Object.entries(recordOf(value))) {
    for (const own of [join(path, key), join(path, '*')]) {
      keys.add(own);
      collectUsed(member, own, keys);
    }
  }
}

function resolve(file: string, reference: string): Omit<Place, 'path'> {
  const [name = '', pointer = ''] = reference.split('#');
  const target = name === '' ? file : name;
  const steps = pointer.split('/').filter((step) => step !== '');
  const schema = steps.reduce<Json | undefined>((at, step) => recordOf(at)[step], readSchema(target));
  return { file: target, schema };
}

function readSchema(file: string): Json {
  return JSON.parse(readFileSync(folder + file, 'utf8')) as Json;
}

function recordOf(value: Json | undefined): JsonRecord {
  return isJsonRecord(value) ? value : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
