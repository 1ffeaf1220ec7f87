import { isSyncError } from '../model/error.ts';
import type { Annotation, Check, CheckConclusion, PublishedCheck } from '../model/forge.ts';
import type { GithubConnection } from './github-connection.ts';
import { postGithubStatus } from './github-status.ts';

/** As many as GitHub takes with one request. */
const annotationsARequest = 50;
/** Nobody reads more, and each fifty are a request. */
const mostAnnotations = 500;
const longestTitle = 250;
const longestMessage = 4000;

/** Connections whose token may not make check runs: only an App may. */
const withoutChecks = new WeakSet<GithubConnection>();

/** A check run with its annotations; where the token may not make one, a commit status of the same name. */
export async function publishGithubCheck(
  connection: GithubConnection,
  check: Check,
  signal: AbortSignal,
): Promise<PublishedCheck> {
  if (!withoutChecks.has(connection)) {
    try {
      return await publishRun(connection, check, signal);
    } catch (error) {
      if (!isSyncError(error, 'ForgeUnauthorized')) throw error;
      withoutChecks.add(connection);
    }
  }
  const { revision, name: context, title: description, conclusion, url } = check;
  const state = statusStates[conclusion];
  const at = await postGithubStatus(connection, { revision, context, state, description, url }, signal);
  return { kind: 'status', url, at };
}

const statusStates = {
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  actionRequired: 'pending',
} as const satisfies Readonly<Record<CheckConclusion, string>>;

const conclusions = {
  success: 'success',
  neutral: 'neutral',
  failure: 'failure',
  actionRequired: 'action_required',
} as const satisfies Readonly<Record<CheckConclusion, string>>;

async function publishRun(
  connection: GithubConnection,
  check: Check,
  signal: AbortSignal,
): Promise<PublishedCheck> {
  const { owner, repo } = connection;
  const [first = [], ...rest] = batchesOf(check.annotations.slice(0, mostAnnotations));
  const run = await connection.write(
    `POST /repos/${owner}/${repo}/check-runs`,
    async (octokit, request) => {
      const parameters = {
        owner,
        repo,
        name: check.name,
        head_sha: check.revision,
        status: 'completed',
        conclusion: conclusions[check.conclusion],
        output: outputOf(check, first),
        ...(check.url !== null && { details_url: check.url }),
        request,
      } as const;
      return (await octokit.request('POST /repos/{owner}/{repo}/check-runs', parameters)).data;
    },
    signal,
  );
  for (const annotations of rest)
    await annotate(connection, { id: Number(run.id), output: outputOf(check, annotations), signal });
  return { kind: 'check', url: run.html_url, at: timeOf(run.completed_at ?? run.started_at) };
}

interface Annotating {
  readonly id: number;
  readonly output: ReturnType<typeof outputOf>;
  readonly signal: AbortSignal;
}

/** GitHub adds these to what the run has. */
async function annotate(connection: GithubConnection, { id, output, signal }: Annotating): Promise<void> {
  const { owner, repo } = connection;
  await connection.write(
    `PATCH /repos/${owner}/${repo}/check-runs/${id}`,
    (octokit, request) =>
      octokit.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
        owner,
        repo,
        check_run_id: id,
        output,
        request,
      }),
    signal,
  );
}

function outputOf({ title, summary }: Check, annotations: readonly Annotation[]) {
  return {
    title: title.slice(0, longestTitle),
    summary,
    annotations: annotations.map((annotation) => ({
      path: annotation.path,
      start_line: annotation.line,
      end_line: annotation.line,
      annotation_level: 'failure' as const,
      title: annotation.title.slice(0, longestTitle),
      message: annotation.message.slice(0, longestMessage),
    })),
  };
}

function batchesOf(annotations: readonly Annotation[]): readonly (readonly Annotation[])[] {
  const count = Math.ceil(annotations.length / annotationsARequest);
  return Array.from({ length: count }, (_, index) =>
    annotations.slice(index * annotationsARequest, (index + 1) * annotationsARequest),
  );
}

function timeOf(text: string | null): number {
  return text === null ? Date.now() : Date.parse(text);
}
