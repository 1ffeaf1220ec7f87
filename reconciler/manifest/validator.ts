import { Ajv2020, type CodeOptions, type ValidateFunction } from 'ajv/dist/2020.js';
import { schemaOf, type Kind } from './schema.ts';

const validators = new Map<Kind, ValidateFunction>();

/** The validator of a kind, compiled at its first use. In the built program it was compiled by the build. */
export function validatorOf(kind: Kind): ValidateFunction {
  const known = validators.get(kind);
  if (known !== undefined) return known;
  const compiled = createCompiler().compile(schemaOf(kind));
  validators.set(kind, compiled);
  return compiled;
}

/** The one set of rules by which schemas are read. */
export function createCompiler(code: CodeOptions = {}): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    // `x-plimsoll` is ours among the `x-` keys that are anybody's.
    allowMatchingProperties: true,
    messages: false,
    // The schemas are checked by their tests; here a first validation should not cost a fifth of a second.
    meta: false,
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false, ...code },
  });
  ajv.addVocabulary(['x-should-be']);
  return ajv;
}
