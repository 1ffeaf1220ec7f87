import { formatResource, type Change, type Finding } from '../model/change.ts';
import { defaultEngine, shortRevision } from '../model/ids.ts';
import type { Decision, Plan } from '../model/plan.ts';
import { createInk } from './ink.ts';
import { printable } from './printable.ts';
import {
  causeOf,
  decisionLines,
  findingLines,
  formatFields,
  stepLines,
  verdictWords,
} from './render-lines.ts';

export interface RenderOptions {
  /** ANSI colours, for terminals. */
  readonly color?: boolean;
  /** What is unchanged is listed too. */
  readonly verbose?: boolean;
}

/**
 * A plan as people read it: a summary, then each thing that changes with its reason and its fields, the findings, and
 * the steps with the numbers of those that they wait for. No line holds anything that a terminal would obey.
 */
export function formatPlan(plan: Plan, { color = false, verbose = false }: RenderOptions = {}): string {
  const ink = createInk(color);
  const blocks = [
    [ink.strong(formatSummary(plan))],
    decisionLines(plan, { ink, verbose }),
    plan.findings.flatMap((found) => findingLines(found, ink)),
    stepLines(plan.steps, ink),
  ];
  const filled = blocks.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** `shop at 3f9c2a1 on berlin: 2 to change, 1 to add, 0 to delete · no downtime · policy ok` */
export function formatSummary(plan: Plan): string {
  const at = plan.revision === null ? '' : ` at ${shortRevision(plan.revision)}`;
  const where = plan.engine === defaultEngine ? '' : ` on ${plan.engine}`;
  return [
    `${plan.stack}${at}${where}: ${formatCounts(plan.decisions)}`,
    downtimeOf(plan.decisions),
    policyOf(plan.findings),
  ].join(' · ');
}

/** What a plan that was carried out has done: `2 changed, 1 added.` */
export function formatDone({ decisions }: Plan): string {
  const said = deeds.flatMap(([verdicts, word]) => {
    const number = decisions.filter(({ verdict }) => verdicts.includes(verdict)).length;
    return number === 0 ? [] : [`${number} ${word}`];
  });
  return said.length === 0 ? 'What had begun was finished.' : `${said.join(', ')}.`;
}

const deeds: readonly (readonly [verdicts: readonly Decision['verdict'][], word: string])[] = [
  [['inPlace', 'rolling', 'recreate'], 'changed'],
  [['create'], 'added'],
  [['delete', 'dataLoss'], 'removed'],
  [['held'], 'held'],
];

/** `web: rolling, because image changed acme/web:1.4.1 -> acme/web:1.4.2` */
export function formatDecision({ resource, verdict, because }: Decision): string {
  return printable(`${formatResource(resource)}: ${verdictWords[verdict]}, because ${because}`);
}

/** `web.1: image redis:7 -> redis:8 (commit)` */
export function formatChange(change: Change): string {
  const what = printable(formatResource(change.resource));
  const cause = causeOf(change);
  switch (change.kind) {
    case 'add':
      return `${what}: add (${cause})`;
    case 'remove':
      return `${what}: remove (${cause})`;
    case 'modify':
      return `${what}: ${formatFields(change)} (${cause})`;
    default:
      return change satisfies never;
  }
}

/** `2 to change, 1 to add, 0 to delete` */
export function formatCounts(decisions: readonly Decision[]): string {
  const count = (...verdicts: readonly Decision['verdict'][]): number =>
    decisions.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const unusual = [
    [count('blocked'), 'blocked'],
    [count('held'), 'held'],
  ] as const;
  return [
    `${count('inPlace', 'rolling', 'recreate')} to change`,
    `${count('create')} to add`,
    `${count('delete', 'dataLoss')} to delete`,
    ...unusual.flatMap(([number, word]) => (number === 0 ? [] : [`${number} ${word}`])),
  ].join(', ');
}

function downtimeOf(decisions: readonly Decision[]): string {
  const away = decisions.filter(({ downtime }) => downtime.expected);
  if (away.length === 0) return 'no downtime';
  return `downtime for ${away.map(({ resource }) => formatResource(resource)).join(', ')}`;
}

function policyOf(findings: readonly Finding[]): string {
  const codesOf = (level: Finding['level']): string =>
    [...new Set(findings.filter((found) => found.level === level).map(({ code }) => code))].join(', ');
  const denied = codesOf('deny');
  const open = codesOf('approve');
  if (denied !== '') return `denied by ${denied}`;
  return open === '' ? 'policy ok' : `needs approval of ${open}`;
}
