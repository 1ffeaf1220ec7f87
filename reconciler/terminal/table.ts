import type { Paint } from './paint.ts';
import { widthOf } from './text.ts';

export interface TableOptions {
  readonly head: readonly string[];
  readonly paint: Paint;
}

/** Rows below aligned headings, two spaces between columns; the last column takes what room it needs. */
export function formatTable(rows: readonly (readonly string[])[], { head, paint }: TableOptions): string {
  const widths = head.map((title, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : pad(cell, widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [paint.dim(line(head)), ...rows.map(line)].join('\n');
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - widthOf(text), 0));
}
