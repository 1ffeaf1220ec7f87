import { afterEach, describe, expect, test } from 'vitest';
import { createGiteaForge } from '../../reconciler/forge/gitea.ts';
import { isSyncError } from '../../reconciler/model/error.ts';
import type { Forge } from '../../reconciler/model/forge.ts';
import { revision } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { startForge, textIn, type Asked, type StandInForge, type Told } from '../support/rest-forge.ts';

const { signal } = new AbortController();
const marker = '<!-- plimsoll:review default/main -->';
const head = revision('3f9c2a1000000000000000000000000000000000');
const base = revision('a1b2c3d000000000000000000000000000000000');
const started: StandInForge[] = [];

afterEach(async () => {
  for (const forge of started.splice(0)) await forge.close();
});

interface Comment {
  readonly id: number;
  readonly html_url: string;
  body: string;
  readonly user: { readonly login: string };
}

interface Gitea {
  readonly server: StandInForge;
  readonly forge: Forge;
  readonly comments: Comment[];
  readonly statuses: Asked[];
  readonly labels: string[];
}

const pullRequest = {
  number: 7,
  html_url: 'https://git.example.org/acme/gitops/pulls/7',
  state: 'open',
  merged: false,
  mergeable: true,
  merge_base: base,
  merge_commit_sha: null,
  updated_at: '2026-01-01T00:00:00Z',
  head: { sha: head, repo_id: 2 },
  base: { ref: 'main', repo_id: 1, repo: { default_branch: 'main' } },
  labels: [{ id: 3, name: 'plimsoll/show-live' }],
};

/** Gitea's answers as its own API documents them, for one repository with one pull request. */
async function setUp(change: Partial<typeof pullRequest> = {}): Promise<Gitea> {
  const comments: Comment[] = [];
  const statuses: Asked[] = [];
  const labels: string[] = [];
  const repository = '/repos/acme/gitops';
  const server = await startForge('/api/v1', (asked): Told | null => {
    const { method, path, body, headers } = asked;
    if (headers.authorization !== 'token gt_secret')
      return { status: 401, body: { message: 'token is required' } };
    const route = `${method} ${path.replace(repository, '')}`;
    const edited = comments.find(({ id }) => path === `${repository}/issues/comments/${id}`);
    if (method === 'PATCH' && edited !== undefined) {
      edited.body = textIn(body, 'body');
      return { body: { ...edited } };
    }
    switch (route) {
      case 'GET /user':
        return { body: { login: 'plimsoll' } };
      case 'GET /pulls':
        return { body: [pullRequest] };
      case 'GET /pulls/7':
        return { body: { ...pullRequest, ...change } };
      case 'GET /issues/7/comments':
        return { body: comments.map((comment) => ({ ...comment })) };
      case 'POST /issues/7/comments': {
        const id = comments.length + 1;
        const made = {
          id,
          html_url: `https://git.example.org/c/${id}`,
          body: textIn(body, 'body'),
          user: { login: 'plimsoll' },
        };
        comments.push(made);
        return { status: 201, body: made };
      }
      case `POST /statuses/${head}`:
        statuses.push(asked);
        return { status: 201, body: { created_at: '2026-01-01T00:00:09Z' } };
      case 'GET /issues/7/timeline':
        return {
          body: [
            {
              type: 'label',
              body: '1',
              created_at: '2026-01-01T00:00:20Z',
              user: { login: 'ada' },
              label: { name: 'plimsoll/show-live' },
            },
            {
              type: 'comment',
              body: 'hello',
              created_at: '2026-01-01T00:00:21Z',
              user: { login: 'ada' },
              label: null,
            },
          ],
        };
      case 'GET /collaborators/ada/permission':
        return { body: { permission: 'write' } };
      case 'GET /labels':
        return { body: [{ id: 3, name: 'plimsoll/show-live' }] };
      case 'POST /labels':
        labels.push(`make ${textIn(body, 'name')}`);
        return { status: 201, body: { id: 9 } };
      case 'POST /issues/7/labels':
        labels.push(`add ${JSON.stringify(body['labels'])}`);
        return { body: [] };
      case 'DELETE /issues/7/labels/3':
        labels.push('remove 3');
        return { body: {} };
      default:
        return null;
    }
  });
  started.push(server);
  const forge = createGiteaForge({
    apiUrl: `${server.url}/api/v1`,
    token: new Secret('gt_secret'),
    owner: 'acme',
    repo: 'gitops',
  });
  return { server, forge, comments, statuses, labels };
}

describe('Gitea', () => {
  test('tells of a pull request what a review needs', async () => {
    const { forge } = await setUp();
    expect(await forge.pullRequest(7, signal)).toMatchObject({
      state: 'open',
      head,
      isFork: true,
      base: 'main',
      isBaseDefault: true,
      mergeBase: base,
      hasConflict: false,
    });
    expect(await forge.openPullRequests(signal)).toMatchObject([{ number: 7, head }]);
    expect(forge.refsOf(7)).toEqual({ head: 'refs/pull/7/head', merge: null });
  });

  test('gets one comment, updated in place, and a person’s stays as it is', async () => {
    const { forge, comments } = await setUp();
    comments.push({ id: 50, html_url: '', body: `${marker}\nnot ours`, user: { login: 'mallory' } });
    await forge.publishComment({ number: 7, id: null, marker, body: `${marker}\none` }, signal);
    await forge.publishComment({ number: 7, id: null, marker, body: `${marker}\ntwo` }, signal);
    expect(comments.map(({ body }) => body)).toEqual([`${marker}\nnot ours`, `${marker}\ntwo`]);
  });

  test('gets a commit status for a check', async () => {
    const { forge, statuses } = await setUp();
    const check = {
      revision: head,
      name: 'plimsoll/main',
      conclusion: 'actionRequired',
      title: 'x',
      summary: '',
      annotations: [],
      url: 'https://x.example',
    } as const;
    expect(await forge.publishCheck(check, signal)).toEqual({
      kind: 'status',
      url: 'https://x.example',
      at: Date.UTC(2026, 0, 1, 0, 0, 9),
    });
    expect(statuses[0]?.body).toMatchObject({
      state: 'pending',
      context: 'plimsoll/main',
      target_url: 'https://x.example',
    });
  });

  test('says who set a label, and whether they may write', async () => {
    const { forge } = await setUp();
    expect(await forge.labelGrants(7, ['plimsoll/show-live'], signal)).toEqual([
      { label: 'plimsoll/show-live', by: 'ada', at: Date.UTC(2026, 0, 1, 0, 0, 20), mayWrite: true },
    ]);
  });

  test('gets labels by their numbers, made where there are none', async () => {
    const { forge, labels } = await setUp();
    await forge.setLabels(7, { add: ['plimsoll/downtime'], remove: ['plimsoll/show-live'] }, signal);
    expect(labels).toEqual(['make plimsoll/downtime', 'add [9]', 'remove 3']);
  });

  test('with a wrong token is a condition, and the token is not in it', async () => {
    const { server } = await setUp();
    const forge = createGiteaForge({
      apiUrl: `${server.url}/api/v1`,
      token: new Secret('wrong-one'),
      owner: 'acme',
      repo: 'gitops',
    });
    const error: unknown = await forge.pullRequest(7, signal).catch((failure: unknown) => failure);
    expect(isSyncError(error, 'ForgeUnauthorized') && error.message).toContain('token is required');
    expect(String(error)).not.toContain('wrong-one');
  });
});
