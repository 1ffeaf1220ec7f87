import type { FileContent, TestRepository } from './repository.ts';

/** A pull request as its repository has it. */
export interface Proposal {
  readonly number: number;
  readonly branch: string;
  head: string;
  isFork: boolean;
  state: 'open' | 'closed';
  mergedAs: string | null;
  labels: string[];
  /** By whatever clock the forge has, in milliseconds. */
  updatedAt: number;
}

export interface ProposalOptions {
  readonly files: Readonly<Record<string, FileContent>>;
  readonly isFork?: boolean;
  /** Where the branch begins; default: where main is. */
  readonly from?: string;
}

/** Commits on a branch of its own, and sets the refs that a forge keeps for it. */
export function propose(
  repository: TestRepository,
  number: number,
  { files, isFork = false, from }: ProposalOptions,
): Proposal {
  const branch = `topic-${number}`;
  const base = from ?? repository.git('rev-parse', 'refs/heads/main');
  const head = repository.commit(files, { branch, parents: [base], message: `Change ${number}` });
  const proposal: Proposal = {
    number,
    branch,
    head,
    isFork,
    state: 'open',
    mergedAs: null,
    labels: [],
    updatedAt: 0,
  };
  repository.moveRef(`refs/pull/${number}/head`, head);
  return proposal;
}

/** The merge of a proposal with main as it is now, made beside both; null when they conflict. */
export function mergeOf(repository: TestRepository, { head, number }: Proposal): string | null {
  const base = repository.git('rev-parse', 'refs/heads/main');
  try {
    const tree = repository.git('merge-tree', '--write-tree', base, head).split('\n')[0] ?? '';
    const identity = ['-c', 'user.name=Ada Shipwright', '-c', 'user.email=ada@example.com'];
    return repository.git(...identity, 'commit-tree', tree, '-p', base, '-p', head, '-m', `Merge #${number}`);
  } catch {
    return null;
  }
}

export function mergeBaseOf(repository: TestRepository, { head }: Proposal): string {
  return repository.git('merge-base', 'refs/heads/main', head);
}
