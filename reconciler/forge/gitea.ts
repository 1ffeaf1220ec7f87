import { isSyncError, SyncError } from '../model/error.ts';
import type {
  CheckConclusion,
  CommentDraft,
  CommitStatus,
  Forge,
  LabelChange,
  LabelGrant,
  PublishedComment,
  PullRequest,
} from '../model/forge.ts';
import { isRevision, revision } from '../model/ids.ts';
import type { Secret } from '../model/secret.ts';
import { isOwnComment } from './own-comment.ts';
import { collectPages } from './pages.ts';
import { Rest } from './rest.ts';

export interface GiteaOptions {
  readonly apiUrl: string;
  readonly token: Secret;
  readonly owner: string;
  readonly repo: string;
}

interface GiteaPullRequest {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly merged: boolean;
  readonly mergeable: boolean;
  readonly merge_base: string;
  readonly merge_commit_sha: string | null;
  readonly updated_at: string;
  readonly head: { readonly sha: string; readonly repo_id: number };
  readonly base: {
    readonly ref: string;
    readonly repo_id: number;
    readonly repo: { readonly default_branch: string };
  };
  readonly labels: readonly { readonly id: number; readonly name: string }[] | null;
}

interface GiteaComment {
  readonly id: number;
  readonly html_url: string;
  readonly body: string;
  readonly user: { readonly login: string } | null;
}

interface GiteaTimelineEvent {
  readonly type: string;
  /** `1` for a label that was set. */
  readonly body: string;
  readonly created_at: string;
  readonly user: { readonly login: string } | null;
  readonly label: { readonly name: string } | null;
}

interface Gitea {
  readonly rest: Rest;
  /** `/repos/acme/gitops` */
  readonly root: string;
}

/** One repository at Gitea or Forgejo. It makes no merge of an open pull request, and has no check runs. */
export function createGiteaForge({ apiUrl, token, owner, repo }: GiteaOptions): Forge {
  const rest = new Rest({
    product: 'Gitea',
    apiUrl,
    token,
    tokenHeader: 'authorization',
    tokenPrefix: 'token ',
  });
  const gitea: Gitea = { rest, root: `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}` };
  return {
    provider: 'gitea',
    refsOf: (number) => ({ head: `refs/pull/${number}/head`, merge: null }),
    pullRequest: (number, signal) => findPullRequest(gitea, number, signal),
    openPullRequests: async (signal) => {
      const found = await collectPages((page) =>
        rest.page<GiteaPullRequest>(`${gitea.root}/pulls`, page, signal),
      );
      return found
        .filter(({ state }) => state === 'open')
        .map(({ number, head, updated_at: version }) => ({ number, head: revision(head.sha), version }));
    },
    labelGrants: (number, labels, signal) => findGrants(gitea, { number, labels, signal }),
    publishComment: (draft, signal) => publishComment(gitea, draft, signal),
    async publishCheck({ revision: sha, name: context, conclusion, title: description, url }, signal) {
      const status = { sha, context, state: states[conclusion], description, url };
      return { kind: 'status', url, at: await postStatus(gitea, status, signal) };
    },
    setLabels: (number, change, signal) => setLabels(gitea, { number, change, signal }),
    async publishStatus({ revision: sha, context, state, description }: CommitStatus, signal) {
      await postStatus(gitea, { sha, context, state, description, url: null }, signal);
    },
    publishDeployment: () =>
      Promise.reject(new SyncError('ForgeRejected', 'Gitea has no deployments; leave `deployments` out.')),
  };
}

const states: Readonly<Record<CheckConclusion, string>> = {
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  actionRequired: 'pending',
};

async function findPullRequest(
  { rest, root }: Gitea,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  const found = await rest.get<GiteaPullRequest>(`${root}/pulls/${number}`, signal);
  const { head, base, merged, merge_commit_sha: mergedAs } = found;
  return {
    number,
    url: found.html_url,
    state: merged ? 'merged' : found.state === 'open' ? 'open' : 'closed',
    head: revision(head.sha),
    isFork: head.repo_id !== base.repo_id,
    base: base.ref,
    isBaseDefault: base.ref === base.repo.default_branch,
    mergeBase: isRevision(found.merge_base) ? found.merge_base : null,
    hasConflict: found.state === 'open' ? !found.mergeable : null,
    mergedAs: merged && mergedAs !== null && isRevision(mergedAs) ? mergedAs : null,
    labels: (found.labels ?? []).map(({ name }) => name),
    version: found.updated_at,
  };
}

interface GrantSearch {
  readonly number: number;
  readonly labels: readonly string[];
  readonly signal: AbortSignal;
}

async function findGrants(
  { rest, root }: Gitea,
  { number, labels, signal }: GrantSearch,
): Promise<readonly LabelGrant[]> {
  if (labels.length === 0) return [];
  const events = await collectPages((page) =>
    rest.page<GiteaTimelineEvent>(`${root}/issues/${number}/timeline`, page, signal),
  );
  const last = new Map<string, { readonly by: string; readonly at: number }>();
  for (const { type, body, label, user, created_at: createdAt } of events) {
    if (type !== 'label' || body !== '1' || label === null || user === null) continue;
    if (labels.includes(label.name)) last.set(label.name, { by: user.login, at: Date.parse(createdAt) });
  }
  const grants = [...last].map(async ([label, { by, at }]) => {
    const path = `${root}/collaborators/${encodeURIComponent(by)}/permission`;
    return { label, by, at, mayWrite: await mayWrite(rest, path, signal) };
  });
  return Promise.all(grants);
}

async function mayWrite(rest: Rest, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { permission } = await rest.get<{ readonly permission: string }>(path, signal);
    return ['owner', 'admin', 'write'].includes(permission);
  } catch (error) {
    if (isSyncError(error, 'ForgeNotFound')) return false;
    throw error;
  }
}

async function publishComment(
  { rest, root }: Gitea,
  { number, marker, body }: CommentDraft,
  signal: AbortSignal,
): Promise<PublishedComment> {
  const { login } = await rest.get<{ readonly login: string }>('/user', signal);
  // Gitea gives all comments of an issue at once.
  const comments = await rest.get<readonly GiteaComment[]>(`${root}/issues/${number}/comments`, signal);
  const own = comments.find(({ id, body: text, user }) =>
    isOwnComment({ id, body: text, author: user?.login ?? '' }, marker, login),
  );
  const { id, html_url: url } = await rest.change<GiteaComment>(
    own === undefined
      ? { method: 'POST', path: `${root}/issues/${number}/comments`, body: { body } }
      : { method: 'PATCH', path: `${root}/issues/comments/${own.id}`, body: { body } },
    signal,
  );
  return { id: String(id), url };
}

interface GiteaStatus {
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly url: string | null;
}

async function postStatus(
  { rest, root }: Gitea,
  { sha, context, state, description, url }: GiteaStatus,
  signal: AbortSignal,
): Promise<number> {
  const body = { context, state, description, ...(url !== null && { target_url: url }) };
  const path = `${root}/statuses/${sha}`;
  const made = await rest.change<{ readonly created_at: string }>({ method: 'POST', path, body }, signal);
  return Date.parse(made.created_at);
}

interface Labelling {
  readonly number: number;
  readonly change: LabelChange;
  readonly signal: AbortSignal;
}

/** Gitea knows labels by number, and sets only those that exist. */
async function setLabels({ rest, root }: Gitea, { number, change, signal }: Labelling): Promise<void> {
  const known = await collectPages((page) =>
    rest.page<{ readonly id: number; readonly name: string }>(`${root}/labels`, page, signal),
  );
  const find = (name: string): number | undefined => known.find((label) => label.name === name)?.id;
  const labels: number[] = [];
  for (const name of change.add) labels.push(find(name) ?? (await makeLabel({ rest, root }, name, signal)));
  const path = `${root}/issues/${number}/labels`;
  if (labels.length > 0) await rest.change({ method: 'POST', path, body: { labels } }, signal);
  for (const id of change.remove.flatMap((name) => find(name) ?? [])) {
    await rest.change({ method: 'DELETE', path: `${path}/${id}` }, signal);
  }
}

async function makeLabel({ rest, root }: Gitea, name: string, signal: AbortSignal): Promise<number> {
  const body = { name, color: '#6b7a8f' };
  const path = `${root}/labels`;
  return (await rest.change<{ readonly id: number }>({ method: 'POST', path, body }, signal)).id;
}
