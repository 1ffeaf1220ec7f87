import type { Forge } from '../model/forge.ts';
import { publishGithubCheck } from './github-check.ts';
import { publishGithubComment } from './github-comment.ts';
import { GithubConnection, type GithubConnectionOptions } from './github-connection.ts';
import { publishGithubDeployment } from './github-deployment.ts';
import { findGithubGrants, setGithubLabels } from './github-labels.ts';
import { findGithubPullRequest, listGithubPullRequests } from './github-pull-request.ts';
import { publishGithubStatus } from './github-status.ts';

/** One repository at GitHub or GitHub Enterprise. Nothing is asked before it is used. */
export function createGithubForge(options: GithubConnectionOptions): Forge {
  const connection = new GithubConnection(options);
  return {
    provider: 'github',
    refsOf: (number) => ({ head: `refs/pull/${number}/head`, merge: `refs/pull/${number}/merge` }),
    pullRequest: (number, signal) => findGithubPullRequest(connection, number, signal),
    openPullRequests: (signal) => listGithubPullRequests(connection, signal),
    labelGrants: (number, labels, signal) => findGithubGrants(connection, { number, labels, signal }),
    publishComment: (draft, signal) => publishGithubComment(connection, draft, signal),
    publishCheck: (check, signal) => publishGithubCheck(connection, check, signal),
    setLabels: (number, change, signal) => setGithubLabels(connection, { number, change, signal }),
    publishStatus: (status, signal) => publishGithubStatus(connection, status, signal),
    publishDeployment: (deployment, signal) => publishGithubDeployment(connection, deployment, signal),
  };
}
