import { formatResource, type Finding } from '../model/change.ts';
import type { SyncApproval } from '../model/event.ts';
import type { MergedApproval } from '../model/review-record.ts';
import { previewAgainst, type Preview } from './preview.ts';
import type { World } from './world.ts';

/** What people accepted of a plan, and the plan that has it. */
export interface Acceptance {
  readonly preview: Preview;
  /** Codes that may go on. */
  readonly codes: readonly string[];
  /** Who said so, for the record. */
  readonly approvals: readonly SyncApproval[];
  /** Of merged pull requests; a sync that succeeds with them uses them up. */
  readonly merged: readonly MergedApproval[];
}

export interface AcceptOptions {
  /** Codes that were accepted for this attempt by hand. */
  readonly approvals: readonly string[];
  readonly isForced: boolean;
}

/** An approval that no sync had use for lapses. */
const approvalDays = 7;

/**
 * Adds to the codes of this attempt those that were approved on merged pull requests. An approval there is for single
 * findings, so a code counts only when every finding of it in the plan was approved.
 */
export async function acceptMerged(
  world: World,
  before: Preview,
  { approvals: codes, isForced }: AcceptOptions,
): Promise<Acceptance> {
  const { intent, plan, observed, left } = before;
  const since = world.clock.now() - approvalDays * 86_400_000;
  const given = plan.findings.some(isAcceptable)
    ? await world.store.mergedApprovals(intent.stack, since)
    : [];
  const found = [...new Set(plan.findings.filter(isAcceptable).map(({ code }) => code))];
  const covered = found.filter((code) => !codes.includes(code) && isCovered(code, plan.findings, given));
  const merged = given.filter(({ code }) => covered.includes(code));
  const byHand = found.filter((code) => codes.includes(code));
  const approvals: readonly SyncApproval[] = [
    ...byHand.map((code) => ({ code, by: 'operator', via: '--approve' })),
    ...covered
      .flatMap((code) => [
        ...new Map(merged.filter((one) => one.code === code).map((one) => [one.by, one])).values(),
      ])
      .map(viaLabel),
  ];
  const all = [...codes, ...covered];
  const preview =
    covered.length === 0
      ? before
      : previewAgainst(world, intent, { observed, left, approvals: all, isForced });
  return { preview, codes: all, approvals, merged };
}

function isAcceptable({ level }: Finding): boolean {
  return level === 'approve' || level === 'warn';
}

function isCovered(code: string, findings: readonly Finding[], given: readonly MergedApproval[]): boolean {
  return findings
    .filter((finding) => finding.code === code)
    .every(({ resource }) =>
      given.some((approval) => approval.code === code && approval.resource === formatResource(resource)),
    );
}

function viaLabel({ code, by, number, label }: MergedApproval): SyncApproval {
  return { code, by, via: `#${number}, label ${label}` };
}
