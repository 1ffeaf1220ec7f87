import type { Finding } from './change.ts';
import type { Name, Revision } from './ids.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';

/** What a reviewer is shown of one pull request: facts only, rendered elsewhere. */
export interface Review {
  readonly installation: Name;
  readonly source: Name;
  readonly number: number;
  readonly head: Revision;
  readonly base: { readonly branch: string; readonly revision: Revision };
  readonly merge: MergeReading;
  readonly live: LiveReading;
  /** Every mistake in the merged manifests. */
  readonly problems: readonly Problem[];
  /** Stacks that the pull request touches, by name. */
  readonly stacks: readonly StackReview[];
  /** How many stacks it does not touch. */
  readonly untouched: number;
  /** Plans of untouched stacks that are out of sync already, by name; empty where live state is not shown. */
  readonly drifted: readonly Plan[];
  /** Findings that somebody approved on this pull request. */
  readonly approvals: readonly ReviewApproval[];
}

/** Where the merged manifests were read. */
export type MergeReading =
  /** From the merge that the forge itself made. */
  | { readonly kind: 'forge'; readonly revision: Revision }
  /** Put together file by file from base, head and what they have in common. */
  | { readonly kind: 'files' }
  /** The head's version of these files is shown, since both sides changed them. */
  | { readonly kind: 'conflict'; readonly paths: readonly string[] };

/** Whether what runs was looked at. */
export type LiveReading =
  | { readonly kind: 'shown'; readonly at: number }
  /** A fork that nobody vouched for yet; `label` would. */
  | { readonly kind: 'withheld'; readonly label: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface StackReview {
  readonly stack: Name;
  readonly problems: readonly Problem[];
  /** Base against merge result; null when one of the two has problems. */
  readonly change: Plan | null;
  /** What runs against merge result; null when that is not shown or has problems. */
  readonly live: Plan | null;
  /** What the base would do already: resources of `live` that differ without this pull request, as formatted. */
  readonly before: readonly string[];
}

/** One finding that may go on, and who said so. */
export interface ReviewApproval {
  readonly stack: Name;
  readonly code: Finding['code'];
  readonly resource: string;
  readonly by: string;
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
