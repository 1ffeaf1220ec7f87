import { expect, test } from 'vitest';
import { parseArguments } from '../../reconciler/terminal/arguments.ts';
import { UsageError } from '../../reconciler/terminal/usage.ts';

const table = {
  positionals: ['[STACK]'],
  options: {
    json: { kind: 'flag', summary: 'as JSON' },
    out: { kind: 'text', value: 'FILE', summary: 'where to' },
    approve: { kind: 'list', value: 'CODE', summary: 'findings' },
  },
} as const;

function parse(...args: readonly string[]) {
  return parseArguments(table, args);
}

test('what nobody said is false, absent or empty', () => {
  expect(parse()).toEqual({ options: { json: false, approve: [] }, positionals: [] });
});

test.each([
  ['one code', ['--approve', 'PruneMany'], ['PruneMany'], []],
  ['several after one option', ['--approve', 'PruneMany', 'VolumeLoss'], ['PruneMany', 'VolumeLoss'], []],
  ['several options', ['--approve', 'A', '--approve=B'], ['A', 'B'], []],
  ['separated by commas', ['--approve', 'A,B'], ['A', 'B'], []],
  ['before the stack', ['--approve', 'A', 'shop'], ['A'], ['shop']],
  ['after the stack', ['shop', '--approve', 'A', 'B'], ['A', 'B'], ['shop']],
  ['before another option', ['--approve', 'A', 'B', '--json', 'shop'], ['A', 'B'], ['shop']],
])('a list takes %s', (...[, args, approve, positionals]) => {
  const parsed = parse(...args);
  expect(parsed.options.approve).toEqual(approve);
  expect(parsed.positionals).toEqual(positionals);
});

test('a text is given after a space or an equals sign, and may begin with a dash only after the latter', () => {
  expect(parse('--out', 'plan.json').options.out).toBe('plan.json');
  expect(parse('--out=-').options.out).toBe('-');
  expect(() => parse('--out', '--json')).toThrow('--out needs a value: --out FILE.');
  expect(() => parse('--out')).toThrow('--out needs a value: --out FILE.');
  expect(() => parse('--out=')).toThrow('--out needs a value: --out FILE.');
});

test.each([
  [['--jsn'], 'There is no option --jsn. Did you mean --json?'],
  [['--zebra'], 'There is no option --zebra.'],
  [['--__proto__'], 'There is no option --__proto__.'],
  [['--json=yes'], '--json takes no value.'],
  [['a', 'b'], '"b" is one argument too many.'],
  [['-x'], 'There is no option -x.'],
])('%j is refused: %s', (args, message) => {
  expect(() => parse(...args)).toThrow(new UsageError(message));
});

test('a positional argument that is not in brackets must be there', () => {
  const required = { ...table, positionals: ['STACK'] };
  expect(() => parseArguments(required, ['--json'])).toThrow('STACK is missing.');
});

test('what follows two dashes is no option', () => {
  expect(parse('--', '--json').positionals).toEqual(['--json']);
  expect(parse('--', '--json').options.json).toBe(false);
});
