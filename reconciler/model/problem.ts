/** A person's mistake in a file: a value that is collected, never thrown. */
export interface Problem {
  /** Stable PascalCase code, such as `UnknownKey`. */
  readonly code: string;
  /** Path inside the source, with `/`. */
  readonly file: string;
  /** From 1; 1:1 where the problem concerns the whole file. */
  readonly line: number;
  readonly column: number;
  /** Path inside the document, such as `spec.ports[0]`; empty for the whole document. */
  readonly path: string;
  /** A finished sentence: what is wrong and what to do. Never holds a secret's value. */
  readonly message: string;
}

/** `stacks/shop/web.yaml:12:11 spec.ports[0]: should be "HOST:CONTAINER", such as "8080:80"` */
export function formatProblem(problem: Problem): string {
  const path = problem.path === '' ? '' : ` ${problem.path}`;
  return `${problem.file}:${problem.line}:${problem.column}${path}: ${problem.message}`;
}

/** Problems in reading order: by file, line, column, then code. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.code, b.code),
  );
}

/** Order by code unit, the same on every machine and in every locale. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
