import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { hashService } from '../../reconciler/manifest/hash.ts';
import { parseDotenv } from '../../reconciler/manifest/dotenv.ts';
import { interpolate } from '../../reconciler/manifest/interpolate.ts';
import { parseManifest } from '../../reconciler/manifest/parse.ts';
import { knownKeys } from '../../reconciler/manifest/schema-walk.ts';
import { schemaOf } from '../../reconciler/manifest/schema.ts';
import { splitWords } from '../../reconciler/manifest/words.ts';
import { parseYaml } from '../../reconciler/manifest/yaml.ts';
import { bytesOf, loadTree } from './tree.ts';

const runs = { numRuns: 300 };
const keys = knownKeys(schemaOf('service'), ['spec']);

/** Text that resembles what is parsed out of strings: ports, mounts, sizes, paths, variables. */
const telling = fc.stringMatching(/^[-a-z0-9:/.@=,${}"'[\] ~%\\]{0,12}$/);
const scalar = fc.oneof(
  telling,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('service:web', '../x', 'data:/d', '80:80', '1g', '5s', 'constructor', '__proto__'),
);
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(telling, fc.constantFrom(...keys, 'target', 'source', 'type', 'test', 'condition', 'limits')),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));
const spec = fc.dictionary(fc.constantFrom(...keys), anything, { maxKeys: 6 });

function manifestOf(kind: string, content: object): string {
  return JSON.stringify({ apiVersion: 'plimsoll.dev/v1', kind, ...content });
}

test('what a YAML writer wrote is read as it was meant, and each value stands where it was written', () => {
  const plain = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string().filter((text) => !text.includes('\0')),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc
          .string({ minLength: 1 })
          .filter((key) => key !== '__proto__' && key !== '<<' && !key.includes('\0')),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  }));
  fc.assert(
    fc.property(fc.array(plain.value, { minLength: 1, maxLength: 3 }), (value) => {
      const text = stringify(value);
      const { documents, problems } = parseYaml('a.yaml', text);
      expect([documents[0]?.value, problems]).toEqual([value, []]);
      const lines = text.split('\n');
      for (const index of value.keys()) {
        const { line } = documents[0]!.locate([index], 'value');
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
      }
    }),
    runs,
  );
});

test('parsing never throws, on any bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('a.yaml', 'compose.yaml'),
      (bytes, file) => {
        const { documents, problems } = parseManifest(file, bytes);
        expect(documents.length + problems.length).toBeGreaterThan(0);
      },
    ),
    runs,
  );
});

test('parsing never throws, on any text that resembles YAML', () => {
  const line = fc.stringMatching(/^ {0,4}[-?:&*!|>%@`{}[\],#"'<a-c0-9 \t]{0,10}$/);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const { documents, problems } = parseManifest('a.yaml', bytesOf(lines.join('\n')));
      expect(documents.length + problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 1_000 },
  );
});

test('resolving never throws, on any spec: a stack, or a problem with a place', () => {
  fc.assert(
    fc.property(spec, anything, anything, (service, networks, stack) => {
      const { stacks, problems } = loadTree({
        'stacks/shop/web.yaml': manifestOf('Service', {
          metadata: { name: 'web' },
          spec: { image: 'app:1', ...service },
        }),
        'stacks/shop/stack.yaml': manifestOf('Stack', {
          spec: { networks, volumes: { data: null }, depends_on: stack },
        }),
        'stacks/shop/x': 'A=1',
      });
      expect(stacks[0]?.stack === null).toBe(problems.length > 0);
      for (const problem of problems)
        expect(problem).toMatch(/^stacks\/shop\/[a-z.]+:\d+:\d+[^]*: [^]*[.?]$/);
    }),
    runs,
  );
});

test('resolving never throws, on any Compose project', () => {
  fc.assert(
    fc.property(spec, anything, anything, (service, configs, own) => {
      const { stacks, problems } = loadTree({
        'stacks/shop/compose.yaml': JSON.stringify({
          services: { web: { image: 'app:1', ...service } },
          configs,
          'x-plimsoll': own,
        }),
        'stacks/shop/.env': 'A=1',
      });
      expect(stacks[0]?.stack === null).toBe(problems.length > 0);
    }),
    runs,
  );
});

test('the hash does not depend on the order of keys', () => {
  const said = fc.record({
    user: fc.string(),
    environment: fc.dictionary(fc.string(), fc.string()),
    labels: fc.dictionary(fc.string(), fc.string()),
    tty: fc.boolean(),
    cpus: fc.option(fc.integer({ min: 1 })),
  });
  fc.assert(
    fc.property(said, (intent) => {
      const backwards = reversed({ image: 'app:1', ...intent });
      expect(hashService({ container: backwards, lifecycle: 'service' })).toBe(
        hashService({ container: { image: 'app:1', ...intent }, lifecycle: 'service' }),
      );
    }),
    runs,
  );
});

function reversed<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value)
    .reverse()
    .map(([key, member]: [string, unknown]) => [key, reversed(member)]);
  return Object.fromEntries(entries) as Value;
}

test('text without a dollar is never changed by interpolation, and a doubled dollar is one', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = text.replaceAll('$', '');
      expect(interpolate(plain, () => undefined)).toEqual({ text: plain });
      expect(interpolate(text.replaceAll('$', '$$$$'), () => undefined)).toEqual({ text });
    }),
    runs,
  );
});

test('interpolation, env files and command lines never throw', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[-A-C=${}:?+"'\\ #\n|]{0,30}$/));
  fc.assert(
    fc.property(text, (one) => {
      interpolate(one, (name) => (name === 'A' ? 'x' : undefined));
      parseDotenv(one, () => undefined);
      splitWords(one);
    }),
    { numRuns: 1_000 },
  );
});

test('words quoted one by one come back as they were', () => {
  const word = fc.string({ minLength: 0, maxLength: 8 }).filter((one) => !one.includes("'"));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitWords(words.map((one) => `'${one}'`).join(' '))).toEqual({ words });
    }),
    runs,
  );
});

test('single-quoted values of an env file come back as they were', () => {
  const value = fc.string().filter((one) => !/['\\\r]/.test(one));
  fc.assert(
    fc.property(value, (one) => {
      expect(parseDotenv(`A='${one}'`, () => undefined).values.get('A')).toBe(one);
    }),
    runs,
  );
});
