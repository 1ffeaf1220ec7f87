import standaloneCode from 'ajv/dist/standalone/index.js';
import { kinds, schemaOf } from './manifest/schema.ts';
import { createCompiler } from './manifest/validator.ts';

/**
 * The source of a module that answers like `manifest/validator.ts` without compiling anything: a command that parses a
 * manifest would otherwise spend more time on the schemas than on its work.
 */
export function validatorModule(): string {
  const compiler = createCompiler({ source: true, esm: true });
  for (const kind of kinds) compiler.addSchema(schemaOf(kind), kind);
  const exported = Object.fromEntries(kinds.map((kind) => [kind, kind]));
  // The default export of a CommonJS module, whichever way it was loaded.
  const generate = 'default' in standaloneCode ? standaloneCode.default : standaloneCode;
  const code = generate(compiler, exported);
  return `${code}\nconst validators = { ${kinds.join(', ')} };\nexport const validatorOf = (kind) => validators[kind];\n`;
}
