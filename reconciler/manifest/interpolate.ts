/** Text after its variables were put in, or what is wrong with it: a clause without any value. */
export type Interpolated = { readonly text: string } | { readonly mistake: string };

/** The value of a variable, or undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A default inside a default inside … : beyond this nobody can read it either. */
const maxDepth = 10;

/**
 * Compose's interpolation: `$NAME`, `${NAME}`, `:-` and `-` for a default, `:?` and `?` for a demand, `:+` and `+` for
 * a replacement, `$$` for a dollar. A variable that is not set is a mistake: Compose would put in an empty text.
 */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  if (!text.includes('$')) return { text };
  const reading: Reading = { text, lookup, at: 0, mistake: null };
  const result = readUntil(reading, { isNested: false, depth: 0 });
  return reading.mistake === null ? { text: result } : { mistake: reading.mistake };
}

interface Reading {
  readonly text: string;
  readonly lookup: Lookup;
  at: number;
  mistake: string | null;
}

interface Level {
  /** Inside braces, so that a closing one ends it. */
  readonly isNested: boolean;
  readonly depth: number;
}

function readUntil(reading: Reading, level: Level): string {
  const parts: string[] = [];
  while (reading.at < reading.text.length) {
    const character = reading.text.charAt(reading.at);
    if (level.isNested && character === '}') return parts.join('');
    if (character === '$') {
      parts.push(readVariable(reading, level.depth));
    } else {
      parts.push(character);
      reading.at += 1;
    }
  }
  return level.isNested ? fail(reading, `has "\${" without a closing "}". ${plainDollar}`) : parts.join('');
}

const plainDollar = 'For a plain dollar sign write "$$".';

/** The first mistake counts; reading ends there. */
function fail(reading: Reading, mistake: string): string {
  reading.mistake ??= mistake;
  reading.at = reading.text.length;
  return '';
}

function readVariable(reading: Reading, depth: number): string {
  const next = reading.text.charAt(reading.at + 1);
  if (next === '$') {
    reading.at += 2;
    return '$';
  }
  const isBraced = next === '{';
  const start = reading.at + (isBraced ? 2 : 1);
  const name = nameAt(reading.text, start);
  if (name === '') return fail(reading, `has "$" without the name of a variable. ${plainDollar}`);
  reading.at = start + name.length;
  if (!isBraced) return required(reading, name);
  const value = readBraced(reading, name, depth);
  if (reading.text.charAt(reading.at) !== '}') {
    return fail(reading, `has "\${${name}" without a closing "}" behind it. ${plainDollar}`);
  }
  reading.at += 1;
  return value;
}

function nameAt(text: string, start: number): string {
  const expression = /[A-Za-z_][A-Za-z0-9_]*/y;
  expression.lastIndex = start;
  return expression.exec(text)?.[0] ?? '';
}

function required(reading: Reading, name: string): string {
  const where = `Set it there, or write "\${${name}:-}" where empty is meant. ${plainDollar}`;
  const why = `needs the variable ${name}, which is not set: only the .env file of the stack's directory counts`;
  return reading.lookup(name) ?? fail(reading, `${why}. ${where}`);
}

function readBraced(reading: Reading, name: string, depth: number): string {
  const [operator = ''] = /^:?[-?+]/.exec(reading.text.slice(reading.at, reading.at + 2)) ?? [];
  if (operator === '') return required(reading, name);
  if (depth === maxDepth)
    return fail(reading, 'has variables nested too deeply. Put intermediate values into .env.');
  reading.at += operator.length;
  const value = reading.lookup(name);
  const isGiven = value !== undefined && (value !== '' || !operator.startsWith(':'));
  const isUsed = operator.endsWith('+') ? isGiven : !isGiven;
  const operand = isUsed ? readUntil(reading, { isNested: true, depth: depth + 1 }) : skipOperand(reading);
  if (operator.endsWith('?') && !isGiven) {
    const reason = operand === '' ? '' : ` (${operand})`;
    return fail(
      reading,
      `needs the variable ${name}${reason}. Set it in the .env file of the stack's directory.`,
    );
  }
  return isUsed ? operand : (value ?? '');
}

/** Passes over what is not used: a variable in it need not be set. */
function skipOperand(reading: Reading): string {
  let open = 0;
  for (; reading.at < reading.text.length; reading.at += 1) {
    const character = reading.text.charAt(reading.at);
    if (character === '}' && open === 0) return '';
    if (character === '}') open -= 1;
    if (character === '{' && reading.text.charAt(reading.at - 1) === '$') open += 1;
  }
  return '';
}
