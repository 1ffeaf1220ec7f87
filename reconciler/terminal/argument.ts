import { isName, type Name } from '../model/ids.ts';
import { UsageError } from './usage.ts';

/** The name that an option gives, or null where it was not given. */
export function nameArgument(text: string | undefined, option: string): Name | null {
  if (text === undefined) return null;
  if (isName(text)) return text;
  throw new UsageError(`${option} should be a name of lower case letters, digits, "-" and "_".`);
}

export function requiredName(text: string | undefined, what: string): Name {
  const given = nameArgument(text, what);
  if (given === null) throw new UsageError(`${what} is missing.`);
  return given;
}

export function numberArgument(text: string, option: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError(`${option} should be a whole number above 0.`);
}

/** An http address without a login in it. */
export function urlArgument(text: string, option: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text;
  throw new UsageError(
    `${option} should be an http or https address without a login, such as https://host/hooks/ci.`,
  );
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `90m`, `2h30m`, `3d`: as in the manifests, in milliseconds. */
export function durationArgument(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)];
  const ms = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
  if (parts.map(([part]) => part).join('') === text && ms > 0) return Math.round(ms);
  throw new UsageError(`${option} should be a duration, such as 90m, 2h30m or 3d.`);
}
