import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Bench } from './context.ts';
import { median, ratioTo, type Beside, type Figure } from './figure.ts';

export interface Machine {
  readonly processors: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly engine: string;
  readonly compose: string;
}

export function describeMachine({ engine, compose }: Bench): Machine {
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    engine: engine.version,
    compose: compose?.version ?? 'absent',
  };
}

/** A table for people: each figure with a line for everything that it is held against. */
export function formatFigures(machine: Machine, figures: readonly Figure[]): string {
  const { processors, memoryGiB, node, engine, compose } = machine;
  const head = `${processors}, ${memoryGiB} GiB; Node ${node}, Docker ${engine}, Compose ${compose}. Medians; lower is better.`;
  const rows = figures.flatMap(rowsOf);
  const titles = ['', 'median', 'runs', 'ratio', 'goal', ''];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [head, '', line(titles), ...rows.map(line)].join('\n');
}

function rowsOf(of: Figure): readonly (readonly string[])[] {
  const own = [of.what, formatAmount(of.runs, of.unit), String(of.runs.length), '', '', of.note];
  return [own, ...of.beside.map((beside) => besideRow(of, beside))];
}

function besideRow(of: Figure, beside: Beside): readonly string[] {
  const ratio = ratioTo(of, beside);
  if (ratio === null) return [`  beside ${beside.what}`, 'absent', '0', '', '', ''];
  const { goal } = beside;
  return [
    `  beside ${beside.what}`,
    formatAmount(beside.runs, of.unit),
    String(beside.runs.length),
    formatRatio(ratio),
    goal === null ? '' : `<= ${formatRatio(goal)}`,
    goal === null ? '' : isMet(ratio, goal),
  ];
}

function isMet(ratio: number, goal: number): string {
  return ratio <= goal ? 'met' : 'MISSED';
}

function formatAmount(runs: readonly number[], unit: Figure['unit']): string {
  const amount = median(runs);
  if (unit === 'calls') return `${amount} calls`;
  return `${amount.toFixed(amount < 100 ? 1 : 0)} ${unit}`;
}

function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 0.1 ? 3 : 2);
}

/** The same for machines, every single run included. */
export function jsonOf(machine: Machine, figures: readonly Figure[]): string {
  const described = figures.map((of) => ({
    ...of,
    median: median(of.runs),
    beside: of.beside.map((beside) => {
      const ratio = ratioTo(of, beside);
      const { goal } = beside;
      return { ...beside, ratio, met: ratio === null || goal === null ? null : ratio <= goal };
    }),
  }));
  return JSON.stringify({ machine, figures: described }, null, 2);
}
