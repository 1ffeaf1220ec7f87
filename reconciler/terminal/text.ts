import { stripVTControlCharacters } from 'node:util';

/**
 * Text that somebody else wrote (a commit message, an engine's answer) on one line and without control characters,
 * so that it can neither move the cursor nor hide what stands beside it.
 */
export function singleLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .trim();
}

/** Columns that a text takes, colours not counted. */
export function widthOf(text: string): number {
  return graphemesOf(stripVTControlCharacters(text)).length;
}

/** Cut to a width, with an ellipsis; not for painted text. */
export function shorten(text: string, width: number): string {
  const characters = graphemesOf(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join('')}…`;
}

/** `1 service`, `2 services`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function graphemesOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
