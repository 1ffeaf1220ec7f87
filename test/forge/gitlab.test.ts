import { afterEach, describe, expect, test } from 'vitest';
import { createGitlabForge } from '../../reconciler/forge/gitlab.ts';
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

interface Note {
  readonly id: number;
  body: string;
  readonly author: { readonly username: string };
}

interface Gitlab {
  readonly forge: Forge;
  readonly notes: Note[];
  readonly changes: Asked[];
}

const mergeRequest = {
  iid: 7,
  web_url: 'https://gitlab.example.org/acme/ops/gitops/-/merge_requests/7',
  state: 'opened',
  sha: head,
  source_project_id: 1,
  target_project_id: 1,
  target_branch: 'main',
  diff_refs: { base_sha: base },
  has_conflicts: false,
  merge_commit_sha: null as string | null,
  squash_commit_sha: null,
  labels: ['plimsoll/approve-DL101'],
  updated_at: '2026-01-01T00:00:00Z',
};

/** GitLab's answers as its own API documents them, for one project with one merge request. */
async function setUp(
  change: Partial<typeof mergeRequest> = {},
  statusAnswer: Told = { status: 201, body: { created_at: '2026-01-01T00:00:09Z' } },
): Promise<Gitlab> {
  const notes: Note[] = [];
  const changes: Asked[] = [];
  const project = '/projects/acme/ops/gitops';
  const server = await startForge('/api/v4', (asked): Told | null => {
    const { method, path, body, headers } = asked;
    if (headers['private-token'] !== 'glpat-secret')
      return { status: 401, body: { message: '401 Unauthorized' } };
    const route = `${method} ${path.replace(project, '')}`;
    const edited = notes.find(({ id }) => route === `PUT /merge_requests/7/notes/${id}`);
    if (edited !== undefined) {
      edited.body = textIn(body, 'body');
      return { body: { ...edited } };
    }
    switch (route) {
      case 'GET /user':
        return { body: { username: 'project_1_bot' } };
      case 'GET ':
        return { body: { default_branch: 'main' } };
      case 'GET /merge_requests':
        return { body: [mergeRequest] };
      case 'GET /merge_requests/7':
        return { body: { ...mergeRequest, ...change } };
      case 'GET /merge_requests/7/notes':
        return { body: notes.map((note) => ({ ...note })) };
      case 'POST /merge_requests/7/notes': {
        const made = {
          id: notes.length + 1,
          body: textIn(body, 'body'),
          author: { username: 'project_1_bot' },
        };
        notes.push(made);
        return { status: 201, body: made };
      }
      case 'PUT /merge_requests/7':
        changes.push(asked);
        return { body: mergeRequest };
      case `POST /statuses/${head}`:
        changes.push(asked);
        return statusAnswer;
      case 'GET /merge_requests/7/resource_label_events':
        return {
          body: [
            {
              action: 'add',
              created_at: '2026-01-01T00:00:20Z',
              user: { id: 5, username: 'dev' },
              label: { name: 'plimsoll/approve-DL101' },
            },
            {
              action: 'remove',
              created_at: '2026-01-01T00:00:21Z',
              user: { id: 5, username: 'dev' },
              label: { name: 'plimsoll/approve-DL101' },
            },
            {
              action: 'add',
              created_at: '2026-01-01T00:00:22Z',
              user: { id: 6, username: 'ada' },
              label: { name: 'plimsoll/approve-DL101' },
            },
          ],
        };
      case 'GET /members/all/6':
        return { body: { access_level: 40 } };
      default:
        return null;
    }
  });
  started.push(server);
  const forge = createGitlabForge({
    apiUrl: `${server.url}/api/v4`,
    token: new Secret('glpat-secret'),
    project: 'acme/ops/gitops',
  });
  return { forge, notes, changes };
}

describe('GitLab', () => {
  test('tells of a merge request what a review needs, in a project of any depth', async () => {
    const { forge } = await setUp();
    expect(await forge.pullRequest(7, signal)).toMatchObject({
      state: 'open',
      head,
      isFork: false,
      base: 'main',
      isBaseDefault: true,
      mergeBase: base,
    });
    expect(await forge.openPullRequests(signal)).toMatchObject([{ number: 7, head }]);
    expect(forge.refsOf(7)).toEqual({ head: 'refs/merge-requests/7/head', merge: null });
  });

  test('tells a fork by project ids, and a merge by its commit', async () => {
    const { forge } = await setUp({ source_project_id: 2, state: 'merged', merge_commit_sha: base });
    expect(await forge.pullRequest(7, signal)).toMatchObject({
      isFork: true,
      state: 'merged',
      mergedAs: base,
    });
  });

  test('gets one note, updated in place', async () => {
    const { forge, notes } = await setUp();
    notes.push({ id: 50, body: `${marker}\nnot ours`, author: { username: 'mallory' } });
    await forge.publishComment({ number: 7, id: null, marker, body: `${marker}\none` }, signal);
    const { url } = await forge.publishComment(
      { number: 7, id: null, marker, body: `${marker}\ntwo` },
      signal,
    );
    expect(notes.map(({ body }) => body)).toEqual([`${marker}\nnot ours`, `${marker}\ntwo`]);
    expect(url).toBe(`${mergeRequest.web_url}#note_2`);
  });

  test('counts a label that a maintainer set', async () => {
    const { forge } = await setUp();
    expect(await forge.labelGrants(7, ['plimsoll/approve-DL101'], signal)).toEqual([
      { label: 'plimsoll/approve-DL101', by: 'ada', at: Date.UTC(2026, 0, 1, 0, 0, 22), mayWrite: true },
    ]);
  });

  test('gets commit statuses, and one that says what it says already is no failure', async () => {
    const status = {
      revision: head,
      context: 'plimsoll/sync/shop',
      state: 'pending',
      description: 'x',
    } as const;
    const { forge, changes } = await setUp();
    await forge.publishStatus(status, signal);
    expect(changes[0]?.body).toMatchObject({ state: 'running', name: 'plimsoll/sync/shop' });
    const message = 'Cannot transition status via :run from :running';
    const again = await setUp({}, { status: 400, body: { message } });
    await again.forge.publishStatus(status, signal);
    expect(again.changes).toHaveLength(1);
  });

  test('asks for a pause with 429, and gets it', async () => {
    const { forge } = await setUp(
      {},
      { status: 429, headers: { 'retry-after': '12' }, body: { message: 'Retry later' } },
    );
    const status = {
      revision: head,
      context: 'plimsoll/sync/shop',
      state: 'success',
      description: 'x',
    } as const;
    const error: unknown = await forge.publishStatus(status, signal).catch((failure: unknown) => failure);
    expect(isSyncError(error, 'ForgeRateLimited') && error.data['retryAfterMs']).toBeGreaterThan(10_000);
  });

  test('gets labels added and taken away in one request', async () => {
    const { forge, changes } = await setUp();
    await forge.setLabels(7, { add: ['plimsoll/downtime'], remove: ['plimsoll/no-change'] }, signal);
    expect(changes[0]?.body).toEqual({
      add_labels: 'plimsoll/downtime',
      remove_labels: 'plimsoll/no-change',
    });
  });
});
