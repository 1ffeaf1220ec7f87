import { shortRevision, type Name, type Revision } from './ids.ts';
import { formatRepository, type RepositoryIdentity } from './repository.ts';

/**
 * What a verified delivery of a webhook comes to. It carries no truth: it says where to look, and what is found there
 * decides. A hint that is lost, doubled or untrue changes nothing but when we look.
 */
export type Hint =
  | PushHint
  | PullRequestHint
  | ImageHint
  | LookHint
  | { readonly kind: 'ping' }
  | {
      /** Genuine, and no concern of ours. `reason` is a finished sentence. */
      readonly kind: 'ignored';
      readonly reason: string;
    };

/** A ref of a repository moved. */
export interface PushHint extends RepositoryHint {
  readonly kind: 'push';
  /** In full: `refs/heads/main`. */
  readonly ref: string;
  /** Null when the ref is new, or where the forge does not say. */
  readonly before: Revision | null;
  /** Null when the ref was deleted; `unknown` where the forge does not say. */
  readonly after: Revision | 'unknown' | null;
  /** Files that the pushed commits touched, as far as the forge says; null when it does not say all of them. */
  readonly paths: readonly string[] | null;
  /** The repository's default branch, `main`, where the forge says. */
  readonly defaultBranch: string | null;
}

/** Something that bears on its review happened to a pull request: commits, base, labels, its opening or its end. */
export interface PullRequestHint extends RepositoryHint {
  readonly kind: 'pullRequest';
  readonly number: number;
}

/** A registry has something new behind a name. */
export interface ImageHint {
  readonly kind: 'image';
  /** `docker.io`, `ghcr.io`, `registry.example.org:5000`; lower case. */
  readonly registry: string;
  /** `library/redis`, `acme/web`. */
  readonly repository: string;
  /** Null where the registry does not say: any tag. */
  readonly tag: string | null;
  /** `sha256:…`, or null where the registry does not say. */
  readonly digest: string | null;
}

/** "Look now", without anything having been said to have happened. */
export interface LookHint {
  readonly kind: 'look';
  /** Null: every source that the receiver may wake. */
  readonly source: Name | null;
  /** Sync this stack in any case; null: those that the look finds changed. */
  readonly stack: Name | null;
}

interface RepositoryHint {
  /** The forge's own name of the repository. */
  readonly repository: RepositoryIdentity;
  /** What else it may be called in an address, such as the host of its ssh address. `repository` is among them. */
  readonly addresses: readonly RepositoryIdentity[];
}

/** What came of a hint. */
export interface HintAnswer {
  readonly result: 'acted' | 'ignored';
  /** A finished sentence: what was asked for, or why nothing was. */
  readonly reason: string;
  /** Woken, sorted. */
  readonly sources: readonly Name[];
  /** Asked for at once, sorted; those that a look finds changed come later. */
  readonly stacks: readonly Name[];
}

export function ignoredHint(reason: string): HintAnswer {
  return { result: 'ignored', reason, sources: [], stacks: [] };
}

export function actedOnHint(
  reason: string,
  { sources = [], stacks = [] }: Partial<Pick<HintAnswer, 'sources' | 'stacks'>>,
): HintAnswer {
  return { result: 'acted', reason, sources, stacks };
}

/** A hint in one line, for records: `push to github.com/acme/gitops refs/heads/main 1234567`. */
export function describeHint(hint: Hint): string {
  switch (hint.kind) {
    case 'push': {
      const { after, paths } = hint;
      const what = after === null ? 'deleted' : after === 'unknown' ? '' : shortRevision(after);
      const files = paths === null ? '' : `, ${paths.length} ${paths.length === 1 ? 'file' : 'files'}`;
      return `push to ${formatRepository(hint.repository)} ${hint.ref} ${what}`.trimEnd() + files;
    }
    case 'pullRequest':
      return `pull request ${hint.number} of ${formatRepository(hint.repository)}`;
    case 'image':
      return `image ${formatImage(hint)}`;
    case 'look':
      return `look at ${hint.source ?? 'all sources'}${hint.stack === null ? '' : `, sync ${hint.stack}`}`;
    case 'ping':
    case 'ignored':
      return hint.kind;
    default:
      return hint satisfies never;
  }
}

export function formatImage({ registry, repository, tag }: ImageHint): string {
  return `${registry}/${repository}${tag === null ? '' : `:${tag}`}`;
}
