import { isSyncError, SyncError } from '../model/error.ts';
import type {
  CheckConclusion,
  CommentDraft,
  Forge,
  LabelGrant,
  PublishedComment,
  PullRequest,
} from '../model/forge.ts';
import { isRevision, revision } from '../model/ids.ts';
import type { Secret } from '../model/secret.ts';
import { isOwnComment } from './own-comment.ts';
import { collectPages } from './pages.ts';
import { Rest } from './rest.ts';

export interface GitlabOptions {
  readonly apiUrl: string;
  readonly token: Secret;
  /** `group/subgroup/project` */
  readonly project: string;
}

interface MergeRequest {
  readonly iid: number;
  readonly web_url: string;
  readonly state: string;
  readonly sha: string;
  readonly source_project_id: number | null;
  readonly target_project_id: number;
  readonly target_branch: string;
  readonly diff_refs: { readonly base_sha: string } | null;
  readonly has_conflicts: boolean;
  readonly merge_commit_sha: string | null;
  readonly squash_commit_sha: string | null;
  readonly labels: readonly string[];
  readonly updated_at: string;
}

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly username: string };
}

interface LabelEvent {
  readonly action: string;
  readonly created_at: string;
  readonly user: { readonly id: number; readonly username: string } | null;
  readonly label: { readonly name: string } | null;
}

interface Gitlab {
  readonly rest: Rest;
  /** `/projects/acme%2Fgitops` */
  readonly root: string;
}

/** One project at GitLab, whose pull requests are merge requests, and whose checks are commit statuses. */
export function createGitlabForge({ apiUrl, token, project }: GitlabOptions): Forge {
  const rest = new Rest({ product: 'GitLab', apiUrl, token, tokenHeader: 'private-token', tokenPrefix: '' });
  const gitlab: Gitlab = { rest, root: `/projects/${encodeURIComponent(project)}` };
  return {
    provider: 'gitlab',
    refsOf: (number) => ({ head: `refs/merge-requests/${number}/head`, merge: null }),
    pullRequest: (number, signal) => findMergeRequest(gitlab, number, signal),
    openPullRequests: async (signal) => {
      const found = await collectPages((page) =>
        rest.page<MergeRequest>(`${gitlab.root}/merge_requests?state=opened`, page, signal),
      );
      return found.map(({ iid: number, sha, updated_at: version }) => ({
        number,
        head: revision(sha),
        version,
      }));
    },
    labelGrants: (number, labels, signal) => findGrants(gitlab, { number, labels, signal }),
    publishComment: (draft, signal) => publishNote(gitlab, draft, signal),
    async publishCheck({ revision: sha, name, conclusion, title: description, url }, signal) {
      const status = { sha, name, state: states[conclusion], description, url };
      return { kind: 'status', url, at: await postStatus(gitlab, status, signal) };
    },
    async setLabels(number, { add, remove }, signal) {
      const body = { add_labels: add.join(','), remove_labels: remove.join(',') };
      await rest.change({ method: 'PUT', path: `${gitlab.root}/merge_requests/${number}`, body }, signal);
    },
    async publishStatus({ revision: sha, context: name, state, description }, signal) {
      const status = { sha, name, state: commitStates[state], description, url: null };
      await postStatus(gitlab, status, signal);
    },
    publishDeployment: () =>
      Promise.reject(
        new SyncError('ForgeRejected', 'Deployments are made at GitHub only; leave `deployments` out.'),
      ),
  };
}

const states: Readonly<Record<CheckConclusion, string>> = {
  success: 'success',
  neutral: 'success',
  failure: 'failed',
  actionRequired: 'pending',
};

const commitStates = { pending: 'running', success: 'success', failure: 'failed' } as const;

async function findMergeRequest(
  { rest, root }: Gitlab,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  const found = await rest.get<MergeRequest>(`${root}/merge_requests/${number}`, signal);
  const project = await rest.get<{ readonly default_branch: string | null }>(root, signal);
  const mergedAs = found.merge_commit_sha ?? found.squash_commit_sha ?? found.sha;
  const state = found.state === 'merged' ? 'merged' : found.state === 'opened' ? 'open' : 'closed';
  const mergeBase = found.diff_refs?.base_sha ?? '';
  return {
    number,
    url: found.web_url,
    state,
    head: revision(found.sha),
    isFork: found.source_project_id !== found.target_project_id,
    base: found.target_branch,
    isBaseDefault: found.target_branch === project.default_branch,
    mergeBase: isRevision(mergeBase) ? mergeBase : null,
    hasConflict: found.has_conflicts,
    mergedAs: state === 'merged' && isRevision(mergedAs) ? mergedAs : null,
    labels: found.labels,
    version: found.updated_at,
  };
}

interface GrantSearch {
  readonly number: number;
  readonly labels: readonly string[];
  readonly signal: AbortSignal;
}

async function findGrants(
  { rest, root }: Gitlab,
  { number, labels, signal }: GrantSearch,
): Promise<readonly LabelGrant[]> {
  if (labels.length === 0) return [];
  const events = await collectPages((page) =>
    rest.page<LabelEvent>(`${root}/merge_requests/${number}/resource_label_events`, page, signal),
  );
  const last = new Map<string, { readonly by: string; readonly id: number; readonly at: number }>();
  for (const { action, label, user, created_at: createdAt } of events) {
    if (action !== 'add' || label === null || user === null || !labels.includes(label.name)) continue;
    last.set(label.name, { by: user.username, id: user.id, at: Date.parse(createdAt) });
  }
  const grants = [...last].map(async ([label, { by, id, at }]) => {
    return { label, by, at, mayWrite: await isMaintainer({ rest, root }, id, signal) };
  });
  return Promise.all(grants);
}

/** GitLab's own level of who may merge into a protected branch. */
const maintainerLevel = 40;

async function isMaintainer({ rest, root }: Gitlab, id: number, signal: AbortSignal): Promise<boolean> {
  try {
    const path = `${root}/members/all/${id}`;
    return (await rest.get<{ readonly access_level: number }>(path, signal)).access_level >= maintainerLevel;
  } catch (error) {
    if (isSyncError(error, 'ForgeNotFound')) return false;
    throw error;
  }
}

async function publishNote(
  { rest, root }: Gitlab,
  { number, marker, body }: CommentDraft,
  signal: AbortSignal,
): Promise<PublishedComment> {
  const { username } = await rest.get<{ readonly username: string }>('/user', signal);
  const path = `${root}/merge_requests/${number}/notes`;
  const notes = await collectPages((page) => rest.page<Note>(path, page, signal));
  const own = notes.find(({ id, body: text, author }) =>
    isOwnComment({ id, body: text, author: author.username }, marker, username),
  );
  const { id } = await rest.change<Note>(
    own === undefined
      ? { method: 'POST', path, body: { body } }
      : { method: 'PUT', path: `${path}/${own.id}`, body: { body } },
    signal,
  );
  const { web_url: url } = await rest.get<MergeRequest>(`${root}/merge_requests/${number}`, signal);
  return { id: String(id), url: `${url}#note_${id}` };
}

interface GitlabStatus {
  readonly sha: string;
  readonly name: string;
  readonly state: string;
  readonly description: string;
  readonly url: string | null;
}

const longestDescription = 250;

async function postStatus(
  { rest, root }: Gitlab,
  { sha, name, state, description, url }: GitlabStatus,
  signal: AbortSignal,
): Promise<number> {
  const body = {
    state,
    name,
    description: description.slice(0, longestDescription),
    ...(url !== null && { target_url: url }),
  };
  const path = `${root}/statuses/${sha}`;
  try {
    const made = await rest.change<{ readonly created_at: string }>({ method: 'POST', path, body }, signal);
    return Date.parse(made.created_at);
  } catch (error) {
    // GitLab refuses a status that says what it says already.
    if (isSyncError(error, 'ForgeRejected') && /cannot transition/i.test(error.message)) return Date.now();
    throw error;
  }
}
