// Writes reconciler/model/generated/<name>.ts from schemas/<name>.schema.json; `--check` compares instead of writing.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFromFile } from 'json-schema-to-typescript';

const schemas = dirname(fileURLToPath(import.meta.url));
const generated = join(dirname(schemas), 'reconciler', 'model', 'generated');
const suffix = '.schema.json';

const wanted = await generateAll();
if (process.argv.includes('--check')) check();
else write();

/** @returns {Promise<Map<string, string>>} file name to content */
async function generateAll() {
  const names = readdirSync(schemas)
    .filter((name) => name.endsWith(suffix))
    .sort();
  if (names.length === 0) throw new Error(`No *${suffix} files in ${schemas}.`);
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const name of names) files.set(`${name.slice(0, -suffix.length)}.ts`, await generateOne(name));
  return files;
}

/** @param {string} name */
function generateOne(name) {
  return compileFromFile(join(schemas, name), {
    cwd: schemas,
    additionalProperties: false,
    bannerComment: `// Generated from schemas/${name} by \`npm run generate\`. Change the schema instead.`,
    declareExternallyReferenced: true,
    strictIndexSignatures: true,
    style: { singleQuote: true, printWidth: 110 },
  });
}

function check() {
  const stale = [...wanted].filter(([name, text]) => readGenerated(name) !== text).map(([name]) => name);
  const wrong = [...stale, ...orphans()];
  if (wrong.length === 0) return;
  console.error(
    `Not what the schemas say: ${wrong.join(', ')}. Run \`npm run generate\` and commit the result.`,
  );
  process.exitCode = 1;
}

function write() {
  mkdirSync(generated, { recursive: true });
  for (const name of orphans()) rmSync(join(generated, name));
  for (const [name, text] of wanted) {
    // An unchanged file keeps its time, so that nothing is rebuilt for it.
    if (readGenerated(name) !== text) writeFileSync(join(generated, name), text);
  }
}

/** Generated files whose schema is gone. */
function orphans() {
  if (!existsSync(generated)) return [];
  return readdirSync(generated).filter((name) => name.endsWith('.ts') && !wanted.has(name));
}

/** @param {string} name */
function readGenerated(name) {
  const path = join(generated, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
