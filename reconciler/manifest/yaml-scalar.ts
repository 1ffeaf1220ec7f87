import { isAlias, isScalar } from 'yaml';
import type { Json } from '../model/json.ts';

interface ScalarNode {
  readonly value: unknown;
  readonly source?: string;
  readonly type?: string;
}

/**
 * The value of a scalar as a Compose file means it: a leading zero makes a number octal (`mode: 0440`), and a number
 * that JavaScript could not hold exactly stays the text that was written.
 */
export function scalarValue({ value, source, type }: ScalarNode): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return type === 'PLAIN' || type === undefined ? exactNumber(value, source ?? String(value)) : value;
    default:
      return null;
  }
}

function exactNumber(value: number, source: string): Json {
  if (/^[-+]?0[0-7]+$/.test(source)) return Number.parseInt(source, 8);
  if (!Number.isFinite(value)) return source;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value;
}

/** A key as text: `80:` is the key "80". Null for a list, a map, an alias or nothing. */
export function keyText(key: unknown): string | null {
  if (isAlias(key) || !isScalar(key)) return null;
  if (typeof key.value === 'string') return key.value;
  return key.value === null || key.value === undefined ? null : (key.source ?? null);
}

export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<';
}
