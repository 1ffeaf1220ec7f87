/** Something that was measured, beside what it is held against. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'MB' | 'calls';
  /** The figure is their median. */
  readonly runs: readonly number[];
  readonly beside: readonly Beside[];
  /** What a reader should know; empty mostly. */
  readonly note: string;
}

export interface Beside {
  readonly what: string;
  /** In the figure's unit, measured in the same run; empty when it could not be had. */
  readonly runs: readonly number[];
  /** The highest ratio, ours to theirs, that we want to see, or null where none was set. */
  readonly goal: number | null;
}

export function figure(
  what: string,
  runs: readonly number[],
  rest: Partial<Pick<Figure, 'unit' | 'beside' | 'note'>> = {},
): Figure {
  return { what, runs, unit: 'ms', beside: [], note: '', ...rest };
}

export function median(runs: readonly number[]): number {
  const sorted = runs.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The value that so many of a hundred do not exceed. */
export function percentile(runs: readonly number[], of: number): number {
  const sorted = runs.toSorted((left, right) => left - right);
  return sorted[Math.ceil((of / 100) * sorted.length) - 1] ?? Number.NaN;
}

export function ratioTo(of: Figure, beside: Beside): number | null {
  return beside.runs.length === 0 ? null : median(of.runs) / median(beside.runs);
}

/** Milliseconds that the work took. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** One run first that does not count, then so many that do. */
export async function times(count: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  await work();
  const runs: number[] = [];
  for (let run = 0; run < count; run += 1) runs.push(await time(work));
  return runs;
}
