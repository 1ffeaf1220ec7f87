import type { CheckConclusion, PublishedCheck } from './forge.ts';
import type { SyncErrorCode } from './error.ts';
import type { Name, Revision } from './ids.ts';
import type { ReviewApproval } from './review.ts';

/** What was published on one pull request, so that the next look goes on from there. */
export interface ReviewRecord {
  readonly source: Name;
  readonly number: number;
  readonly url: string;
  /** `unrelated`: its base is another branch than the one that the source follows. */
  readonly state: 'open' | 'merged' | 'closed' | 'unrelated';
  /** What was reviewed last; null before the first review. */
  readonly head: Revision | null;
  /** The pull request as the list of open ones showed it when it was last asked for. */
  readonly version: string;
  /** The summary line, and what it means. */
  readonly title: string;
  readonly conclusion: CheckConclusion | null;
  /** Of this head; each with the time of its first publication by the forge's clock: only labels set later speak of it. */
  readonly findings: readonly ReviewedFinding[];
  /** When this head was first reviewed, by the forge's clock. */
  readonly reviewedAt: number | null;
  readonly approvals: readonly ReviewApproval[];
  readonly comment: { readonly id: string; readonly url: string; readonly digest: string } | null;
  readonly check: { readonly kind: PublishedCheck['kind']; readonly digest: string } | null;
  readonly mergedAs: Revision | null;
  /** Milliseconds since the epoch of the last attempt, and what it failed with. */
  readonly checkedAt: number;
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | null;
}

export interface ReviewedFinding {
  readonly stack: Name;
  readonly code: string;
  /** As formatted. */
  readonly resource: string;
  readonly publishedAt: number;
}

/** An approval that was given on a pull request which is merged: good for just these findings. */
export interface MergedApproval extends ReviewApproval {
  readonly source: Name;
  readonly number: number;
  readonly head: Revision;
}

/** What was last said at the forge about the syncs of a stack. */
export interface SyncReport {
  readonly stack: Name;
  readonly syncId: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly deployment: string | null;
}

/** Something to be done at a forge, leased to one worker; `key` is `review:main/7` or `report:shop`. */
export interface ForgeLease {
  readonly key: string;
  readonly owner: string;
  readonly generation: number;
  /** Fences off a holder that was presumed dead. */
  readonly number: number;
  /** How often it failed in a row. */
  readonly failures: number;
}

/** Durable truth of what is said at forges. A lost hint costs time, never a comment. Times as in Store. */
export interface ForgeStore {
  /** "Look at this again", from then on. */
  requestForgeWork(key: string, at: number): Promise<void>;
  /** Null when nothing is asked for, it is not due, or somebody else has it. */
  leaseForgeWork(request: ForgeLeaseRequest): Promise<ForgeLease | null>;
  /** Due again at `retryAt`, which counts as a failure if `failed`, or only when asked. Ignored when the lease was lost. */
  releaseForgeWork(lease: ForgeLease, end: ForgeWorkEnd): Promise<void>;
  dueForgeWork(at: number): Promise<readonly string[]>;

  /** Newest number first. */
  reviews(): Promise<readonly ReviewRecord[]>;
  review(source: Name, number: number): Promise<ReviewRecord | null>;
  recordReview(record: ReviewRecord): Promise<void>;

  /** In force: neither used up nor older than `since`. */
  mergedApprovals(stack: Name, since: number): Promise<readonly MergedApproval[]>;
  /** One that is there already stays as it is. */
  recordMergedApprovals(approvals: readonly MergedApproval[], at: number): Promise<void>;
  /** They have served: the next sync of the stack needs new ones. */
  useMergedApprovals(approvals: readonly MergedApproval[], at: number): Promise<void>;

  report(stack: Name): Promise<SyncReport | null>;
  recordReport(report: SyncReport): Promise<void>;
}

export interface ForgeLeaseRequest {
  readonly key: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly at: number;
}

export interface ForgeWorkEnd {
  readonly retryAt: number | null;
  readonly failed: boolean;
}
