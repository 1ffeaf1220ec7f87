import { SyncError } from '../model/error.ts';
import type { Commit } from '../model/event.ts';
import type { Forge, PullRequest } from '../model/forge.ts';
import type { Revision } from '../model/ids.ts';
import type { Source, SourceSnapshot, SourceTree } from '../model/ports.ts';
import type { MergeReading } from '../model/review.ts';
import { mergeTrees } from './merge-trees.ts';

/** The files before and after a merge that has not happened yet. Nothing is checked out. */
export interface Merge {
  readonly base: SourceSnapshot;
  readonly result: SourceTree;
  /** The merge's own where there is one, else the head's. */
  readonly commit: Commit;
  readonly reading: MergeReading;
}

export interface MergeRequest {
  readonly source: Source;
  readonly forge: Forge;
  readonly pullRequest: PullRequest;
  readonly signal: AbortSignal;
}

/** Reads the forge's own merge of the two, or puts one together where it has none of this head. */
export async function readMerge(request: MergeRequest): Promise<Merge> {
  return (await readForgeMerge(request)) ?? (await readFileMerge(request));
}

/** A merge that the forge made of an earlier head is stale, as if there were none. */
async function readForgeMerge({ source, forge, pullRequest, signal }: MergeRequest): Promise<Merge | null> {
  const { number, head, hasConflict } = pullRequest;
  const ref = forge.refsOf(number).merge;
  const revision = ref === null || hasConflict === true ? null : await source.resolve(ref, signal);
  if (revision === null) return null;
  const result = await source.readBeside(revision, signal);
  const [into, from] = result.parents;
  if (into === undefined || from !== head) return null;
  const base = await source.readBeside(into, signal);
  return { base, result, commit: result.commit, reading: { kind: 'forge', revision } };
}

async function readFileMerge({ source, pullRequest, signal }: MergeRequest): Promise<Merge> {
  const { base: branch, head: headRevision, mergeBase } = pullRequest;
  const baseRevision = await tipOf(source, branch, signal);
  const base = await source.readBeside(baseRevision, signal);
  const head = await source.readBeside(headRevision, signal);
  const common = mergeBase === null ? base : await source.readBeside(mergeBase, signal);
  const { tree, conflicts } = mergeTrees({ common, base, head });
  const reading: MergeReading =
    conflicts.length === 0 ? { kind: 'files' } : { kind: 'conflict', paths: conflicts };
  return { base, result: tree, commit: head.commit, reading };
}

async function tipOf(source: Source, branch: string, signal: AbortSignal): Promise<Revision> {
  const revision = await source.resolve(`refs/heads/${branch}`, signal);
  if (revision !== null) return revision;
  throw new SyncError(
    'RefNotFound',
    `The base branch ${branch} of the pull request is gone; give the pull request another base.`,
    { data: { ref: branch } },
  );
}
