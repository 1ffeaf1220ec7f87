import type { SourceFile, SourceTree } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';

export interface ThreeTrees {
  /** Where the two parted. */
  readonly common: SourceTree;
  readonly base: SourceTree;
  readonly head: SourceTree;
}

export interface MergedTree {
  readonly tree: SourceTree;
  /** Paths that both sides changed, each in its own way; the head's version is in the tree. Sorted. */
  readonly conflicts: readonly string[];
}

/** What a merge of head into base would hold, whole files at a time: what only one side changed is that side's. */
export function mergeTrees({ common, base, head }: ThreeTrees): MergedTree {
  const [before, ours, theirs] = [byPath(common), byPath(base), byPath(head)];
  const files: SourceFile[] = [];
  const conflicts: string[] = [];
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const sides = { before: before.get(path), ours: ours.get(path), theirs: theirs.get(path) };
    if (isConflict(sides)) conflicts.push(path);
    const file = isSame(sides.before, sides.theirs) ? sides.ours : sides.theirs;
    if (file !== undefined) files.push(file);
  }
  const ofBase = new Set(base.files.map(({ id }) => id));
  const tree: SourceTree = {
    files: files.sort((left, right) => compareText(left.path, right.path)),
    problems: [...base.problems, ...head.problems],
    readBlob: (id) => (ofBase.has(id) ? base : head).readBlob(id),
  };
  return { tree, conflicts: conflicts.sort(compareText) };
}

function byPath({ files }: SourceTree): ReadonlyMap<string, SourceFile> {
  return new Map(files.map((file) => [file.path, file]));
}

interface Sides {
  readonly before: SourceFile | undefined;
  readonly ours: SourceFile | undefined;
  readonly theirs: SourceFile | undefined;
}

function isConflict({ before, ours, theirs }: Sides): boolean {
  return !isSame(before, ours) && !isSame(before, theirs) && !isSame(ours, theirs);
}

function isSame(left: SourceFile | undefined, right: SourceFile | undefined): boolean {
  return left?.id === right?.id && left?.kind === right?.kind;
}
