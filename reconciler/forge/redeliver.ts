import type { Name } from '../model/ids.ts';
import { receiverAt, type MissedDeliveries } from '../model/missed.ts';
import type { GithubConnection } from './github-connection.ts';

/** One attempt of GitHub to deliver something to a webhook; attempts of one delivery share the `guid`. */
export interface DeliveryAttempt {
  readonly id: number;
  readonly guid: string;
  readonly delivered_at: string;
  readonly status_code: number;
  readonly event: string;
}

/** Bounds what one round costs of GitHub's limit; polling finds what is left out. */
const mostPages = 10;
const mostRedeliveries = 50;
/** What fails so often would fail again. */
const mostAttempts = 4;
const perPage = 100;

/**
 * GitHub never sends again by itself what it could not deliver, and remembers it for three days. Needs a token that may
 * read and write the repository's webhooks; ForgeUnauthorized or ForgeNotFound is thrown for another.
 */
export function createGithubRedelivery(
  github: GithubConnection,
  receivers: readonly Name[],
): MissedDeliveries {
  return {
    repository: `${github.owner}/${github.repo}`,
    async redeliver(since, signal) {
      let redelivered = 0;
      for (const hook of await findHooks(github, receivers, signal)) {
        const attempts = await listAttempts(github, { hook, since }, signal);
        for (const delivery of missedOf(attempts, since).slice(0, mostRedeliveries)) {
          await askAgain(github, { hook, delivery }, signal);
          redelivered += 1;
        }
      }
      return redelivered;
    },
  };
}

/** The newest attempt of each delivery that something here depends on and that never succeeded, oldest first. */
export function missedOf(attempts: readonly DeliveryAttempt[], since: number): readonly number[] {
  const byGuid = new Map<string, DeliveryAttempt[]>();
  for (const attempt of attempts) {
    if (!isOurs(attempt.event) || Date.parse(attempt.delivered_at) < since) continue;
    byGuid.set(attempt.guid, [...(byGuid.get(attempt.guid) ?? []), attempt]);
  }
  return [...byGuid.values()]
    .filter((own) => own.length < mostAttempts && !own.some(hasArrived))
    .map((own) => Math.max(...own.map(({ id }) => id)))
    .sort((left, right) => left - right);
}

function isOurs(event: string): boolean {
  return ['push', 'pull_request', 'package', 'registry_package'].includes(event);
}

function hasArrived({ status_code: status }: DeliveryAttempt): boolean {
  return status >= 200 && status < 300;
}

async function findHooks(
  github: GithubConnection,
  receivers: readonly Name[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { owner, repo } = github;
  const hooks = await github.read(
    `GET /repos/${owner}/${repo}/hooks`,
    async (octokit, request) =>
      (
        await octokit.request('GET /repos/{owner}/{repo}/hooks', {
          owner,
          repo,
          per_page: perPage,
          request,
        })
      ).data,
    signal,
  );
  return hooks
    .filter(({ active, config }) => active && receiverAt(config.url ?? '', receivers) !== null)
    .map(({ id }) => id);
}

interface Wanted {
  readonly hook: number;
  readonly since: number;
}

/** Newest first, page by page, until they are too old. */
function listAttempts(
  github: GithubConnection,
  { hook, since }: Wanted,
  signal: AbortSignal,
): Promise<readonly DeliveryAttempt[]> {
  const { owner, repo } = github;
  return github.read(
    `GET /repos/${owner}/${repo}/hooks/${hook}/deliveries`,
    async (octokit, request) => {
      const attempts: DeliveryAttempt[] = [];
      let pages = 0;
      const parameters = { owner, repo, hook_id: hook, per_page: perPage, request };
      const route = 'GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries';
      for await (const { data } of octokit.paginate.iterator(route, parameters)) {
        attempts.push(...data);
        pages += 1;
        const oldest = data.at(-1);
        if (pages >= mostPages || oldest === undefined || Date.parse(oldest.delivered_at) < since) break;
      }
      return attempts;
    },
    signal,
  );
}

interface Again {
  readonly hook: number;
  readonly delivery: number;
}

async function askAgain(
  github: GithubConnection,
  { hook, delivery }: Again,
  signal: AbortSignal,
): Promise<void> {
  const { owner, repo } = github;
  await github.write(
    `POST /repos/${owner}/${repo}/hooks/${hook}/deliveries/${delivery}/attempts`,
    (octokit, request) =>
      octokit.request('POST /repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts', {
        owner,
        repo,
        hook_id: hook,
        delivery_id: delivery,
        request,
      }),
    signal,
  );
}
