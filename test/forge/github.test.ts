import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGithubForge } from '../../reconciler/forge/github.ts';
import type { GithubCredentials } from '../../reconciler/forge/github-connection.ts';
import { isSyncError, type SyncError } from '../../reconciler/model/error.ts';
import type { Check, Forge } from '../../reconciler/model/forge.ts';
import { revision } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { startGithub, type StandInGithub } from '../support/github.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const { signal } = new AbortController();
const marker = '<!-- plimsoll:review default/main -->';
const started: StandInGithub[] = [];

afterEach(async () => {
  for (const github of started.splice(0)) {
    await github.close();
    expect(github.violations).toEqual([]);
  }
});

interface Setup {
  readonly github: StandInGithub;
  readonly forge: Forge;
}

async function setUp(
  options: { readonly isToken?: boolean; readonly credentials?: GithubCredentials } = {},
): Promise<Setup> {
  const repository = createRepository(join(temporaryDirectory(), 'gitops.git'));
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n' });
  const github = await startGithub({ repository, ...(options.isToken && { isToken: true }) });
  started.push(github);
  const { credentials = { kind: 'token', token: new Secret('ghp_secret') } } = options;
  const apiUrl = `${github.url}/api/v3`;
  return {
    github,
    forge: createGithubForge({ apiUrl, credentials, owner: 'acme', repo: 'gitops', writeGapMs: 0 }),
  };
}

async function failureOf(work: Promise<unknown>): Promise<SyncError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (failure: unknown) => failure,
  );
  if (!isSyncError(error)) throw error;
  return error;
}

describe('a pull request', () => {
  test('is read with what a review needs, a fork told by its repository id', async () => {
    const { github, forge } = await setUp();
    const own = github.open({ 'stacks/shop/web.yaml': 'image: web:2\n' });
    const fork = github.open({ 'stacks/shop/web.yaml': 'image: web:3\n' }, { isFork: true });
    expect(await forge.pullRequest(own.number, signal)).toMatchObject({
      state: 'open',
      head: own.head,
      isFork: false,
      base: 'main',
      isBaseDefault: true,
      hasConflict: false,
      mergedAs: null,
    });
    expect(await forge.pullRequest(fork.number, signal)).toMatchObject({ isFork: true });
    expect(await forge.openPullRequests(signal)).toMatchObject([
      { number: 1, head: own.head },
      { number: 2 },
    ]);
  });

  test('that conflicts comes with where it left its base', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ 'stacks/shop/web.yaml': 'image: web:2\n' });
    const base = github.repository.git('rev-parse', 'refs/heads/main');
    github.pushBase({ 'stacks/shop/web.yaml': 'image: web:9\n' });
    expect(await forge.pullRequest(number, signal)).toMatchObject({ hasConflict: true, mergeBase: base });
  });

  test('that was merged names the commit on the base', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ 'stacks/shop/web.yaml': 'image: web:2\n' });
    const merged = github.merge(number);
    expect(await forge.pullRequest(number, signal)).toMatchObject({ state: 'merged', mergedAs: merged });
    expect(await forge.openPullRequests(signal)).toEqual([]);
  });

  test('that is not there is a condition with a remedy', async () => {
    const { forge } = await setUp();
    const error = await failureOf(forge.pullRequest(99, signal));
    expect(error.code).toBe('ForgeNotFound');
    expect(error.message).toContain('/repos/acme/gitops/pulls/99');
  });
});

describe('the comment', () => {
  test('is made once and updated in place, by its id', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    const first = await forge.publishComment({ number, id: null, marker, body: `${marker}\none` }, signal);
    const second = await forge.publishComment(
      { number, id: first.id, marker, body: `${marker}\ntwo` },
      signal,
    );
    expect(second.id).toBe(first.id);
    expect(github.comments.map(({ body }) => body)).toEqual([`${marker}\ntwo`]);
  });

  test('is found by marker and author where its id was lost, however many comments there are', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    for (let index = 0; index < 120; index += 1) github.say(number, 'bob', `comment ${index}`);
    await forge.publishComment({ number, id: null, marker, body: `${marker}\none` }, signal);
    await forge.publishComment({ number, id: null, marker, body: `${marker}\ntwo` }, signal);
    expect(github.comments).toHaveLength(121);
    expect(github.comments.at(-1)?.body).toBe(`${marker}\ntwo`);
  });

  test('is never a person’s, whatever that begins with and whoever’s id was kept', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    github.say(number, 'mallory', `${marker}\nnot ours`);
    const id = String(github.comments[0]?.id);
    await forge.publishComment({ number, id, marker, body: `${marker}\nours` }, signal);
    expect(github.comments.map(({ author, body }) => `${author}: ${body.split('\n')[1]}`)).toEqual([
      'mallory: not ours',
      'plimsoll[bot]: ours',
    ]);
  });

  test('that somebody deleted is made anew', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    await forge.publishComment({ number, id: '4711', marker, body: `${marker}\nours` }, signal);
    expect(github.comments).toHaveLength(1);
  });
});

const head = revision('3f9c2a1000000000000000000000000000000000');

function checkWith(count: number): Check {
  return {
    revision: head,
    name: 'plimsoll/main',
    conclusion: 'failure',
    title: `${count} problems`,
    summary: 'See above.',
    annotations: Array.from({ length: count }, (_, index) => ({
      path: 'stacks/shop/web.yaml',
      line: index + 1,
      message: `Problem ${index}.`,
      title: 'UnknownKey at spec.imag',
    })),
    url: 'https://github.example.com/x',
  };
}

describe('the check', () => {
  test('has its annotations on their lines, fifty a request', async () => {
    const { github, forge } = await setUp();
    expect(await forge.publishCheck(checkWith(120), signal)).toMatchObject({ kind: 'check' });
    expect(github.checkRuns).toHaveLength(1);
    expect(github.checkRuns[0]?.annotationBatches).toEqual([50, 50, 20]);
    expect(github.checkRuns[0]?.annotations[119]).toMatchObject({ start_line: 120, message: 'Problem 119.' });
  });

  test('is a commit status where the token may not make checks, and that is asked only once', async () => {
    const { github, forge } = await setUp({ isToken: true });
    expect(await forge.publishCheck(checkWith(0), signal)).toMatchObject({ kind: 'status' });
    await forge.publishCheck({ ...checkWith(0), conclusion: 'actionRequired' }, signal);
    expect(github.statuses).toMatchObject([
      { state: 'failure', context: 'plimsoll/main', revision: head },
      { state: 'pending' },
    ]);
    expect(github.requests.filter((line) => line.endsWith('/check-runs'))).toHaveLength(1);
  });
});

describe('labels', () => {
  test('are told with who set them last and whether they may write', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    github.permissions.set('bob', 'read');
    github.label(number, 'plimsoll/approve-DL101', 'ada');
    github.label(number, 'plimsoll/show-live', 'bob');
    github.label(number, 'plimsoll/approve-MD101', 'stranger');
    const labels = ['plimsoll/approve-DL101', 'plimsoll/show-live', 'plimsoll/approve-MD101'];
    const grants = await forge.labelGrants(number, labels, signal);
    expect(grants.map(({ label, by, mayWrite }) => `${label} ${by} ${mayWrite}`)).toEqual([
      'plimsoll/approve-DL101 ada true',
      'plimsoll/show-live bob false',
      'plimsoll/approve-MD101 stranger false',
    ]);
  });

  test('that nobody asks about cost nothing', async () => {
    const { github, forge } = await setUp();
    expect(await forge.labelGrants(1, [], signal)).toEqual([]);
    expect(github.requests).toEqual([]);
  });

  test('are added and taken away, and one that is gone already is no failure', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    await forge.setLabels(number, { add: ['plimsoll/downtime'], remove: ['plimsoll/no-change'] }, signal);
    expect(github.proposals.get(number)?.labels).toEqual(['plimsoll/downtime']);
  });
});

test('a deployment is made once and goes on by its id', async () => {
  const { github, forge } = await setUp();
  const deployment = {
    id: null,
    revision: head,
    environment: 'shop',
    state: 'running',
    description: 'x',
  } as const;
  const id = await forge.publishDeployment(deployment, signal);
  await forge.publishDeployment({ ...deployment, id, state: 'success' }, signal);
  expect(github.deployments).toMatchObject([{ environment: 'shop', states: ['in_progress', 'success'] }]);
});

describe('when GitHub says no', () => {
  test.each([
    ['a limit with a time to wait', { status: 403, headers: { 'retry-after': '90' } }, 90_000],
    ['a limit on bursts', { status: 429, headers: { 'retry-after': '7' } }, 7_000],
    ['a limit in words only', { status: 403, message: 'You have exceeded a secondary rate limit.' }, 60_000],
  ])('%s is kept, and meanwhile nothing is sent', async (_, fault, waitMs) => {
    const { github, forge } = await setUp();
    github.fail({ ...fault, times: 1 });
    const error = await failureOf(forge.openPullRequests(signal));
    expect(error.code).toBe('ForgeRateLimited');
    expect(Number(error.data['retryAfterMs'])).toBeGreaterThan(waitMs - 5_000);
    expect(Number(error.data['retryAfterMs'])).toBeLessThanOrEqual(waitMs);
    const sent = github.requests.length;
    expect((await failureOf(forge.openPullRequests(signal))).code).toBe('ForgeRateLimited');
    expect(github.requests.length).toBe(sent);
  });

  test('a spent hour ends when GitHub says', async () => {
    const { github, forge } = await setUp();
    const reset = Math.ceil(Date.now() / 1000) + 600;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
    github.fail({ status: 403, headers, message: 'API rate limit exceeded', times: 1 });
    const error = await failureOf(forge.openPullRequests(signal));
    expect(Number(error.data['retryAfterMs'])).toBeGreaterThan(590_000);
  });

  test('a moment’s failure is passed over where repeating does no harm', async () => {
    const { github, forge } = await setUp();
    github.open({ a: 'b' });
    github.fail({ status: 502, times: 2 });
    expect(await forge.openPullRequests(signal)).toHaveLength(1);
  });

  test('what would be doubled is not repeated by itself', async () => {
    const { github, forge } = await setUp();
    const { number } = github.open({ a: 'b' });
    github.fail({ status: 502, on: 'POST', times: 1 });
    const draft = { number, id: null, marker, body: `${marker}\none` };
    expect((await failureOf(forge.publishComment(draft, signal))).code).toBe('ForgeUnreachable');
    await forge.publishComment(draft, signal);
    expect(github.comments).toHaveLength(1);
  });

  test('a wrong token is a condition that names the request and never the token', async () => {
    const { github, forge } = await setUp();
    github.fail({ status: 401, message: 'Bad credentials', times: 1 });
    const error = await failureOf(forge.openPullRequests(signal));
    expect(error.code).toBe('ForgeUnauthorized');
    expect(error.message).toContain('Bad credentials');
    expect(JSON.stringify([error.message, error.data])).not.toContain('ghp_secret');
  });
});

test('a GitHub App signs in for the repository’s installation', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { github, forge } = await setUp({
    credentials: { kind: 'app', id: '123456', privateKey: new Secret(pem) },
  });
  const { number } = github.open({ a: 'b' });
  await forge.publishComment({ number, id: null, marker, body: `${marker}\none` }, signal);
  await forge.publishComment({ number, id: null, marker, body: `${marker}\ntwo` }, signal);
  expect(github.comments.map(({ body }) => body)).toEqual([`${marker}\ntwo`]);
  expect(github.requests.filter((line) => line.endsWith('/access_tokens'))).toHaveLength(1);
});
