import type { DiffReport, FilesReport, StackDiff } from '../control/protocol.ts';
import { shortRevision, type Name } from '../model/ids.ts';
import type { ChangedFile } from '../model/ports.ts';
import { formatProblem } from '../model/problem.ts';
import { formatResource, type Change } from '../model/change.ts';
import { driftKey } from '../model/drift.ts';
import { changeKey } from '../plan/drift-sighting.ts';
import { createInk } from '../plan/ink.ts';
import { causeOf, decisionLines, findingLines } from '../plan/render-lines.ts';
import type { Paint } from './paint.ts';
import { printable } from '../plan/printable.ts';
import { formatValue } from '../plan/value.ts';
import { count, singleLine, widthOf } from './text.ts';
import { formatInstant } from './time.ts';

/** What `plimsoll diff` prints: each stack with what differs, field by field. */
export function formatDiff({ stacks }: DiffReport, paint: Paint): string {
  if (stacks.length === 0) return 'There are no stacks.';
  return stacks.map((diff) => formatStackDiff(diff, paint)).join('\n\n');
}

/** Only what concerns one service. */
export function onlyService(diff: StackDiff, service: Name): StackDiff {
  const concerns = ({ resource }: { readonly resource: StackDiff['changes'][number]['resource'] }): boolean =>
    'service' in resource && resource.service === service;
  return {
    ...diff,
    changes: diff.changes.filter(concerns),
    findings: diff.findings.filter(concerns),
    decisions: diff.decisions.filter(concerns),
  };
}

function differs({ changes, problems, error }: StackDiff): boolean {
  return changes.length > 0 || problems.length > 0 || error !== null;
}

function formatStackDiff(diff: StackDiff, paint: Paint): string {
  const head = `${paint.bold(diff.stack)} at ${shortRevision(diff.revision)}`;
  if (!differs(diff)) return `${head}: ${paint.green('nothing differs')}`;
  const ink = createInk(paint.isOn);
  return [
    head,
    ...(diff.error === null
      ? []
      : [`  ${paint.red(`${diff.error.code}: ${singleLine(diff.error.message)}`)}`]),
    ...diff.problems.map((problem) => `  ${paint.red(formatProblem(problem))}`),
    ...decisionLines(diff, { ink, verbose: false, fields: (changes) => fieldTable(changes, diff, paint) }),
    ...diff.findings.flatMap((finding) => findingLines(finding, ink)),
  ].join('\n');
}

/** One line a field: whose it is, what it is, what it should be, and how it came about where that is recorded. */
function fieldTable(changes: readonly Change[], { drift }: StackDiff, paint: Paint): readonly string[] {
  const accounts = new Map(drift.map((interval) => [driftKey(interval), interval]));
  const rows = changes.map((change) => {
    const { resource, field } = changeKey(change);
    const [found, wanted] = valuesOf(change);
    const account = accounts.get(driftKey({ resource, field }));
    const why =
      account === undefined ? causeOf(change) : `${formatInstant(account.openedAt)} ${account.because}`;
    const values = [paint.red(found), paint.dim('->'), paint.green(wanted)];
    return [formatResource(resource), printable(field), ...values, paint.dim(printable(why))];
  });
  return alignRows(rows).map((line) => `      ${line}`);
}

function valuesOf(change: Change): readonly [found: string, wanted: string] {
  switch (change.kind) {
    case 'modify':
      return [formatValue(change.path, change.from), formatValue(change.path, change.to)];
    case 'add':
      return ['absent', 'present'];
    case 'remove':
      return ['present', 'absent'];
    default:
      return change satisfies never;
  }
}

/** Every column but the last as wide as its widest cell, two spaces apart. */
function alignRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const pad = (cell: string, column: number, { length }: readonly string[]): string =>
    column === length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell));
  return rows.map((row) => row.map((cell, column) => pad(cell, column, row)).join('  '));
}

const fileMarks = { added: '+', modified: '~', removed: '-' } as const;
/** A program may write thousands of files; JSON has them all. */
const mostFiles = 50;

/** What `plimsoll diff --files` prints below it: what was written inside the containers, which nothing heals. */
export function formatFiles({ containers }: FilesReport, paint: Paint): string {
  if (containers.length === 0) return 'There are no containers.';
  return containers.map(({ container, files }) => formatContainerFiles(container, files, paint)).join('\n\n');
}

function formatContainerFiles(container: string, files: readonly ChangedFile[], paint: Paint): string {
  const head = `${paint.bold(container)}: ${files.length === 0 ? 'as the image has it' : `${count(files.length, 'path')} other than in the image`}`;
  const lines = files.slice(0, mostFiles).map(({ path, kind }) => `  ${fileMarks[kind]} ${printable(path)}`);
  const more = files.length - lines.length;
  return [head, ...lines, ...(more > 0 ? [`  and ${more} more; --json has them all`] : [])].join('\n');
}
