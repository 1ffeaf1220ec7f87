import { readFile, writeFile } from 'node:fs/promises';
import { formatResource, type Change } from './model/change.ts';
import { SyncError } from './model/error.ts';
import { isName, isRevision, type Name, type Revision } from './model/ids.ts';
import { canonicalJson, isJsonRecord, type Json } from './model/json.ts';
import type { Plan } from './model/plan.ts';
import type { Problem } from './model/problem.ts';
import { formatValue } from './plan/value.ts';
import { printable } from './plan/printable.ts';

/** What `plan` prints with --json and writes with --out: what was planned, and where it was read. */
export interface PlanFile {
  readonly format: 1;
  readonly sources: readonly PlannedSource[];
  readonly plans: readonly Plan[];
  readonly problems: readonly Problem[];
}

export interface PlannedSource {
  readonly name: Name;
  /** Without credentials. */
  readonly repository: string;
  readonly path: string;
  readonly revision: Revision;
}

export async function writePlanFile(path: string, content: PlanFile): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
  } catch (cause) {
    throw unusable(path, 'cannot be written', cause);
  }
}

/** Only as far as it must be understood: its plans are compared with new ones, never carried out. */
export async function readPlanFile(path: string): Promise<PlanFile> {
  const content = await readJson(path);
  const isOurs =
    isJsonRecord(content) &&
    content['format'] === 1 &&
    Array.isArray(content['sources']) &&
    content['sources'].every(isPlannedSource) &&
    Array.isArray(content['plans']) &&
    content['plans'].every((plan: Json) => isJsonRecord(plan) && isNameText(plan['stack']));
  if (!isOurs) throw unusable(path, 'was not written by this version of `plimsoll plan --out`', undefined);
  return content as unknown as PlanFile;
}

/** What differs between the plans that were accepted and those of now, one sentence each; empty when nothing moved. */
export function describeMoves(accepted: readonly Plan[], current: readonly Plan[]): readonly string[] {
  const stacks = [...new Set([...accepted, ...current].map(({ stack }) => stack))].sort();
  return stacks.flatMap((stack) => {
    const before = accepted.find((plan) => plan.stack === stack);
    const now = current.find((plan) => plan.stack === stack);
    if (before === undefined) return [`Stack ${stack} was not part of the plan.`];
    if (now === undefined) return [`Stack ${stack} is not in the source any more.`];
    return movesOf(before, now).map((move) => `${stack}: ${move}`);
  });
}

const mostMoves = 10;

function movesOf(before: Plan, now: Plan): readonly string[] {
  if (canonicalJson(asJson(before)) === canonicalJson(asJson(now))) return [];
  const gone = without(before.changes, now.changes).map((change) => `no longer to do: ${describe(change)}`);
  const added = without(now.changes, before.changes).map((change) => `new: ${describe(change)}`);
  const moves = [...gone, ...added];
  // The same changes by other steps: an id or the order of what runs is another now.
  if (moves.length === 0) return ['the same changes would now be made by other steps.'];
  return moves.slice(0, mostMoves);
}

function without(changes: readonly Change[], others: readonly Change[]): readonly Change[] {
  const known = new Set(others.map((change) => canonicalJson(asJson(change))));
  return changes.filter((change) => !known.has(canonicalJson(asJson(change))));
}

function describe(change: Change): string {
  const name = formatResource(change.resource);
  switch (change.kind) {
    case 'add':
      return `${name} is to be made.`;
    case 'remove':
      return `${name} is to be removed.`;
    case 'modify':
      return `${name} ${printable(change.path)} is ${formatValue(change.path, change.from)}, should be ${formatValue(change.path, change.to)}.`;
    default:
      return change satisfies never;
  }
}

/** Plans and changes hold JSON values only. */
function asJson(value: Plan | Change): Json {
  return value as unknown as Json;
}

function isPlannedSource(value: Json): boolean {
  if (!isJsonRecord(value)) return false;
  const { name, repository, path, revision } = value;
  const isPlace = typeof repository === 'string' && typeof path === 'string';
  return isNameText(name) && isPlace && typeof revision === 'string' && isRevision(revision);
}

function isNameText(value: Json | undefined): boolean {
  return typeof value === 'string' && isName(value);
}

async function readJson(path: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Json;
  } catch (cause) {
    throw unusable(path, 'cannot be read as JSON', cause);
  }
}

function unusable(path: string, why: string, cause: unknown): SyncError {
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return new SyncError('FileUnusable', `The plan file ${path} ${why}${reason}.`, { cause });
}
