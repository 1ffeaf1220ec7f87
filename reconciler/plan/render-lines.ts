import { formatResource, type Change, type Finding, type Resource } from '../model/change.ts';
import type { Decision, Plan, Step } from '../model/plan.ts';
import type { Ink } from './ink.ts';
import { printable } from './printable.ts';
import { formatNumbers, wrapText } from './text.ts';
import { formatValue } from './value.ts';

export const verdictWords: Readonly<Record<Decision['verdict'], string>> = {
  create: 'create',
  inPlace: 'in place',
  rolling: 'rolling',
  recreate: 'recreate',
  delete: 'delete',
  dataLoss: 'delete with its data',
  unchanged: 'unchanged',
  held: 'held',
  ignored: 'left alone',
  blocked: 'blocked',
};

const marks: Readonly<Record<Decision['verdict'], string>> = {
  create: '+',
  inPlace: '~',
  rolling: '~',
  recreate: '~',
  delete: '-',
  dataLoss: '-',
  unchanged: '=',
  held: '!',
  ignored: '.',
  blocked: '!',
};

export interface DecisionStyle {
  readonly ink: Ink;
  /** What is unchanged is listed too. */
  readonly verbose: boolean;
  /** Other lines for the changes of one thing than the usual. */
  readonly fields?: (changes: readonly Change[]) => readonly string[];
}

/** Each thing with its verdict and its reason, and below it the fields that differ. */
export function decisionLines(
  { decisions, changes }: Pick<Plan, 'decisions' | 'changes'>,
  { ink, verbose, fields = (own) => fieldLines(own, ink) }: DecisionStyle,
): readonly string[] {
  const shown = decisions.filter(({ verdict }) => verbose || verdict !== 'unchanged');
  const width = Math.min(24, Math.max(0, ...shown.map(({ resource }) => formatResource(resource).length)));
  const headOf = ({ resource, verdict, because }: Decision): string => {
    const name = formatResource(resource).padEnd(width);
    const text = printable(`${marks[verdict]} ${name}  ${verdictWords[verdict].padEnd(10)}  ${because}`);
    return `  ${ink.verdict(verdict, text)}`;
  };
  return shown.flatMap((decision) =>
    [headOf(decision)].concat(
      fields(changes.filter(({ resource }) => isPartOf(resource, decision.resource))),
    ),
  );
}

/** The same change of several instances stands once. */
function fieldLines(changes: readonly Change[], ink: Ink): readonly string[] {
  const times = new Map<string, number>();
  for (const change of changes) {
    if (change.kind !== 'modify') continue;
    const line = `${formatFields(change)}  (${causeOf(change)})`;
    times.set(line, (times.get(line) ?? 0) + 1);
  }
  return [...times].map(([line, count]) => `      ${ink.faint(count > 1 ? `${line} × ${count}` : line)}`);
}

function isPartOf(part: Resource, whole: Resource): boolean {
  if (part.kind === 'elsewhere' && whole.kind === 'elsewhere')
    return part.engine === whole.engine && isPartOf(part.resource, whole.resource);
  if (part.kind === 'instance') return whole.kind === 'service' && part.service === whole.service;
  return formatResource(part) === formatResource(whole);
}

/** `image redis:7 -> redis:8` */
export function formatFields({ path, from, to }: Extract<Change, { readonly kind: 'modify' }>): string {
  return `${printable(path)} ${formatValue(path, from)} -> ${formatValue(path, to)}`;
}

export function causeOf({ cause }: Change): string {
  return cause.kind === 'dependency' ? `dependency ${cause.service}` : cause.kind;
}

/** The level and the code, then the message and what to do, wrapped beside them. */
export function findingLines({ code, level, message, remedy }: Finding, ink: Ink): readonly string[] {
  const head = `${level.padEnd(7)} ${code}`;
  const indent = ' '.repeat(head.length + 3);
  const [first = '', ...rest] = [...wrapText(message), ...wrapText(remedy)];
  return [`  ${ink.level(level, head)} ${first}`, ...rest.map((line) => `${indent}${line}`)];
}

/** One line a step, with the numbers of those that it waits for. */
export function stepLines(steps: readonly Step[], ink: Ink): readonly string[] {
  const numbers = new Map(steps.map(({ id }, index) => [id, index + 1]));
  const width = String(steps.length).length;
  const idWidth = Math.min(44, Math.max(0, ...steps.map(({ id }) => id.length)));
  return steps.map(({ id, after }, index) => {
    const number = String(index + 1).padStart(width);
    const waits = after.map((other) => numbers.get(other) ?? 0).sort((a, b) => a - b);
    const tail = waits.length === 0 ? '' : ink.faint(`after ${formatNumbers(waits)}`);
    return `  ${number}. ${printable(id).padEnd(idWidth)}  ${tail}`.trimEnd();
  });
}
