import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../reconciler/manifest/config.ts';
import { kinds, schemaOf, schemaText, type Kind } from '../../reconciler/manifest/schema.ts';
import { schemasAt } from '../../reconciler/manifest/schema-walk.ts';
import { isJsonRecord, type Json, type JsonRecord } from '../../reconciler/model/json.ts';

interface Property {
  readonly path: string;
  readonly schema: JsonRecord;
}

/** Every property of a schema and of what it refers to. */
function propertiesOf(node: Json | undefined, path = ''): readonly Property[] {
  if (Array.isArray(node))
    return node.flatMap((item: Json, index) => propertiesOf(item, `${path}[${index}]`));
  if (!isJsonRecord(node)) return [];
  const own = isJsonRecord(node['properties']) ? Object.entries(node['properties']) : [];
  const here = own.flatMap(([key, schema]) =>
    isJsonRecord(schema) ? [{ path: `${path}.${key}`, schema }] : [],
  );
  const below = Object.entries(node).flatMap(([key, child]) =>
    key === 'examples' || key === 'default' ? [] : propertiesOf(child, `${path}.${key}`),
  );
  return [...here, ...below];
}

function compile(schema: JsonRecord): (value: unknown) => boolean {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, allowMatchingProperties: true });
  ajv.addVocabulary(['x-should-be']);
  const validate = ajv.compile(schema);
  return (value) => validate(value);
}

describe.each(kinds)('the schema of a %s', (kind: Kind) => {
  test('describes every property', () => {
    const all = propertiesOf(schemaOf(kind));
    expect(all.length).toBeGreaterThan(10);
    expect(
      all.filter(({ schema }) => typeof schema['description'] !== 'string').map(({ path }) => path),
    ).toEqual([]);
  });

  test('shows an example of every property', () => {
    const without = propertiesOf(schemaOf(kind)).filter(({ schema }) => !Array.isArray(schema['examples']));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  test('has only examples and defaults that it accepts itself', () => {
    const schema = JSON.parse(schemaText(kind)) as JsonRecord;
    const wrong = propertiesOf(schema).flatMap(({ path, schema: own }) => {
      const { examples, default: byDefault } = own;
      const accepts = compile({ ...own, $defs: schema['$defs'] ?? {} });
      const values = [
        ...(Array.isArray(examples) ? examples : []),
        ...(byDefault === undefined ? [] : [byDefault]),
      ];
      return values.filter((value) => !accepts(value)).map((value) => `${path}: ${JSON.stringify(value)}`);
    });
    expect(wrong).toEqual([]);
    expect((schema['examples'] as Json[]).every(compile(schema))).toBe(true);
  });

  test('needs no other file', () => {
    expect(schemaText(kind)).not.toMatch(/"\$ref": "(?!#)/);
    expect(JSON.parse(schemaText(kind))).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `https://plimsoll.dev/schemas/${kind}.schema.json`,
    });
  });
});

test('the published schema of the operator’s file takes a reference for every single value', () => {
  const accepts = compile(JSON.parse(schemaText('config')) as JsonRecord);
  expect(
    accepts({
      installation: { env: 'A' },
      log_level: { file: 'b' },
      sources: [{ name: 'a', repository: { env: 'R' }, ref: { tag: { env: 'T' } } }],
      defaults: { sync: { prune: { env: 'P' } } },
    }),
  ).toBe(true);
  expect(accepts({ installation: { env: 'A', file: 'b' } })).toBe(false);
  expect(accepts({ sources: { env: 'A' } })).toBe(false);
  expect(accepts({ 'x-anything': 1 })).toBe(true);
});

test('extensions are allowed wherever keys are fixed', () => {
  const accepts = compile(schemaOf('service'));
  const service = {
    apiVersion: 'plimsoll.dev/v1',
    kind: 'Service',
    metadata: { name: 'a', 'x-a': 1 },
    spec: { image: 'a', 'x-b': 1, healthcheck: { 'x-c': 1 }, rollout: { 'x-d': 1 } },
    'x-e': 1,
  };
  expect(accepts(service)).toBe(true);
  expect(accepts({ ...service, y: 1 })).toBe(false);
});

test('every single value of the operator’s file has a variable', () => {
  const places = schemasAt(schemaOf('config'), ['engine', 'tls', 'ca']);
  expect(places.length).toBeGreaterThan(0);
  const variables = [
    'PLIMSOLL_INSTALLATION',
    'PLIMSOLL_ENGINE_TLS_CA',
    'PLIMSOLL_ENGINE_TLS_CA_FILE',
    'PLIMSOLL_REGISTRIES_CREDENTIALS_0_PASSWORD_FILE',
    'PLIMSOLL_DEFAULTS_DRIFT_IGNORE',
    'PLIMSOLL_SOURCES_11_REF_COMMIT',
    'PLIMSOLL_POLICY_CAPABILITIES',
  ];
  const draft = parseConfig(
    'plimsoll.yaml',
    null,
    Object.fromEntries(variables.map((variable) => [variable, 'x'])),
  );
  expect(draft.unknownVariables).toEqual([]);
  expect(draft.overrides).toHaveLength(variables.length);
});
