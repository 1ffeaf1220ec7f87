import type { IpamPool } from '../model/desired.ts';
import { canonicalJson, isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import type { SaidNetwork } from '../model/observed.ts';

/**
 * What was asked for when a network or a volume was made, as the text of a label: an engine adds options and address pools
 * of its own, and later nobody could tell whose they are.
 */
export function writeDefinition({ options, pools }: SaidNetwork): string {
  return canonicalJson({ options: [...options].sort(), pools: pools.map((pool) => ({ ...pool })) });
}

/** Null where nothing is on record, or nothing that can be read. */
export function readDefinition(label: string | undefined): SaidNetwork | null {
  const value = parse(label);
  if (!isJsonRecord(value)) return null;
  const { options, pools } = value;
  return { options: listOf(options).filter(isText), pools: listOf(pools).flatMap(readPool) };
}

function parse(label: string | undefined): Json {
  try {
    return JSON.parse(label ?? 'null') as Json;
  } catch {
    return null;
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value.map((item: Json) => item) : [];
}

function readPool(value: Json): readonly IpamPool[] {
  if (!isJsonRecord(value)) return [];
  const { subnet, gateway = null, ipRange = null, auxAddresses = {} } = value;
  if (!isText(subnet) || !isTextOrNull(gateway) || !isTextOrNull(ipRange)) return [];
  return [{ subnet, gateway, ipRange, auxAddresses: textsOf(auxAddresses) }];
}

function textsOf(value: Json): Readonly<Record<string, string>> {
  const entries: readonly (readonly [string, Json | undefined])[] = Object.entries(
    isJsonRecord(value) ? (value satisfies JsonRecord) : {},
  );
  return Object.fromEntries(entries.flatMap(([key, text]) => (isText(text) ? [[key, text]] : [])));
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: Json): value is string | null {
  return value === null || isText(value);
}
