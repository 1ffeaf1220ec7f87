import type { Name } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { isDeletion, planLines, type Detail } from './comment-plan.ts';
import { fenced } from './fence.ts';
import { formatCounts } from './render.ts';

export interface StackPart {
  readonly stack: Name;
  readonly plan: Plan | null;
  readonly before: readonly string[];
  /** Why there is no plan, as the end of a sentence. */
  readonly unless: string;
}

export interface StacksExtent {
  readonly detail: Detail;
  /** Characters for all of them together. */
  readonly room: number;
}

/** More lines than these are folded. */
const longestOpen = 12;

/**
 * The stacks' plans one after another, those with deletions first where space is short. What does not fit is counted,
 * its deletions apart.
 */
export function renderStacks(parts: readonly StackPart[], { detail, room }: StacksExtent): readonly string[] {
  const isShort = detail === 'weighty' || detail === 'names';
  const weighty = isShort ? parts.filter((part) => hasWeight(part, detail)) : parts;
  const blocks: string[] = [];
  let used = 0;
  let shown = 0;
  for (const part of weighty.toSorted(byWeight(isShort))) {
    const block = renderStack(part, detail);
    if (used + block.length > room) break;
    used += block.length + 2;
    shown += 1;
    blocks.push(block);
  }
  const left = [
    ...weighty.toSorted(byWeight(isShort)).slice(shown),
    ...parts.filter((part) => !weighty.includes(part)),
  ];
  return left.length === 0 ? blocks : [...blocks, describeLeft(left)];
}

function hasWeight({ plan }: StackPart, detail: Detail): boolean {
  if (plan === null) return false;
  return planLines(plan, { detail, before: [] }).some((line) => !line.startsWith('  and '));
}

function byWeight(isShort: boolean) {
  return (left: StackPart, right: StackPart): number =>
    isShort ? deletionsOf(right) - deletionsOf(left) : 0;
}

function deletionsOf({ plan }: StackPart): number {
  return plan?.decisions.filter(isDeletion).length ?? 0;
}

function renderStack({ stack, plan, before, unless }: StackPart, detail: Detail): string {
  if (plan === null) return `**${stack}**: ${unless}.`;
  const lines = planLines(plan, { detail, before });
  const head = `**${stack}**: ${formatCounts(plan.decisions)}`;
  if (lines.length === 0) return head;
  const block = fenced(lines, 'diff');
  if (lines.length <= longestOpen) return `${head}\n\n${block}`;
  const open = deletionsOf({ stack, plan, before, unless }) > 0 ? ' open' : '';
  return `<details${open}><summary><b>${stack}</b>: ${formatCounts(plan.decisions)}</summary>\n\n${block}\n\n</details>`;
}

function describeLeft(parts: readonly StackPart[]): string {
  const counts = formatCounts(parts.flatMap(({ plan }) => plan?.decisions ?? []));
  const deleting = parts.filter((part) => deletionsOf(part) > 0);
  const named =
    deleting.length === 0
      ? ''
      : ` Deletions among them: ${deleting
          .slice(0, mostNamed)
          .map((part) => `${part.stack} ${deletionsOf(part)}`)
          .join(
            ', ',
          )}${deleting.length > mostNamed ? ` and ${deleting.length - mostNamed} more stacks` : ''}.`;
  return `And ${parts.length} more ${parts.length === 1 ? 'stack' : 'stacks'}, left out for length: ${counts}.${named} \`plimsoll plan\` shows all of it.`;
}

const mostNamed = 50;
