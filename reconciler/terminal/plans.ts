import { isEmptyPlan, type Plan } from '../model/plan.ts';
import { formatProblem, type Problem } from '../model/problem.ts';
import { formatPlan } from '../plan/render.ts';
import type { Paint } from './paint.ts';
import { count } from './text.ts';

export interface Planned {
  readonly plans: readonly Plan[];
  readonly problems: readonly Problem[];
}

/** What `plimsoll plan` prints: every stack with something to do, the others in one line, and problems at the end. */
export function formatPlans({ plans, problems }: Planned, paint: Paint): string {
  const busy = plans.filter((plan) => !isQuiet(plan));
  const quiet = plans.filter(isQuiet);
  const blocks = [
    ...busy.map((plan) => formatPlan(plan, { color: paint.isOn }).trimEnd()),
    ...(quiet.length === 0
      ? []
      : [`${paint.green('nothing to do')}: ${quiet.map(({ stack }) => stack).join(', ')}`]),
    ...(problems.length === 0 ? [] : [formatProblems(problems, paint)]),
  ];
  return blocks.length === 0 ? 'There are no stacks.' : blocks.join('\n\n');
}

export function formatProblems(problems: readonly Problem[], paint: Paint): string {
  const head = `${paint.red(count(problems.length, 'problem'))}; nothing of these stacks can be changed:`;
  return [head, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n');
}

/** A service that is held or blocked is worth its lines though no step follows. */
function isQuiet(plan: Plan): boolean {
  return (
    isEmptyPlan(plan) &&
    plan.findings.length === 0 &&
    plan.decisions.every(({ verdict }) => verdict === 'unchanged')
  );
}
