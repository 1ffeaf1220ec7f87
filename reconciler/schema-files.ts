import { readFile, readdir } from 'node:fs/promises';
import { SyncError } from './model/error.ts';
import { isJsonRecord, type Json, type JsonRecord } from './model/json.ts';
import { nearest } from './model/nearest.ts';

/** Kinds of which a person writes whole files. The other schemas are parts of these. */
export const authoredKinds = ['service', 'stack', 'compose', 'config'] as const;

const folder = new URL('../schemas/', import.meta.url);
const suffix = '.schema.json';

/** One schema with everything that it refers to inside, so that an editor needs neither the network nor other files. */
export async function readSchema(kind: string): Promise<JsonRecord> {
  await requireKind(kind);
  const parts = new Map<string, JsonRecord>();
  const main = await gather(kind, parts);
  parts.delete(kind);
  const embedded = [...parts].map(([name, part]) => [name, rewrite(withoutIdentity(part), name)] as const);
  const own = rewrite(main, '');
  if (!isJsonRecord(own)) throw new TypeError(`${kind}${suffix} is no object`);
  if (embedded.length === 0) return own;
  const definitions = isJsonRecord(own['$defs']) ? own['$defs'] : {};
  return { ...own, $defs: { ...definitions, ...Object.fromEntries(embedded) } };
}

async function requireKind(kind: string): Promise<void> {
  const files = await readdir(folder);
  const kinds = files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
  if (kinds.includes(kind)) return;
  const near = nearest(kind, kinds);
  const advice = near === null ? `There are: ${authoredKinds.join(', ')}.` : `Did you mean ${near}?`;
  throw new SyncError('FileUnusable', `There is no schema of the kind "${kind}". ${advice}`);
}

/** Reads a schema and, into `parts`, every schema that it refers to, itself included. */
async function gather(kind: string, parts: Map<string, JsonRecord>): Promise<JsonRecord> {
  const known = parts.get(kind);
  if (known !== undefined) return known;
  const schema = JSON.parse(await readFile(new URL(kind + suffix, folder), 'utf8')) as JsonRecord;
  parts.set(kind, schema);
  for (const name of referencesOf(schema)) await gather(name, parts);
  return schema;
}

function referencesOf(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => referencesOf(item));
  if (!isJsonRecord(value)) return [];
  const target = value['$ref'];
  const file = typeof target === 'string' ? (target.split('#')[0] ?? '') : '';
  const own = file.endsWith(suffix) ? [file.slice(0, -suffix.length)] : [];
  return [...own, ...Object.values(value).flatMap(referencesOf)];
}

/** References as they read inside the bundle: another file is `#/$defs/<name>`, the part's own root is that too. */
function rewrite(value: Json, home: string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => rewrite(item, home));
  if (!isJsonRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string'
        ? rewriteReference(member, home)
        : member === undefined
          ? undefined
          : rewrite(member, home),
    ]),
  );
}

function rewriteReference(reference: string, home: string): string {
  const [file = '', pointer = ''] = reference.split('#');
  const name = file === '' ? home : file.slice(0, -suffix.length);
  return name === '' ? `#${pointer}` : `#/$defs/${name}${pointer}`;
}

/** An embedded `$id` would begin a document of its own, in which the rewritten references lead nowhere. */
function withoutIdentity({ $schema: _schema, $id: _id, ...rest }: JsonRecord): JsonRecord {
  return rest;
}
