import { formatResource, type Change, type Finding, type Resource } from '../model/change.ts';
import type { Decision, Plan } from '../model/plan.ts';
import { causeOf, formatFields } from './render-lines.ts';

/**
 * How much is said. From one to the next something gives way, deletions and what stops a sync never:
 * all; five fields a change; no fields; deletions and what needs a decision; the same, names only.
 */
export const details = ['all', 'someFields', 'noFields', 'weighty', 'names'] as const;
export type Detail = (typeof details)[number];

export interface PlanLines {
  readonly detail: Detail;
  /** Resources that differ without the pull request too, as formatted. */
  readonly before: readonly string[];
}

const classWords: Readonly<Record<Decision['verdict'], string>> = {
  create: 'create',
  inPlace: 'in place',
  rolling: 'rolling',
  recreate: 'recreate',
  delete: 'delete',
  dataLoss: 'data loss',
  unchanged: 'unchanged',
  held: 'held',
  ignored: 'left alone',
  blocked: 'blocked',
};

/** As a `diff` block colours them: green, red, orange. */
const marks: Readonly<Record<Decision['verdict'], string>> = {
  create: '+',
  inPlace: '!',
  rolling: '!',
  recreate: '!',
  delete: '-',
  dataLoss: '-',
  unchanged: ' ',
  held: '#',
  ignored: '#',
  blocked: '#',
};

/** One stack's plan as the lines of a code block. Empty when nothing is to be said. */
export function planLines(plan: Plan, options: PlanLines): readonly string[] {
  const shown = plan.decisions.filter(({ verdict }) => verdict !== 'unchanged');
  const said = shown.filter((decision) => isSaid(decision, options.detail));
  const deletions = said.filter(isDeletion);
  const lines =
    options.detail === 'names'
      ? [
          ...namesOf(deletions),
          ...said.filter((decision) => !isDeletion(decision)).map((one) => headOf(one, options)),
        ]
      : said.flatMap((decision) => [
          headOf(decision, options),
          ...fieldLines(plan.changes, decision, options),
        ]);
  const rest = shown.length - said.length;
  return [
    ...lines,
    ...(rest === 0 ? [] : [`  and ${rest} more that neither delete nor stop anything`]),
    ...findingLines(plan.findings, options.detail),
  ];
}

function isSaid({ verdict, downtime }: Decision, detail: Detail): boolean {
  switch (detail) {
    case 'all':
    case 'someFields':
    case 'noFields':
      return true;
    case 'weighty':
      return downtime.expected || ['delete', 'dataLoss', 'held', 'blocked'].includes(verdict);
    case 'names':
      return verdict === 'delete' || verdict === 'dataLoss';
    default:
      return detail satisfies never;
  }
}

export function isDeletion({ verdict }: Decision): boolean {
  return verdict === 'delete' || verdict === 'dataLoss';
}

function namesOf(deletions: readonly Decision[]): readonly string[] {
  return (['delete', 'dataLoss'] as const).flatMap((kind) => {
    const names = deletions
      .filter(({ verdict }) => verdict === kind)
      .map(({ resource }) => formatResource(resource));
    return names.length === 0 ? [] : [`- ${classWords[kind]} (${names.length}): ${names.join(' ')}`];
  });
}

/** `! web: rolling, no downtime, because image changed acme/web:1.4.1 -> acme/web:1.4.2` */
function headOf({ resource, verdict, because, downtime }: Decision, { before }: PlanLines): string {
  const name = formatResource(resource);
  const gap = downtime.expected
    ? `, downtime (${downtime.reason})`
    : isChange(verdict)
      ? ', no downtime'
      : '';
  const drift = before.includes(name) ? ' [existing drift, without this pull request too]' : '';
  return `${marks[verdict]} ${name}: ${classWords[verdict]}${gap}, because ${because}${drift}`;
}

function isChange(verdict: Decision['verdict']): boolean {
  return verdict === 'inPlace' || verdict === 'rolling' || verdict === 'recreate';
}

const someFields = 5;

/** The same change of several instances stands once. */
function fieldLines(
  changes: readonly Change[],
  { resource }: Decision,
  { detail }: PlanLines,
): readonly string[] {
  if (detail !== 'all' && detail !== 'someFields') return [];
  const own = changes.filter((change) => isPartOf(change.resource, resource));
  const lines = [
    ...new Set(
      own.flatMap((change) =>
        change.kind === 'modify' ? [`      ${formatFields(change)}  (${causeOf(change)})`] : [],
      ),
    ),
  ];
  if (detail === 'all' || lines.length <= someFields) return lines;
  return [...lines.slice(0, someFields), `      and ${lines.length - someFields} more fields`];
}

function isPartOf(part: Resource, whole: Resource): boolean {
  if (part.kind === 'instance') return whole.kind === 'service' && part.service === whole.service;
  return formatResource(part) === formatResource(whole);
}

/** What stops a sync is always said in full; of the rest the codes remain where space is short. */
function findingLines(findings: readonly Finding[], detail: Detail): readonly string[] {
  const isShort = detail === 'weighty' || detail === 'names';
  const full = isShort ? findings.filter(isStopping) : findings;
  const rest = isShort ? findings.filter((one) => !isStopping(one)) : [];
  const lines = full.map((one) =>
    detail === 'names'
      ? `@@ ${one.level} ${one.code} @@ ${formatResource(one.resource)}`
      : `@@ ${one.level} ${one.code} @@ ${one.message} ${one.remedy}`,
  );
  const codes = [...new Set(rest.map(({ level, code }) => `${level} ${code}`))].sort();
  return [
    ...new Set(lines),
    ...codes.map(
      (code) => `@@ ${code} @@ ${rest.filter((one) => `${one.level} ${one.code}` === code).length} times`,
    ),
  ];
}

function isStopping({ level }: Finding): boolean {
  return level === 'deny' || level === 'approve';
}
