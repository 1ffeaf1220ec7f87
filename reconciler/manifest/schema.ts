import composeSchema from '../../schemas/compose.schema.json' with { type: 'json' };
import configSchema from '../../schemas/config.schema.json' with { type: 'json' };
import containerSchema from '../../schemas/container.schema.json' with { type: 'json' };
import driftSchema from '../../schemas/drift.schema.json' with { type: 'json' };
import networkSchema from '../../schemas/network.schema.json' with { type: 'json' };
import rolloutSchema from '../../schemas/rollout.schema.json' with { type: 'json' };
import serviceSchema from '../../schemas/service.schema.json' with { type: 'json' };
import stackSchema from '../../schemas/stack.schema.json' with { type: 'json' };
import syncSchema from '../../schemas/sync.schema.json' with { type: 'json' };
import volumeSchema from '../../schemas/volume.schema.json' with { type: 'json' };
import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';

/** What a person can write. */
export const kinds = ['service', 'stack', 'compose', 'config'] as const;
export type Kind = (typeof kinds)[number];

const sources: Readonly<Record<string, JsonRecord>> = {
  compose: composeSchema,
  config: configSchema,
  container: containerSchema,
  drift: driftSchema,
  network: networkSchema,
  rollout: rolloutSchema,
  service: serviceSchema,
  stack: stackSchema,
  sync: syncSchema,
  volume: volumeSchema,
};

const bundles = new Map<Kind, JsonRecord>();

/** The schema of a kind in one piece: what it refers to stands in its `$defs`, and `x-` keys are allowed everywhere. */
export function schemaOf(kind: Kind): JsonRecord {
  const known = bundles.get(kind);
  if (known !== undefined) return known;
  const bundle = bundleOf(kind);
  bundles.set(kind, bundle);
  return bundle;
}

/** The same for editors: text that needs no other file. */
export function schemaText(kind: Kind): string {
  const schema = kind === 'config' ? withReferences(schemaOf(kind)) : schemaOf(kind);
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function bundleOf(kind: Kind): JsonRecord {
  const defs = new Map<string, JsonRecord>();
  const { $id, $schema, ...root } = sourceOf(kind);
  const rewritten = rewriteRecord(root, { file: kind, defs });
  return { $schema, $id, ...rewritten, $defs: Object.fromEntries(defs) };
}

function sourceOf(name: string): JsonRecord {
  const source = sources[name];
  if (source === undefined) throw new Error(`a schema refers to ${name}.schema.json, which is not there`);
  return source;
}

interface Bundling {
  readonly file: string;
  /** What was referred to so far, by the name that it has in the bundle. */
  readonly defs: Map<string, JsonRecord>;
}

function rewrite(node: Json, bundling: Bundling): Json {
  if (Array.isArray(node)) return node.map((item: Json) => rewrite(item, bundling));
  return isJsonRecord(node) ? rewriteRecord(node, bundling) : node;
}

function rewriteRecord(node: JsonRecord, bundling: Bundling): JsonRecord {
  const rewritten: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue;
    const isReference = key === '$ref' && typeof value === 'string';
    rewritten[key] = isReference ? localReference(value, bundling) : rewrite(value, bundling);
  }
  const isClosed = node['additionalProperties'] === false || node['unevaluatedProperties'] === false;
  if (isClosed) rewritten['patternProperties'] = { '^x-': { description: 'Yours to use; ignored.' } };
  return rewritten;
}

/** `network.schema.json` is found at `#/$defs/network`, `container.schema.json#/$defs/size` at `#/$defs/size`. */
function localReference(reference: string, bundling: Bundling): string {
  const [address = '', fragment = ''] = reference.split('#');
  const file = address === '' ? bundling.file : address.replace(/\.schema\.json$/, '');
  const { $id: _, $schema: __, $defs, ...whole } = sourceOf(file);
  const own = fragment.replace('/$defs/', '');
  const target = own === '' ? whole : isJsonRecord($defs) ? $defs[own] : undefined;
  if (!isJsonRecord(target)) throw new Error(`a schema refers to ${reference}, which is not there`);
  const name = own === '' ? file : own;
  if (!bundling.defs.has(name)) {
    bundling.defs.set(name, {});
    bundling.defs.set(name, rewriteRecord(target, { file, defs: bundling.defs }));
  }
  return `#/$defs/${name}`;
}

const reference: JsonRecord = {
  title: 'Reference',
  description: 'A value that stands elsewhere.',
  anyOf: [
    {
      type: 'object',
      additionalProperties: false,
      required: ['env'],
      properties: { env: { type: 'string', description: 'Name of an environment variable.' } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['file'],
      properties: { file: { type: 'string', description: 'Path of a file, relative to this one.' } },
    },
  ],
};

function withReferences(schema: JsonRecord): JsonRecord {
  const root = allowReference(schema);
  const own = isJsonRecord(root['$defs']) ? root['$defs'] : {};
  return { ...root, $defs: { ...own, reference } };
}

function allowReference(node: JsonRecord): JsonRecord {
  const rewritten: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue;
    rewritten[key] = isAnnotation(key) ? value : allowReferenceIn(value);
  }
  if (!isScalarSchema(node)) return rewritten;
  const { description, default: byDefault, examples, ...checks } = rewritten;
  const said = { description, default: byDefault, examples };
  return { ...dropAbsent(said), anyOf: [checks, { $ref: '#/$defs/reference' }] };
}

function allowReferenceIn(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => allowReferenceIn(item));
  return isJsonRecord(value) ? allowReference(value) : value;
}

function isAnnotation(key: string): boolean {
  return ['examples', 'default', 'enum', 'required', 'type'].includes(key);
}

const scalarTypes: ReadonlySet<string> = new Set(['string', 'integer', 'number', 'boolean']);

function isScalarSchema({ type, enum: values, const: constant }: JsonRecord): boolean {
  if (values !== undefined || constant !== undefined) return true;
  const types = Array.isArray(type) ? type : [type];
  return types.every((one: Json | undefined) => typeof one === 'string' && scalarTypes.has(one));
}

function dropAbsent(record: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
