import { expect, test } from 'vitest';
import { createPaint } from '../../reconciler/terminal/paint.ts';
import { formatTable } from '../../reconciler/terminal/table.ts';
import { count, listOf, shorten, singleLine, widthOf } from '../../reconciler/terminal/text.ts';
import { formatAge, formatDuration } from '../../reconciler/terminal/time.ts';

test('foreign text cannot move the cursor, colour what follows or turn the line round', () => {
  expect(singleLine('a\u001b[31mb\u001b[2Jc\rd\ne\u0007\u202ef')).toBe('abc d e f');
});

test('columns are aligned by what is seen, not by colour codes or code units', () => {
  const paint = createPaint(true, {});
  const table = formatTable(
    [
      [paint.red('no'), 'x'],
      ['naïve👍🏽', 'y'],
    ],
    { head: ['A', 'B'], paint: createPaint(false, {}) },
  );
  const starts = table.split('\n').map((line) => widthOf(line.slice(0, line.search(/[Bxy]$/))));
  expect(new Set(starts).size).toBe(1);
});

test('colours appear on a terminal, and where FORCE_COLOR or NO_COLOR decide', () => {
  const isOn = (isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean =>
    createPaint(isTerminal, environment).red('x') !== 'x';
  expect(isOn(true, {})).toBe(true);
  expect(isOn(false, {})).toBe(false);
  expect(isOn(true, { NO_COLOR: '1' })).toBe(false);
  expect(isOn(true, { NO_COLOR: '' })).toBe(true);
  expect(isOn(true, { TERM: 'dumb' })).toBe(false);
  expect(isOn(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true);
  expect(isOn(true, { FORCE_COLOR: '0' })).toBe(false);
});

test.each([
  [0, '0.0 s'],
  [420, '0.4 s'],
  [9_940, '9.9 s'],
  [12_000, '12 s'],
  [59_700, '1 min'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [4 * 86_400_000, '4 d'],
])('%d ms read %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [null, 'never'],
  [0, 'now'],
  [12_000, '12 s ago'],
  [200_000, '3 min ago'],
  [30 * 3_600_000, '30 h ago'],
  [72 * 3_600_000, '3 d ago'],
])('%s ms ago reads %s', (ms, text) => {
  expect(formatAge(ms === null ? null : 1e12 - ms, 1e12)).toBe(text);
});

test('numbers, lists and cuts read as a person would write them', () => {
  expect(count(1, 'service')).toBe('1 service');
  expect(count(2, 'sync', 'syncs')).toBe('2 syncs');
  expect(listOf(['a', 'b', 'c'])).toBe('a, b and c');
  expect(shorten('harbour', 5)).toBe('harb…');
});
