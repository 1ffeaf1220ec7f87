import { isSyncError } from '../model/error.ts';
import type { CommentDraft, PublishedComment } from '../model/forge.ts';
import type { GithubConnection } from './github-connection.ts';
import { isOwnComment, type ForgeComment } from './own-comment.ts';
import { collectPages, pageSize } from './pages.ts';

/** Updates our comment in place, found by its id or else by marker and author; makes one where there is none. */
export async function publishGithubComment(
  connection: GithubConnection,
  draft: CommentDraft,
  signal: AbortSignal,
): Promise<PublishedComment> {
  const login = await connection.login(signal);
  const known = await findKnown(connection, { draft, login, signal });
  const own = known ?? (login === null ? null : await findMarked(connection, { draft, login, signal }));
  return own === null ? create(connection, draft, signal) : update(connection, own.id, { draft, signal });
}

interface Search {
  readonly draft: CommentDraft;
  readonly login: string | null;
  readonly signal: AbortSignal;
}

/** Null when it was deleted, or is not ours after all. */
async function findKnown(
  connection: GithubConnection,
  { draft: { id, marker }, login, signal }: Search,
): Promise<ForgeComment | null> {
  if (id === null) return null;
  const { owner, repo } = connection;
  try {
    const comment = await connection.read(
      `GET /repos/${owner}/${repo}/issues/comments/${id}`,
      async (octokit, request) => {
        const parameters = { owner, repo, comment_id: Number(id), request };
        return (await octokit.request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', parameters))
          .data;
      },
      signal,
    );
    const found = commentOf(comment);
    return isOwnComment(found, marker, login ?? found.author) ? found : null;
  } catch (error) {
    if (isSyncError(error, 'ForgeNotFound')) return null;
    throw error;
  }
}

async function findMarked(
  connection: GithubConnection,
  { draft, login, signal }: Search & { readonly login: string },
): Promise<ForgeComment | null> {
  const { owner, repo } = connection;
  const comments = await collectPages((page) =>
    connection.read(
      `GET /repos/${owner}/${repo}/issues/${draft.number}/comments`,
      async (octokit, request) => {
        const parameters = { owner, repo, issue_number: draft.number, per_page: pageSize, page, request };
        return (await octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', parameters))
          .data;
      },
      signal,
    ),
  );
  return comments.map(commentOf).find((comment) => isOwnComment(comment, draft.marker, login)) ?? null;
}

interface GithubComment {
  readonly id: number | bigint;
  readonly body?: string | undefined;
  readonly user: { readonly login: string } | null;
}

function commentOf({ id, body = '', user }: GithubComment): ForgeComment {
  return { id: Number(id), body, author: user?.login ?? '' };
}

function create(
  connection: GithubConnection,
  { number, body }: CommentDraft,
  signal: AbortSignal,
): Promise<PublishedComment> {
  const { owner, repo } = connection;
  return connection.write(
    `POST /repos/${owner}/${repo}/issues/${number}/comments`,
    async (octokit, request) => {
      const parameters = { owner, repo, issue_number: number, body, request };
      const { data } = await octokit.request(
        'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
        parameters,
      );
      return { id: String(data.id), url: data.html_url };
    },
    signal,
  );
}

function update(
  connection: GithubConnection,
  id: number,
  { draft: { body }, signal }: Pick<Search, 'draft' | 'signal'>,
): Promise<PublishedComment> {
  const { owner, repo } = connection;
  return connection.write(
    `PATCH /repos/${owner}/${repo}/issues/comments/${id}`,
    async (octokit, request) => {
      const parameters = { owner, repo, comment_id: id, body, request };
      const { data } = await octokit.request(
        'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
        parameters,
      );
      return { id: String(data.id), url: data.html_url };
    },
    signal,
  );
}
