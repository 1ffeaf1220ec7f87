import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import type { Path } from './place.ts';

/**
 * The value without the parts that have mistakes, cut off `depth` keys below the top: one wrong port costs the whole
 * list of ports, but not the rest of the service.
 */
export function soundPart(
  value: Json,
  unsound: readonly Path[],
  depth: number | ((path: Path) => number),
): JsonRecord {
  if (!isJsonRecord(value)) return {};
  return unsound.reduce<JsonRecord>((part, path) => {
    const cut = path.slice(0, typeof depth === 'number' ? depth : depth(path));
    return cut.length === 0 ? {} : withoutKey(part, cut);
  }, value);
}

function withoutKey(record: JsonRecord, path: Path): JsonRecord {
  const [first, ...rest] = path;
  if (typeof first !== 'string' || !Object.hasOwn(record, first)) return record;
  const { [first]: child, ...others } = record;
  if (rest.length === 0 || !isJsonRecord(child)) return others;
  return { ...others, [first]: withoutKey(child, rest) };
}
