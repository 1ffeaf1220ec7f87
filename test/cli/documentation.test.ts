import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { levels } from '../../reconciler/plan/findings.ts';
import { plimsoll } from './plimsoll.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly string[];
}

/** Every key that an operator may write, and every word that a list of them may hold. */
function wordsOf(file: string): readonly string[] {
  const schema = JSON.parse(readFileSync(`schemas/${file}`, 'utf8')) as Schema;
  return wordsIn(schema);
}

function wordsIn({ $ref, properties = {}, items, enum: values = [] }: Schema): readonly string[] {
  const referenced = $ref !== undefined && !$ref.includes('#') ? wordsOf($ref) : [];
  const own = [...Object.keys(properties), ...Object.values(properties).flatMap(wordsIn)];
  return [...own, ...values, ...referenced, ...(items === undefined ? [] : wordsIn(items))];
}

test('docs/configuration.md names every key of the operator file and every right of its policy', () => {
  const text = readFileSync('docs/configuration.md', 'utf8');
  const words = wordsOf('config.schema.json');
  expect(words.length).toBeGreaterThan(40);
  expect(words.filter((word) => !new RegExp(`\\b${word}\\b`).test(text))).toEqual([]);
});

test('docs/commands.md names every command with its options', async () => {
  const text = readFileSync('docs/commands.md', 'utf8');
  const { stdout } = await plimsoll(['--help']);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
  expect(commands.length).toBeGreaterThan(10);
  const helps = await Promise.all(commands.map((command) => plimsoll([command, '--help'])));
  const missing = helps.flatMap((help, index) => {
    const options = [...help.stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option = '']) => option);
    return [`\`${commands[index]}`, ...options].filter((word) => !text.includes(word));
  });
  expect(missing).toEqual([]);
});

test('docs/findings.md names every code with its level', () => {
  const text = readFileSync('docs/findings.md', 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z]{2}\d{3})` +\| `(\w+)` +\|/gm)].map(([, code, level]) => [
    code,
    level,
  ]);
  expect(rows.length).toBeGreaterThan(30);
  expect(Object.fromEntries(rows)).toEqual(levels);
});
