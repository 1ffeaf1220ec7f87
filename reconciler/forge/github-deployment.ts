import { SyncError } from '../model/error.ts';
import type { Deployment } from '../model/forge.ts';
import type { GithubConnection } from './github-connection.ts';

const longestDescription = 140;

/** Makes the record when there is none, and sets its state. GitHub's own checks and merges stay out of it. */
export async function publishGithubDeployment(
  connection: GithubConnection,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<string> {
  const id = deployment.id ?? (await create(connection, deployment, signal));
  const { owner, repo } = connection;
  await connection.write(
    `POST /repos/${owner}/${repo}/deployments/${id}/statuses`,
    (octokit, request) =>
      octokit.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        owner,
        repo,
        deployment_id: Number(id),
        state: states[deployment.state],
        description: deployment.description.slice(0, longestDescription),
        auto_inactive: true,
        request,
      }),
    signal,
  );
  return id;
}

const states = { running: 'in_progress', success: 'success', failure: 'failure' } as const satisfies Readonly<
  Record<Deployment['state'], string>
>;

async function create(
  connection: GithubConnection,
  { revision: ref, environment }: Deployment,
  signal: AbortSignal,
): Promise<string> {
  const { owner, repo } = connection;
  const what = `POST /repos/${owner}/${repo}/deployments`;
  return connection.write(
    what,
    async (octokit, request) => {
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/deployments', {
        owner,
        repo,
        ref,
        environment,
        auto_merge: false,
        required_contexts: [],
        description: `Plimsoll brings ${environment} to its line`,
        request,
      });
      if ('id' in data) return String(data.id);
      throw new SyncError(
        'ForgeRejected',
        `GitHub made no deployment for ${environment}: ${data.message ?? 'it does not say why'}.`,
      );
    },
    signal,
  );
}
