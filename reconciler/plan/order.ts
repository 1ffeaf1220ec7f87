import type { Step } from '../model/plan.ts';

/** A step on its way into a plan. */
export interface DraftStep extends Step {
  /** Steps that should come first where that does not turn the graph into a circle. */
  readonly preferAfter: readonly string[];
}

/**
 * Orders steps so that each comes after those that it waits for, and otherwise as they were drafted. Wishes that would
 * close a circle are dropped; edges to steps that do not exist mean that nothing has to be waited for.
 */
export function orderSteps(drafts: readonly DraftStep[]): readonly Step[] {
  const ids = new Set(drafts.map(({ id }) => id));
  if (ids.size !== drafts.length) throw new TypeError(`two steps of one name: ${firstDouble(drafts)}`);
  const known = drafts.map((draft) => withoutUnknown(draft, ids));
  const circular = stepsInCircles(known);
  return inTopologicalOrder(known.map((draft) => settle(draft, circular.has(draft.id))));
}

function settle({ preferAfter, ...step }: DraftStep, isCircular: boolean): Step {
  return { ...step, after: unique(isCircular ? step.after : [...step.after, ...preferAfter]) };
}

function withoutUnknown(draft: DraftStep, ids: ReadonlySet<string>): DraftStep {
  const isKnown = (id: string): boolean => ids.has(id);
  return { ...draft, after: draft.after.filter(isKnown), preferAfter: draft.preferAfter.filter(isKnown) };
}

function unique(ids: readonly string[]): readonly string[] {
  return ids.length < 2 ? ids : [...new Set(ids)];
}

function firstDouble(drafts: readonly DraftStep[]): string {
  const seen = new Set<string>();
  return drafts.find(({ id }) => seen.has(id) || !seen.add(id))?.id ?? '';
}

/** What is left when steps without open predecessors are taken away from the front, then without successors from the back. */
function stepsInCircles(drafts: readonly DraftStep[]): ReadonlySet<string> {
  const waitsFor = new Map(
    drafts.map(({ id, after, preferAfter }) => [id, unique([...after, ...preferAfter])]),
  );
  const rest = withoutEnds(waitsFor);
  return new Set(withoutEnds(reversed(rest)).keys());
}

type Edges = ReadonlyMap<string, readonly string[]>;

/** Takes away every node that leads nowhere, until each one left leads into a circle. */
function withoutEnds(edges: Edges): Edges {
  const back = reversed(edges);
  const open = new Map([...edges].map(([id, targets]) => [id, targets.length]));
  const ends = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of ends) {
    open.delete(id);
    for (const source of back.get(id) ?? []) {
      const count = (open.get(source) ?? 0) - 1;
      open.set(source, count);
      if (count === 0) ends.push(source);
    }
  }
  return new Map(
    [...open.keys()].map((id) => [id, (edges.get(id) ?? []).filter((target) => open.has(target))]),
  );
}

function reversed(edges: Edges): Edges {
  const back = new Map<string, string[]>([...edges.keys()].map((id) => [id, []]));
  for (const [id, targets] of edges) for (const target of targets) back.get(target)?.push(id);
  return back;
}

function inTopologicalOrder(steps: readonly Step[]): readonly Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const ordered = new Set<Step>();
  const entered = new Set<Step>();
  const visit = (step: Step): void => {
    if (ordered.has(step)) return;
    if (entered.has(step)) throw new TypeError(`steps wait for each other: ${circleAt(step, entered)}`);
    entered.add(step);
    for (const id of step.after) {
      const earlier = byId.get(id);
      if (earlier !== undefined) visit(earlier);
    }
    entered.delete(step);
    ordered.add(step);
  };
  steps.forEach(visit);
  return [...ordered];
}

/** A step, and those that were being looked at on its behalf when it came up again. */
function circleAt(step: Step, entered: ReadonlySet<Step>): string {
  const path = [...entered].map(({ id }) => id);
  return [...path.slice(path.indexOf(step.id)), step.id].join(' <- ');
}
