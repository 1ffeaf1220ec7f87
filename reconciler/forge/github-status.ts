import type { CommitStatus } from '../model/forge.ts';
import type { GithubConnection } from './github-connection.ts';

const longestDescription = 140;

export async function publishGithubStatus(
  connection: GithubConnection,
  status: CommitStatus,
  signal: AbortSignal,
): Promise<void> {
  await postGithubStatus(connection, { ...status, url: null }, signal);
}

interface GithubStatus extends CommitStatus {
  readonly url: string | null;
}

/** Returns when GitHub made it. The newest of a context counts. */
export async function postGithubStatus(
  connection: GithubConnection,
  { revision: sha, state, context, description, url }: GithubStatus,
  signal: AbortSignal,
): Promise<number> {
  const { owner, repo } = connection;
  return connection.write(
    `POST /repos/${owner}/${repo}/statuses/${sha}`,
    async (octokit, request) => {
      const parameters = {
        owner,
        repo,
        sha,
        state,
        context,
        description: cut(description),
        ...(url !== null && { target_url: url }),
        request,
      };
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/statuses/{sha}', parameters);
      return Date.parse(data.created_at);
    },
    signal,
  );
}

function cut(text: string): string {
  return text.length <= longestDescription ? text : `${text.slice(0, longestDescription - 1)}…`;
}
