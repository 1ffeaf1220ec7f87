import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import { coerce } from './coerce.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import { inside, report, type Path, type Place } from './place.ts';
import { schemaOf } from './schema.ts';
import { typesAt } from './schema-walk.ts';

/**
 * The project with its variables put in. Text that stands where a number or a boolean is wanted becomes one, as in
 * Compose: `privileged: ${PRIVILEGED:-false}`.
 */
export function interpolateProject(
  value: Json,
  variables: ReadonlyMap<string, string>,
  root: Place,
): InterpolatedProject {
  const unsound: Path[] = [];
  return { value: replace(value, { lookup: (name) => variables.get(name), unsound, place: root }), unsound };
}

export interface InterpolatedProject {
  readonly value: Json;
  /** Where a variable could not be put in. */
  readonly unsound: readonly Path[];
}

interface Spot {
  readonly lookup: Lookup;
  readonly unsound: Path[];
  readonly place: Place;
}

function replace(value: Json, spot: Spot): Json {
  if (typeof value === 'string') return replaceText(value, spot);
  if (Array.isArray(value))
    return value.map((item: Json, index) => replace(item, { ...spot, place: inside(spot.place, index) }));
  return isJsonRecord(value) ? replaceMembers(value, spot) : value;
}

function replaceMembers(record: JsonRecord, spot: Spot): JsonRecord {
  const replaced: Record<string, Json> = {};
  for (const [key, member] of Object.entries(record)) {
    if (member === undefined) continue;
    // What is only there to be shared by anchors stands resolved where it is used.
    const isIgnored = key.startsWith('x-') && key !== 'x-plimsoll';
    replaced[key] = isIgnored ? member : replace(member, { ...spot, place: inside(spot.place, key) });
  }
  return replaced;
}

function replaceText(text: string, { lookup, unsound, place }: Spot): Json {
  const result = interpolate(text, lookup);
  if ('mistake' in result) {
    report(place, 'InvalidVariable', result.mistake);
    unsound.push(place.path);
    return text;
  }
  return coerce(result.text, typesAt(schemaOf('compose'), place.path));
}
