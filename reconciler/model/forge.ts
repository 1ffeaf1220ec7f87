import type { Revision } from './ids.ts';

/** The server that hosts a repository and its pull requests. */
export type ForgeProvider = 'github' | 'gitlab' | 'gitea';

/** A pull request, whatever its forge calls it, as far as a review needs it. */
export interface PullRequest {
  readonly number: number;
  /** For people's browsers. */
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly head: Revision;
  /** Comes from another repository than the base, or from one that is gone; told by repository id, never by a name. */
  readonly isFork: boolean;
  /** Name of the branch that it would be merged into, without `refs/heads/`. */
  readonly base: string;
  /** That branch is the repository's default. */
  readonly isBaseDefault: boolean;
  /** Where head left its base; null when the forge does not say, or has a merge of the two. */
  readonly mergeBase: Revision | null;
  /** Null while the forge has not found out. */
  readonly hasConflict: boolean | null;
  /** Once merged: the commit on the base branch that has it. */
  readonly mergedAs: Revision | null;
  readonly labels: readonly string[];
  /** As in the list of open ones. */
  readonly version: string;
}

/** An open pull request in a list: enough to see whether it moved. */
export interface OpenPullRequest {
  readonly number: number;
  readonly head: Revision;
  /** Whatever moves when the pull request does. */
  readonly version: string;
}

/** Who set a label that a pull request has now. */
export interface LabelGrant {
  readonly label: string;
  readonly by: string;
  /** May write to the repository, as the forge itself says. */
  readonly mayWrite: boolean;
  /** Milliseconds since the epoch, by the forge's clock. */
  readonly at: number;
}

/** The one comment of ours on a pull request. */
export interface CommentDraft {
  readonly number: number;
  /** Where it was published before, or null. */
  readonly id: string | null;
  /** Its first line, by which it is found when the id was lost; only a comment of our own account counts. */
  readonly marker: string;
  readonly body: string;
}

export interface PublishedComment {
  readonly id: string;
  readonly url: string;
}

export type CheckConclusion = 'success' | 'neutral' | 'failure' | 'actionRequired';

/** What is said about one commit, once and for all. */
export interface Check {
  readonly revision: Revision;
  readonly name: string;
  readonly conclusion: CheckConclusion;
  /** One line. */
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** Where more is said. */
  readonly url: string | null;
}

/** A mistake at its place in a file; the path begins at the repository's root. */
export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
  readonly title: string;
}

export interface PublishedCheck {
  /** `status` where the token may not make checks. */
  readonly kind: 'check' | 'status';
  readonly url: string | null;
  /** Milliseconds since the epoch, by the forge's clock. */
  readonly at: number;
}

/** What is said about a commit while and after it is synced. */
export interface CommitStatus {
  readonly revision: Revision;
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly description: string;
}

/** A record that a commit runs somewhere. */
export interface Deployment {
  /** What an earlier publication returned for the same sync, or null. */
  readonly id: string | null;
  readonly revision: Revision;
  readonly environment: string;
  readonly state: 'running' | 'success' | 'failure';
  readonly description: string;
}

/** A comment may have this many characters with every forge, with room to spare. */
export const longestComment = 60_000;

/**
 * One repository at its forge. Every failure is a SyncError: `ForgeRateLimited` carries `retryAfterMs`, as the server
 * says it. Publishing the same again changes nothing that people see.
 */
export interface Forge {
  readonly provider: ForgeProvider;
  /** Refs of a pull request's head and, where the forge makes one, of its merge with the base. */
  refsOf(number: number): { readonly head: string; readonly merge: string | null };
  pullRequest(number: number, signal: AbortSignal): Promise<PullRequest>;
  openPullRequests(signal: AbortSignal): Promise<readonly OpenPullRequest[]>;
  /** Who set these labels last, of those that the pull request has now. */
  labelGrants(number: number, labels: readonly string[], signal: AbortSignal): Promise<readonly LabelGrant[]>;
  publishComment(draft: CommentDraft, signal: AbortSignal): Promise<PublishedComment>;
  publishCheck(check: Check, signal: AbortSignal): Promise<PublishedCheck>;
  /** Adds and takes away just these; others stay as they are. */
  setLabels(number: number, labels: LabelChange, signal: AbortSignal): Promise<void>;
  publishStatus(status: CommitStatus, signal: AbortSignal): Promise<void>;
  /** Returns what names the record. */
  publishDeployment(deployment: Deployment, signal: AbortSignal): Promise<string>;
}

export interface LabelChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}
