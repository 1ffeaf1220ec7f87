import type { OpenPullRequest, PullRequest } from '../model/forge.ts';
import { isRevision, revision, type Revision } from '../model/ids.ts';
import type { GithubConnection } from './github-connection.ts';
import { collectPages, pageSize } from './pages.ts';

export async function findGithubPullRequest(
  connection: GithubConnection,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { owner, repo } = connection;
  const what = `GET /repos/${owner}/${repo}/pulls/${number}`;
  const found = await connection.read(
    what,
    async (octokit, request) => {
      const parameters = { owner, repo, pull_number: number, request };
      return (await octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', parameters)).data;
    },
    signal,
  );
  const { head, base, merged, mergeable, merge_commit_sha: mergedAs } = found;
  // A repository that was deleted after the pull request is null, whatever the description of the API says.
  const headRepository: { readonly id: number | bigint } | null = head.repo;
  const state = merged ? 'merged' : found.state;
  const needsMergeBase = state === 'open' && mergeable !== true;
  return {
    number,
    url: found.html_url,
    state,
    head: revision(head.sha),
    isFork: headRepository === null || headRepository.id !== base.repo.id,
    base: base.ref,
    isBaseDefault: base.ref === base.repo.default_branch,
    mergeBase: needsMergeBase ? await findMergeBase(connection, `${base.sha}...${head.sha}`, signal) : null,
    hasConflict: mergeable === null ? null : !mergeable,
    mergedAs: merged && mergedAs !== null && isRevision(mergedAs) ? mergedAs : null,
    labels: found.labels.map(({ name }) => name),
    version: found.updated_at,
  };
}

async function findMergeBase(
  connection: GithubConnection,
  basehead: string,
  signal: AbortSignal,
): Promise<Revision> {
  const { owner, repo } = connection;
  const what = `GET /repos/${owner}/${repo}/compare/${basehead}`;
  return connection.read(
    what,
    async (octokit, request) => {
      const parameters = { owner, repo, basehead, per_page: 1, request };
      const { data } = await octokit.request('GET /repos/{owner}/{repo}/compare/{basehead}', parameters);
      return revision(data.merge_base_commit.sha);
    },
    signal,
  );
}

export async function listGithubPullRequests(
  connection: GithubConnection,
  signal: AbortSignal,
): Promise<readonly OpenPullRequest[]> {
  const { owner, repo } = connection;
  const found = await collectPages((page) =>
    connection.read(
      `GET /repos/${owner}/${repo}/pulls`,
      async (octokit, request) => {
        const parameters = { owner, repo, state: 'open', per_page: pageSize, page, request } as const;
        return (await octokit.request('GET /repos/{owner}/{repo}/pulls', parameters)).data;
      },
      signal,
    ),
  );
  return found.map(({ number, head, updated_at: version }) => ({
    number,
    head: revision(head.sha),
    version,
  }));
}
