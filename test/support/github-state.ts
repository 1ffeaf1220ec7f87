import { mergeBaseOf, mergeOf, propose, type Proposal, type ProposalOptions } from './proposals.ts';
import type { FileContent, TestRepository } from './repository.ts';

export interface GithubComment {
  readonly id: number;
  readonly issue: number;
  readonly author: string;
  body: string;
}

export interface GithubCheckRun {
  readonly id: number;
  readonly name: string;
  readonly revision: string;
  readonly conclusion: string;
  title: string;
  summary: string;
  readonly at: number;
  /** Size of each request's batch. */
  readonly annotationBatches: number[];
  readonly annotations: { readonly path: string; readonly start_line: number; readonly message: string }[];
}

export interface GithubStatus {
  readonly revision: string;
  readonly state: string;
  readonly context: string;
  readonly description: string;
}

export interface GithubDeployment {
  readonly id: number;
  readonly revision: string;
  readonly environment: string;
  readonly states: string[];
}

export interface GithubAttempt {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface GithubHook {
  readonly id: number;
  readonly url: string;
  readonly isActive: boolean;
  /** Newest first, as GitHub lists them. */
  readonly attempts: GithubAttempt[];
}

interface LabelEvent {
  readonly id: number;
  readonly issue: number;
  readonly label: string;
  readonly by: string;
  readonly at: number;
}

/** The account under which our comments appear. */
export const botLogin = 'plimsoll[bot]';

/** What the stand-in keeps, and what people do there. Its clock goes one second with each thing that happens. */
export interface GithubState {
  readonly repository: TestRepository;
  readonly mayCheck: boolean;
  readonly proposals: Map<number, Proposal>;
  readonly comments: GithubComment[];
  readonly checkRuns: GithubCheckRun[];
  readonly statuses: GithubStatus[];
  readonly deployments: GithubDeployment[];
  readonly labelEvents: LabelEvent[];
  readonly hooks: GithubHook[];
  /** Ids of the attempts that were to be made again. */
  readonly redelivered: number[];
  /** By user name; who is not in it may not even read. */
  readonly permissions: Map<string, 'admin' | 'write' | 'read'>;
  tick(): number;
  nextId(): number;
  open(files: Readonly<Record<string, FileContent>>, options?: Omit<ProposalOptions, 'files'>): Proposal;
  /** Another commit on the pull request's branch. */
  push(number: number, files: Readonly<Record<string, FileContent>>): string;
  /** A commit on main, so that every pull request's merge is made anew. */
  pushBase(files: Readonly<Record<string, FileContent>>): string;
  label(number: number, label: string, by: string): void;
  say(number: number, author: string, body: string): void;
  /** As the green button does. */
  merge(number: number): string;
  shut(number: number): void;
  /** Whether main and the head can be merged as they are. */
  isMergeable(proposal: Proposal): boolean;
  mergeBase(proposal: Proposal): string;
}

export function createGithubState(
  repository: TestRepository,
  { mayCheck }: { readonly mayCheck: boolean },
): GithubState {
  const proposals = new Map<number, Proposal>();
  const comments: GithubComment[] = [];
  const labelEvents: LabelEvent[] = [];
  let now = Date.UTC(2026, 0, 1);
  let lastId = 1000;
  const tick = (): number => (now += 1000);
  const nextId = (): number => (lastId += 1);
  const of = (number: number): Proposal => {
    const proposal = proposals.get(number);
    if (proposal === undefined) throw new Error(`there is no pull request ${number}`);
    proposal.updatedAt = tick();
    return proposal;
  };
  /** GitHub makes the merge of each open pull request anew when either side moves. */
  const remake = (proposal: Proposal): void => {
    const ref = `refs/pull/${proposal.number}/merge`;
    const merge = mergeOf(repository, proposal);
    if (merge !== null) repository.moveRef(ref, merge);
  };
  return {
    repository,
    mayCheck,
    proposals,
    comments,
    labelEvents,
    checkRuns: [],
    statuses: [],
    deployments: [],
    hooks: [],
    redelivered: [],
    permissions: new Map([['ada', 'admin']]),
    tick,
    nextId,
    open(files, options) {
      const proposal = propose(repository, proposals.size + 1, { files, ...options });
      proposals.set(proposal.number, proposal);
      proposal.updatedAt = tick();
      remake(proposal);
      return proposal;
    },
    push(number, files) {
      const proposal = of(number);
      proposal.head = repository.commit(files, { branch: proposal.branch, message: 'More' });
      repository.moveRef(`refs/pull/${number}/head`, proposal.head);
      remake(proposal);
      return proposal.head;
    },
    pushBase(files) {
      const commit = repository.commit(files);
      for (const proposal of proposals.values()) if (proposal.state === 'open') remake(proposal);
      return commit;
    },
    label(number, label, by) {
      const proposal = of(number);
      if (!proposal.labels.includes(label)) proposal.labels.push(label);
      labelEvents.push({ id: nextId(), issue: number, label, by, at: tick() });
    },
    say: (issue, author, body) => void comments.push({ id: nextId(), issue, author, body }),
    merge(number) {
      const proposal = of(number);
      const merge = mergeOf(repository, proposal);
      if (merge === null) throw new Error(`pull request ${number} conflicts`);
      repository.moveRef('refs/heads/main', merge);
      Object.assign(proposal, { state: 'closed', mergedAs: merge });
      return merge;
    },
    shut: (number) => void Object.assign(of(number), { state: 'closed' }),
    isMergeable: (proposal) => mergeOf(repository, proposal) !== null,
    mergeBase: (proposal) => mergeBaseOf(repository, proposal),
  };
}
