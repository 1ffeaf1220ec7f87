/**
 * A cycle among the edges that can be reached from any node, as the nodes in its order, or null. Nodes that have no
 * entry of their own count as having no edges.
 */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  for (const start of [...edges.keys()].sort()) {
    const cycle = walk(start, { edges, done });
    if (cycle !== null) return cycle;
  }
  return null;
}

/** `a → b → a`; of a long one only its beginning. */
export function formatCycle(cycle: readonly string[]): string {
  const shown = cycle.length > mostShown ? [...cycle.slice(0, mostShown), '…'] : cycle;
  return [...shown, ...cycle.slice(0, 1)].join(' → ');
}

const mostShown = 12;

interface Graph {
  readonly edges: ReadonlyMap<string, readonly string[]>;
  /** Nodes from which no cycle can be reached. */
  readonly done: Set<string>;
}

interface Step {
  readonly node: string;
  readonly rest: string[];
}

function walk(start: string, { edges, done }: Graph): readonly string[] | null {
  const stepOf = (node: string): Step => ({ node, rest: [...(edges.get(node) ?? [])] });
  const path: Step[] = [stepOf(start)];
  while (path.length > 0) {
    const step = path.at(-1);
    const next = step?.rest.shift();
    if (next === undefined) {
      if (step !== undefined) done.add(step.node);
      path.pop();
      continue;
    }
    if (done.has(next)) continue;
    const known = path.findIndex(({ node }) => node === next);
    if (known !== -1) return path.slice(known).map(({ node }) => node);
    path.push(stepOf(next));
  }
  return null;
}
