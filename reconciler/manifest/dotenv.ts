import { interpolate, type Lookup } from './interpolate.ts';

/** A mistake in an env file. `line` counts from 1; the message holds no value. */
export interface DotenvMistake {
  readonly line: number;
  readonly message: string;
}

export interface Dotenv {
  readonly values: ReadonlyMap<string, string>;
  readonly mistakes: readonly DotenvMistake[];
}

const mostMistakes = 20;

/**
 * An env file in Compose's syntax: `NAME=value`, `export`, comments, single quotes for literal text, double quotes with
 * escapes, several lines inside quotes, and `${NAME}` for what `lookup` knows or what stands above.
 */
export function parseDotenv(text: string, lookup: Lookup): Dotenv {
  const reading: Reading = {
    text: text.replaceAll('\r\n', '\n'),
    at: 0,
    lookup,
    values: new Map(),
    mistakes: [],
  };
  while (skipToStatement(reading) && reading.mistakes.length < mostMistakes) readStatement(reading);
  return { values: reading.values, mistakes: reading.mistakes };
}

/** Docker's own format: every line is `NAME=value` as it stands. */
export function parseRawEnv(text: string): Dotenv {
  const values = new Map<string, string>();
  const mistakes: DotenvMistake[] = [];
  for (const [index, line] of text.replaceAll('\r\n', '\n').split('\n').entries()) {
    const statement = line.trimStart();
    if (statement === '' || statement.startsWith('#')) continue;
    const at = statement.indexOf('=');
    if (at > 0) values.set(statement.slice(0, at), statement.slice(at + 1));
    else if (mistakes.length < mostMistakes)
      mistakes.push({ line: index + 1, message: 'should be "NAME=value".' });
  }
  return { values, mistakes };
}

interface Reading {
  readonly text: string;
  readonly lookup: Lookup;
  readonly values: Map<string, string>;
  readonly mistakes: DotenvMistake[];
  at: number;
}

function skipToStatement(reading: Reading): boolean {
  while (reading.at < reading.text.length) {
    const character = reading.text.charAt(reading.at);
    if (character === '#') skipLine(reading);
    else if (/\s/.test(character)) reading.at += 1;
    else return true;
  }
  return false;
}

function readStatement(reading: Reading): void {
  const head = /(?:export[ \t]+)?([A-Za-z0-9_.\-[\]]+)[ \t]*([=:]?)[ \t]*/y;
  head.lastIndex = reading.at;
  const [whole, name = '', separator = ''] = head.exec(reading.text) ?? [];
  const end = reading.at + (whole?.length ?? 0);
  if (whole === undefined || (separator === '' && end < endOfLine(reading))) {
    mistake(reading, 'should be "NAME=value", with letters, digits, `_`, `.` and `-` in the name.');
    skipLine(reading);
    return;
  }
  reading.at = end;
  if (separator === '') readInherited(reading, name);
  else readValue(reading, name);
}

function readInherited(reading: Reading, name: string): void {
  const value = reading.lookup(name);
  if (value !== undefined) reading.values.set(name, value);
}

function readValue(reading: Reading, name: string): void {
  const quote = reading.text.charAt(reading.at);
  if (quote === '"' || quote === "'") {
    readQuoted(reading, name, quote);
  } else {
    const [bare = ''] = restOfLine(reading).split(' #', 1);
    put(reading, name, interpolate(bare.trimEnd(), lookupIn(reading)));
  }
  skipLine(reading);
}

function readQuoted(reading: Reading, name: string, quote: string): void {
  const start = reading.at + 1;
  const end = closingQuote(reading.text, start, quote);
  if (end === -1) {
    mistake(reading, `has a value of ${name} whose quote is not closed.`);
    reading.at = reading.text.length;
    return;
  }
  const inner = reading.text.slice(start, end);
  put(
    reading,
    name,
    quote === "'" ? { text: inner.replaceAll("\\'", "'") } : interpolate(unescape(inner), lookupIn(reading)),
  );
  reading.at = end + 1;
  if (!/^[ \t]*(?:#|$)/.test(restOfLine(reading)))
    mistake(reading, `has something behind the closing quote of ${name}.`);
}

function closingQuote(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === quote) return at;
  }
  return -1;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  // The interpolation makes a plain dollar of it.
  $: '$$',
};

function unescape(text: string): string {
  return text.replace(/\\(0[0-7]{0,3}|.)/gs, (whole, code: string) => {
    if (code.startsWith('0')) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return escapes[code] ?? whole;
  });
}

/** As in Compose, what comes from outside is asked first. */
function lookupIn({ lookup, values }: Reading): Lookup {
  return (name) => lookup(name) ?? values.get(name);
}

function put(reading: Reading, name: string, value: ReturnType<typeof interpolate>): void {
  if ('mistake' in value) mistake(reading, `has a value of ${name} that ${value.mistake}`);
  else reading.values.set(name, value.text);
}

function mistake(reading: Reading, message: string): void {
  const line = reading.text.slice(0, reading.at).split('\n').length;
  reading.mistakes.push({ line, message });
}

function restOfLine(reading: Reading): string {
  return reading.text.slice(reading.at, endOfLine(reading));
}

function endOfLine({ text, at }: Reading): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function skipLine(reading: Reading): void {
  reading.at = endOfLine(reading) + 1;
}
