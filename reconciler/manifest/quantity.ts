import { report, type Place } from './place.ts';

const unitMs: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const longestMs = 366 * 86_400_000;

/** A duration in Compose's syntax, such as `1m30s`, in whole milliseconds. */
export function readDuration(text: string, place: Place): number {
  let total = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/([0-9]+(?:\.[0-9]+)?)([a-zµ]+)/g)) {
    total += Number(count) * (unitMs[unit] ?? 0);
  }
  if (total > longestMs) report(place, 'WrongValue', 'should be at most 366 days, such as "10m".');
  return Math.ceil(total);
}

/** A size in Compose's syntax, such as `512m`, in bytes. Units are powers of 1024; a number alone is bytes. */
export function readSize(value: string | number, place: Place): number {
  const [, count = '', unit = ''] = /^(-?[0-9.]+) ?([kmgtp]?)/.exec(String(value).toLowerCase()) ?? [];
  const sizeBytes = Math.floor(Number(count) * 1024 ** ' kmgtp'.indexOf(unit === '' ? ' ' : unit));
  if (!Number.isSafeInteger(sizeBytes))
    report(place, 'WrongValue', 'is more than any machine has. Correct the unit.');
  return sizeBytes;
}

/** Permission bits: a number as it is, text as octal. */
export function readMode(value: string | number): number {
  return typeof value === 'number' ? value : Number.parseInt(value.replace(/^0o/, ''), 8);
}
