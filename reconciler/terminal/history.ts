import type { StepRecord, SyncRecord } from '../model/event.ts';
import { shortRevision } from '../model/ids.ts';
import type { Decision } from '../model/plan.ts';
import { formatProblem } from '../model/problem.ts';
import { formatDecision, formatPlan } from '../plan/render.ts';
import { formatOutcome } from './end.ts';
import { outputLines } from './output.ts';
import type { Paint } from './paint.ts';
import { shorten, singleLine } from './text.ts';
import { formatDuration, formatInstant } from './time.ts';

/** What `plimsoll history` prints: newest first, each attempt with what was done and why. */
export function formatHistory(records: readonly SyncRecord[], paint: Paint): string {
  if (records.length === 0) return 'Nothing was synced yet.';
  return records.map((record) => formatAttempt(record, paint)).join('\n\n');
}

/** What `plimsoll history SYNC_ID` prints: one attempt, its plan, and how far each step came. */
export function formatRecord(record: SyncRecord, paint: Paint): string {
  const { plan, steps } = record;
  return [
    formatAttempt(record, paint),
    ...(plan === null ? [] : ['', formatPlan(plan, { color: paint.isOn, verbose: true }).trimEnd()]),
    ...(steps.length === 0 ? [] : ['', ...steps.map((step) => formatStep(step, paint))]),
  ].join('\n');
}

function formatAttempt(record: SyncRecord, paint: Paint): string {
  const { id, stack, startedAt, finishedAt, outcome, trigger } = record;
  const took = finishedAt === null ? '' : ` in ${formatDuration(finishedAt - startedAt)}`;
  const head = `${formatInstant(startedAt)}  ${paint.bold(stack)}  ${formatOutcome(outcome, paint)}${took}`;
  const lines = [
    formatCause(record),
    ...(record.summary === '' || outcome === 'succeeded' ? [] : [formatSummary(record, paint)]),
    ...record.approvals.map(formatApproval),
    ...record.problems.map(formatProblem),
    ...changing(record.plan?.decisions ?? []).map(formatDecision),
  ];
  return [`${head}  ${paint.dim(`${trigger}, sync ${id}`)}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** `DL101 was accepted by ada (#7, label plimsoll/approve-DL101)` */
function formatApproval({ code, by, via }: SyncRecord['approvals'][number]): string {
  return singleLine(`${code} was accepted by ${by} (${via})`);
}

/** The code of what failed is what the documentation is searched for. */
function formatSummary({ summary, error }: SyncRecord, paint: Paint): string {
  return error === null ? singleLine(summary) : paint.red(`${error.code}: ${singleLine(summary)}`);
}

/** What stays as it is needs no line. */
function changing(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(({ verdict }) => verdict !== 'unchanged');
}

function formatCause({ to, from }: SyncRecord): string {
  if (to === null) return 'no commit was read';
  const [subject = ''] = to.message.split('\n');
  const moved = from === null || from === to.revision ? '' : `${shortRevision(from)} -> `;
  return `${moved}${shortRevision(to.revision)} "${shorten(singleLine(subject), 72)}" by ${singleLine(to.author)}`;
}

/** What the containers of failed steps wrote last, step by step. */
export function formatOutputs({ id, steps }: SyncRecord, paint: Paint): readonly string[] {
  return steps
    .filter(({ output }) => output !== '')
    .flatMap(({ step, output }) => {
      const lines = outputLines(output).map((line) => `  ${paint.dim(line)}`);
      return [`${step} of sync ${id} failed; the last lines of its container:`].concat(lines);
    });
}

function formatStep(
  { step, status, startedAt, finishedAt, error, output, reason }: StepRecord,
  paint: Paint,
): string {
  const took =
    startedAt === null || finishedAt === null ? '' : ` (${formatDuration(finishedAt - startedAt)})`;
  switch (status) {
    case 'succeeded':
      return `${paint.green('done')}     ${step}${took}`;
    case 'failed':
      return [
        `${paint.red('failed')}   ${step}${took}: ${singleLine(error?.message ?? '')}`,
        ...outputLines(output).map((line) => `           ${paint.dim(line)}`),
      ].join('\n');
    case 'skipped':
      return `${paint.dim('skipped')}  ${step}: ${singleLine(reason)}`;
    case 'pending':
    case 'running':
      return `${paint.yellow(status)}  ${step}`;
    default:
      return status satisfies never;
  }
}
