import { isJsonRecord, type JsonRecord } from '../model/json.ts';
import type { Path } from './place.ts';
import { schemaOf } from './schema.ts';
import { schemasAt, typeOf } from './schema-walk.ts';

/** One PLIMSOLL_… variable that says something about the configuration. */
export interface Override {
  readonly variable: string;
  readonly path: Path;
  /** The value, or with `_FILE` the path of the file that holds it. */
  readonly kind: 'value' | 'file';
  /** Whether several values stand in it with commas between. */
  readonly isList: boolean;
  readonly text: string;
}

export interface Overrides {
  readonly overrides: readonly Override[];
  /** Variables with our prefix that name nothing here; they may belong to somebody else. */
  readonly unknown: readonly string[];
}

const prefix = 'PLIMSOLL_';
/** Read by the program where there is no configuration. */
const notOurs: ReadonlySet<string> = new Set(['PLIMSOLL_CONFIG', 'PLIMSOLL_SYNC_SECRET']);
const mostItems = 100;
/** Other names of variables, by what others call the thing. */
const aliases: Readonly<Record<string, string>> = {
  PLIMSOLL_REDIS_URL: 'PLIMSOLL_QUEUE_URL',
  PLIMSOLL_REDIS_URL_FILE: 'PLIMSOLL_QUEUE_URL_FILE',
};

/**
 * `PLIMSOLL_DATABASE_URL` is `database.url`, `PLIMSOLL_SOURCES_0_REPOSITORY` the first source's repository, and
 * `PLIMSOLL_POLICY_HOST_PATHS` a list with commas. An empty variable says nothing.
 */
export function readOverrides(environment: Readonly<Record<string, string | undefined>>): Overrides {
  const patterns = patternsOf(schemaOf('config'), []);
  const overrides: Override[] = [];
  const unknown: string[] = [];
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable] ?? '';
    if (!variable.startsWith(prefix) || notOurs.has(variable) || text === '') continue;
    const found = findOverride(aliases[variable] ?? variable, patterns);
    if (found === null) unknown.push(variable);
    else overrides.push({ ...found, variable, text });
  }
  return { overrides, unknown };
}

interface Pattern {
  /** Null stands for a place in a list. */
  readonly steps: readonly (string | null)[];
  readonly isList: boolean;
}

/** Every place of the configuration that one variable can fill. */
function patternsOf(root: JsonRecord, steps: readonly (string | null)[]): readonly Pattern[] {
  const schemas = schemasAt(
    root,
    steps.map((step) => step ?? 0),
  );
  const patterns: Pattern[] = [];
  if (schemas.some(isScalar)) patterns.push({ steps, isList: false });
  for (const { properties, items } of schemas) {
    if (isJsonRecord(properties))
      patterns.push(...Object.keys(properties).flatMap((key) => patternsOf(root, [...steps, key])));
    if (!isJsonRecord(items)) continue;
    const inner = patternsOf(root, [...steps, null]);
    patterns.push(...inner);
    if (inner.some((pattern) => pattern.steps.length === steps.length + 1))
      patterns.push({ steps, isList: true });
  }
  return patterns;
}

function isScalar({ type, enum: values }: JsonRecord): boolean {
  if (Array.isArray(values)) return values.every((value) => typeOf(value) === 'string');
  const types = Array.isArray(type) ? type : [type];
  return types.some((one) => one === 'string' || one === 'boolean' || one === 'integer' || one === 'number');
}

function findOverride(
  variable: string,
  patterns: readonly Pattern[],
): Pick<Override, 'path' | 'kind' | 'isList'> | null {
  const name = variable.slice(prefix.length);
  for (const kind of ['value', 'file'] as const) {
    if (kind === 'file' && !name.endsWith('_FILE')) continue;
    const bare = kind === 'file' ? name.slice(0, -'_FILE'.length) : name;
    for (const { steps, isList } of patterns) {
      const path = matchPath(bare, steps);
      if (path !== null) return { path, kind, isList };
    }
  }
  return null;
}

function matchPath(name: string, steps: readonly (string | null)[]): Path | null {
  const path: (string | number)[] = [];
  let rest = `${name}_`;
  for (const step of steps) {
    const word = step === null ? (/^[0-9]{1,2}(?=_)/.exec(rest)?.[0] ?? '') : step.toUpperCase();
    if (word === '' || !rest.startsWith(`${word}_`)) return null;
    if (step === null && Number(word) >= mostItems) return null;
    path.push(step ?? Number(word));
    rest = rest.slice(word.length + 1);
  }
  return rest === '' ? path : null;
}
