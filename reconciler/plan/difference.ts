import type { Json } from '../model/json.ts';

/** One place where two values differ. */
export interface Difference {
  /** `environment.LOG_LEVEL`, `mounts./data.read_only`. */
  readonly path: string;
  /** Undefined where the entry is absent. */
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

/** Records are compared entry by entry, so that each entry is one path; lists and scalars as a whole. */
export function differencesAt(path: string, from: unknown, to: unknown): readonly Difference[] {
  if (isSame(from, to)) return [];
  if (!isRecord(from) || !isRecord(to) || isOtherKind(from, to))
    return [{ path, from: toJson(from), to: toJson(to) }];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return keys.flatMap((key) => differencesAt(path === '' ? key : `${path}.${key}`, from[key], to[key]));
}

/** Deep equality of plain values. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => key in right && isSame(left[key], right[key]))
  );
}

/** Plain values as JSON; what JSON cannot hold is null. */
export function toJson(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map((item) => toJson(item) ?? null);
  if (!isRecord(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A volume that became a bind mount is another thing, not the same thing with other properties. */
function isOtherKind(
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
): boolean {
  return from['type'] !== to['type'] && 'type' in from && 'type' in to;
}

/** Whether a path is one of these or below one. */
export function isWithin(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}.`));
}
