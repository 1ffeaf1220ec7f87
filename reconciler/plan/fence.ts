import { printable } from './printable.ts';

/**
 * Lines as a code block that nothing in them can end: Markdown, HTML, links and mentions inside stay text. Line breaks
 * within a line, and what turns the direction of reading, are written out.
 */
export function fenced(lines: readonly string[], language = ''): string {
  const safe = lines.map(printable);
  const longest = Math.max(2, ...safe.map(longestRun));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...safe, fence].join('\n');
}

/** A fence stays closed as long as it is longer than every run of backticks in it. */
function longestRun(line: string): number {
  return Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
}

/** Text within a sentence of Markdown, as a code span of one line. */
export function inlineCode(text: string): string {
  const safe = printable(text);
  const fence = '`'.repeat(longestRun(safe) + 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') || safe === '' ? ' ' : '';
  return `${fence}${pad}${safe}${pad}${fence}`;
}
