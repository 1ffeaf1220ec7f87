import type { DiffReport, StackDiff } from '../control/protocol.ts';
import { shortRevision, type Name } from '../model/ids.ts';
import { formatProblem } from '../model/problem.ts';
import { createInk } from '../plan/ink.ts';
import { decisionLines, findingLines } from '../plan/render-lines.ts';
import type { Paint } from './paint.ts';
import { singleLine } from './text.ts';

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
    ...decisionLines(diff, { ink, verbose: false }),
    ...diff.findings.flatMap((finding) => findingLines(finding, ink)),
  ].join('\n');
}
