import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { kinds, type Kind } from '../../reconciler/manifest/schema.ts';
import { validatorOf } from '../../reconciler/manifest/validator.ts';
import { validatorModule } from '../../reconciler/precompile.ts';
import type { Json } from '../../reconciler/model/json.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const documents: readonly Json[] = [
  null,
  [],
  {},
  { apiVersion: 'plimsoll.dev/v1', kind: 'Service', metadata: { name: 'web' }, spec: { image: 'web:1' } },
  { kind: 'Service', metadata: { name: 'Ä', ownr: 1 }, spec: { image: 7, ports: [80, {}], 'x-own': 1 } },
  { services: { web: { image: 'web:1', build: '.', depends_on: { db: {} } } }, volumes: { data: null } },
  { sources: [{ name: 'main' }], engine: { host: 'ftp://here' } },
];

test('what the build compiles answers like what is compiled at the first use, complaint by complaint', async () => {
  const built = await builtValidators();
  for (const kind of kinds) {
    for (const document of documents) {
      expect(answerOf(built(kind), document)).toEqual(answerOf(validatorOf(kind), document));
    }
  }
});

async function builtValidators(): Promise<(kind: Kind) => ValidateFunction> {
  const path = join(temporaryDirectory(), 'validators.mjs');
  const from = JSON.stringify(createRequire(import.meta.url).resolve('ajv/package.json'));
  const head = `import { createRequire } from 'node:module';\nconst require = createRequire(${from});\n`;
  writeFileSync(path, head + validatorModule());
  const module = (await import(pathToFileURL(path).href)) as {
    validatorOf: (kind: Kind) => ValidateFunction;
  };
  return module.validatorOf;
}

function answerOf(validate: ValidateFunction, document: Json): unknown {
  return { isValid: validate(document), errors: validate.errors };
}
