import { parseArgs } from 'node:util';
import { nearest } from '../model/nearest.ts';
import type { OptionSpec, OptionSpecs, OptionValues } from './command.ts';
import { UsageError } from './usage.ts';

export interface ParsedArguments<Specs extends OptionSpecs> {
  readonly options: OptionValues<Specs>;
  readonly positionals: readonly string[];
}

interface Expected<Specs extends OptionSpecs> {
  readonly options: Specs;
  readonly positionals: readonly string[];
}

type Value = boolean | string | string[];

/** Reads a command's arguments by its table of options. Whatever is not in the table throws UsageError. */
export function parseArguments<Specs extends OptionSpecs>(
  { options: specs, positionals: expected }: Expected<Specs>,
  args: readonly string[],
): ParsedArguments<Specs> {
  const { tokens, positionals } = parseArgs({
    args: [...spreadLists(specs, args)],
    options: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { type: typeOf(spec) }])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: Record<string, Value> = Object.fromEntries(
    Object.entries(specs).flatMap(([name, { kind }]): [string, Value][] =>
      kind === 'text' ? [] : [[name, kind === 'flag' ? false : []]],
    ),
  );
  for (const token of tokens) {
    if (token.kind === 'option') readOption(specs, values, token);
  }
  checkPositionals(expected, positionals);
  // By construction: each option of the table has the value of its kind.
  return { options: values as OptionValues<Specs>, positionals };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readOption(specs: OptionSpecs, values: Record<string, Value>, token: OptionToken): void {
  const { name, rawName, value, inlineValue } = token;
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (spec === undefined) throw new UsageError(unknownOption(specs, rawName));
  switch (spec.kind) {
    case 'flag':
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      values[name] = true;
      return;
    case 'text':
      values[name] = givenValue(spec, rawName, { value, inlineValue });
      return;
    case 'list': {
      const given = givenValue(spec, rawName, { value, inlineValue });
      values[name] = [...listValue(values[name]), ...given.split(',').filter((item) => item !== '')];
      return;
    }
    default:
      return spec satisfies never;
  }
}

function listValue(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}

/** `--out --json` is a forgotten value, not a file of that name; `--out=--json` says that it is one. */
function givenValue(
  spec: Exclude<OptionSpec, { readonly kind: 'flag' }>,
  rawName: string,
  { value, inlineValue }: Pick<OptionToken, 'value' | 'inlineValue'>,
): string {
  const isForgotten = value === undefined || value === '' || (inlineValue !== true && value.startsWith('-'));
  if (isForgotten) throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}.`);
  return value;
}

/**
 * `--approve A B` is `--approve A --approve B`. Codes begin with a capital and names of stacks never do, so that
 * `--approve A shop` is one code and a stack.
 */
function spreadLists(specs: OptionSpecs, args: readonly string[]): readonly string[] {
  let current: string | null = null;
  return args.flatMap((word, index) => {
    if (word.startsWith('-')) {
      current = specs[word.slice(2)]?.kind === 'list' ? word : null;
      return [word];
    }
    const isFirst = args[index - 1] === current;
    const isMore = current !== null && !isFirst && /^[A-Z]/.test(word);
    if (!isMore && !isFirst) current = null;
    return isMore && current !== null ? [current, word] : [word];
  });
}

function unknownOption(specs: OptionSpecs, rawName: string): string {
  const known = [...Object.keys(specs), 'help'].map((name) => `--${name}`);
  const near = nearest(rawName, known);
  return `There is no option ${rawName}.${near === null ? '' : ` Did you mean ${near}?`}`;
}

function checkPositionals(expected: readonly string[], given: readonly string[]): void {
  const missing = expected.slice(given.length).find((name) => !name.startsWith('['));
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`);
  const extra = given[expected.length];
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many.`);
}

function typeOf({ kind }: OptionSpec): 'boolean' | 'string' {
  return kind === 'flag' ? 'boolean' : 'string';
}
