import type { ErrorObject } from 'ajv/dist/2020.js';
import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { inside, placeIn, report, reportKey, type Path, type Place } from './place.ts';
import { schemaOf, type Kind } from './schema.ts';
import { knownKeys } from './schema-walk.ts';
import { describeMistake, describeMissingKey, describeUnknownKey } from './sentence.ts';
import { validatorOf } from './validator.ts';
import type { YamlDocument } from './yaml.ts';

export interface Validated {
  readonly problems: readonly Problem[];
  /** Where the mistakes are: the empty path when the whole document is one. */
  readonly unsound: readonly Path[];
}

const maxProblems = 100;
/** Of the validator, which counts each key and each branch of a union; beyond these the document is given up. */
const maxComplaints = 1000;

/** Every way in which a document is not what its schema says, each as one sentence at one place. */
export function validate(kind: Kind, document: YamlDocument): Validated {
  const isValid = validatorOf(kind);
  if (isValid(document.value)) return { problems: [], unsound: [] };
  const problems: Problem[] = [];
  const root = placeIn(document, problems);
  const subject: Subject = { kind, schema: schemaOf(kind), root, value: document.value };
  const complaints = (isValid.errors ?? []).slice(0, maxComplaints);
  const mistakes = distinct(
    withoutNoise(
      subject,
      complaints.map((error) => mistakeOf(document.value, error)),
    ),
  );
  for (const mistake of mistakes.slice(0, maxProblems)) tell(subject, mistake);
  if (complaints.length === maxComplaints) return { problems, unsound: [[]] };
  return { problems, unsound: mistakes.map(({ path, key }) => (key === null ? path : path.concat(key))) };
}

interface Subject {
  readonly kind: Kind;
  readonly schema: JsonRecord;
  readonly root: Place;
  readonly value: Json;
}

/** One complaint of the validator. */
interface Mistake {
  readonly rule: string;
  readonly path: Path;
  /** Of the key that is unknown or missing. */
  readonly key: string | null;
  readonly limit: number | null;
}

function mistakeOf(root: Json, { keyword, instancePath, params }: ErrorObject): Mistake {
  const said: Readonly<Record<string, unknown>> = params;
  const key = said['additionalProperty'] ?? said['unevaluatedProperty'] ?? said['missingProperty'];
  const limit = said['limit'];
  return {
    rule: keyword,
    path: pathOf(root, instancePath),
    key: typeof key === 'string' ? key : null,
    limit: typeof limit === 'number' ? limit : null,
  };
}

function pathOf(root: Json, pointer: string): Path {
  const path: (string | number)[] = [];
  let value: Json | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = childOf(value, key);
  }
  return path;
}

function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (Array.isArray(value)) return value[Number(key)] as Json | undefined;
  return isJsonRecord(value) ? value[key] : undefined;
}

/**
 * A union complains once for each branch. Its branches differ in type, so that a complaint about anything but the type
 * comes from the branch that was meant, and says more than "should be one of these".
 */
function withoutNoise({ schema }: Subject, mistakes: readonly Mistake[]): readonly Mistake[] {
  const unions = new Set(
    mistakes.filter(({ rule }) => rule === 'anyOf').map(({ path }) => JSON.stringify(path)),
  );
  const knownAt = remember((path) => new Set(knownKeys(schema, path)));
  const told = mistakes.filter(({ rule, path, key }) => {
    if (rule === 'anyOf' || rule === 'allOf') return false;
    // A mistake in one branch makes the validator forget which keys that branch knows.
    if (rule === 'unevaluatedProperties' && key !== null) return !knownAt(path).has(key);
    return true;
  });
  return told.filter(({ rule, path }) => {
    if (!unions.has(JSON.stringify(path))) return true;
    // A word that stands for the whole block was not meant where something inside the block is wrong.
    if (rule === 'enum') return !told.some((other) => isInside(other, path));
    return rule !== 'type' || !told.some((other) => saysMore(other, path));
  });
}

function remember<Value>(compute: (path: Path) => Value): (path: Path) => Value {
  const known = new Map<string, Value>();
  return (path) => {
    const key = JSON.stringify(path);
    const value = known.get(key) ?? compute(path);
    known.set(key, value);
    return value;
  };
}

function saysMore(other: Mistake, path: Path): boolean {
  return isAt(other, path) && (other.rule !== 'type' || other.path.length > path.length);
}

function isInside(other: Mistake, path: Path): boolean {
  return isAt(other, path) && (other.key !== null || other.path.length > path.length);
}

function isAt(other: Mistake, path: Path): boolean {
  return path.every((step, index) => step === other.path[index]);
}

/** One mistake for each key, and one about the value itself for each place. */
function distinct(mistakes: readonly Mistake[]): readonly Mistake[] {
  const seen = new Set<string>();
  return mistakes.filter(({ path, key }) => {
    const identity = JSON.stringify([path, key]);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function tell({ kind, schema, root, value }: Subject, { rule, path, key, limit }: Mistake): void {
  const place = inside(root, ...path);
  if (key !== null && rule === 'required') {
    report(place, 'MissingKey', describeMissingKey(schema, [...path, key]));
  } else if (key !== null) {
    const { code, message } = describeUnknownKey(kind, { path, key });
    reportKey(inside(place, key), code, message);
  } else {
    const wrong = path.reduce<Json | undefined>(childOf, value) ?? null;
    report(place, 'WrongValue', describeMistake({ kind, path, rule, limit, value: wrong }));
  }
}
