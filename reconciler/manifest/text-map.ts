import type { Json } from '../model/json.ts';
import { inside, report, type Place } from './place.ts';

export type MapOrList = Readonly<Record<string, Json | undefined>> | readonly string[];

/** `{ a: 1 }` or `["a=1"]` as a record of texts. Without a value it is the empty text, as Compose has it. */
export function readTextMap(value: MapOrList | undefined, place: Place): Readonly<Record<string, string>> {
  return Object.fromEntries(pairsOf(value, place).map(([name, text]) => [name, text ?? '']));
}

/** The same as pairs in the order written; null where no value is given. */
export function pairsOf(
  value: MapOrList | undefined,
  place: Place,
): readonly (readonly [name: string, text: string | null])[] {
  if (value === undefined) return [];
  if (!isList(value)) return Object.entries(value).map(([name, member]) => [name, textOf(member)]);
  return value.flatMap((entry, index) => {
    const at = entry.indexOf('=');
    const name = at === -1 ? entry : entry.slice(0, at);
    if (name !== '') return [[name, at === -1 ? null : entry.slice(at + 1)] as const];
    report(inside(place, index), 'WrongValue', 'has no name before the "=". Write "NAME=value".');
    return [];
  });
}

function isList(value: MapOrList): value is readonly string[] {
  return Array.isArray(value);
}

function textOf(value: Json | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One text or a list of them, as a list. */
export function readList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** Sorted by code unit and without duplicates: the canonical form of a list whose order has no meaning. */
export function sortedUnique(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}
