import { isSyncError } from '../model/error.ts';
import type { LabelChange, LabelGrant } from '../model/forge.ts';
import type { GithubConnection } from './github-connection.ts';
import { collectPages, pageSize } from './pages.ts';

interface GrantSearch {
  readonly number: number;
  readonly labels: readonly string[];
  readonly signal: AbortSignal;
}

/** The last one who set each of the labels, with the permission that GitHub itself gives: an association is no trust. */
export async function findGithubGrants(
  connection: GithubConnection,
  { number, labels, signal }: GrantSearch,
): Promise<readonly LabelGrant[]> {
  if (labels.length === 0) return [];
  const { owner, repo } = connection;
  const events = await collectPages((page) =>
    connection.read(
      `GET /repos/${owner}/${repo}/issues/${number}/events`,
      async (octokit, request) => {
        const parameters = { owner, repo, issue_number: number, per_page: pageSize, page, request };
        return (await octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}/events', parameters))
          .data;
      },
      signal,
    ),
  );
  const last = new Map<string, { readonly by: string; readonly at: number }>();
  for (const event of events) {
    if (event.event !== 'labeled' || !('label' in event)) continue;
    const { name } = event.label;
    if (labels.includes(name)) last.set(name, { by: event.actor.login, at: Date.parse(event.created_at) });
  }
  return Promise.all(
    [...last].map(async ([label, { by, at }]) => ({
      label,
      by,
      at,
      mayWrite: await mayWrite(connection, by, signal),
    })),
  );
}

async function mayWrite(
  connection: GithubConnection,
  username: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { owner, repo } = connection;
  try {
    return await connection.read(
      `GET /repos/${owner}/${repo}/collaborators/${username}/permission`,
      async (octokit, request) => {
        const parameters = { owner, repo, username, request };
        const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
        const { permission } = (await octokit.request(route, parameters)).data;
        return permission === 'admin' || permission === 'write';
      },
      signal,
    );
  } catch (error) {
    if (isSyncError(error, 'ForgeNotFound')) return false;
    throw error;
  }
}

interface Labelling {
  readonly number: number;
  readonly change: LabelChange;
  readonly signal: AbortSignal;
}

export async function setGithubLabels(
  connection: GithubConnection,
  { number, change: { add, remove }, signal }: Labelling,
): Promise<void> {
  const { owner, repo } = connection;
  if (add.length > 0) {
    await connection.write(
      `POST /repos/${owner}/${repo}/issues/${number}/labels`,
      (octokit, request) =>
        octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
          owner,
          repo,
          issue_number: number,
          labels: [...add],
          request,
        }),
      signal,
    );
  }
  for (const name of remove) await removeLabel(connection, { number, name, signal });
}

interface Removal {
  readonly number: number;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** One that a person took away meanwhile is gone as well. */
async function removeLabel(connection: GithubConnection, { number, name, signal }: Removal): Promise<void> {
  const { owner, repo } = connection;
  const route = 'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}';
  try {
    await connection.write(
      `DELETE /repos/${owner}/${repo}/issues/${number}/labels/${name}`,
      (octokit, request) => octokit.request(route, { owner, repo, issue_number: number, name, request }),
      signal,
    );
  } catch (error) {
    if (!isSyncError(error, 'ForgeNotFound')) throw error;
  }
}
