import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { GithubConnection } from '../../reconciler/forge/github-connection.ts';
import { createGithubRedelivery, missedOf, type DeliveryAttempt } from '../../reconciler/forge/redeliver.ts';
import { name } from '../../reconciler/model/ids.ts';
import { receiverAt } from '../../reconciler/model/missed.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import type { GithubAttempt } from '../support/github-state.ts';
import { startGithub, type StandInGithub } from '../support/github.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const { signal } = new AbortController();
const now = Date.UTC(2026, 4, 4);
const hour = 3_600_000;
const since = now - 72 * hour;
const started: StandInGithub[] = [];

afterEach(async () => {
  for (const github of started.splice(0)) {
    await github.close();
    expect(github.violations).toEqual([]);
  }
});

async function setUp() {
  const repository = createRepository(join(temporaryDirectory(), 'gitops.git'));
  const github = await startGithub({ repository });
  started.push(github);
  const connection = new GithubConnection({
    apiUrl: `${github.url}/api/v3`,
    credentials: { kind: 'token', token: new Secret('ghp_secret') },
    owner: 'acme',
    repo: 'gitops',
    writeGapMs: 0,
  });
  return { github, missed: createGithubRedelivery(connection, [name('github')]) };
}

function attempt(id: number, given: Partial<GithubAttempt> = {}): GithubAttempt {
  return { id, guid: `guid-${id}`, event: 'push', status: 502, at: now - hour, ...given };
}

describe('missed deliveries', () => {
  test('of our webhook are asked for again, and none of another', async () => {
    const { github, missed } = await setUp();
    const url = 'https://hooks.example.org/plimsoll/hooks/github';
    github.hooks.push(
      { id: 1, url, isActive: true, attempts: [attempt(12), attempt(11, { status: 202 }), attempt(10)] },
      { id: 2, url: 'https://ci.example.org/hooks/other', isActive: true, attempts: [attempt(20)] },
      { id: 3, url, isActive: false, attempts: [attempt(30)] },
    );
    expect(await missed.redeliver(since, signal)).toBe(2);
    expect(github.redelivered).toEqual([10, 12]);
  });

  test('are none when all arrived, which costs two requests', async () => {
    const { github, missed } = await setUp();
    const attempts = [attempt(2, { guid: 'a', status: 200 }), attempt(1, { guid: 'a', status: 0 })];
    github.hooks.push({ id: 1, url: 'https://x/hooks/github', isActive: true, attempts });
    expect(await missed.redeliver(since, signal)).toBe(0);
    expect(github.requests).toEqual([
      'GET /repos/acme/gitops/hooks',
      'GET /repos/acme/gitops/hooks/1/deliveries',
    ]);
  });

  test('are told to be out of reach where the token may not manage webhooks', async () => {
    const { github, missed } = await setUp();
    github.fail({ status: 403, on: '/hooks', times: 1 });
    await expect(missed.redeliver(since, signal)).rejects.toMatchObject({ code: 'ForgeUnauthorized' });
  });
});

test('what is missed is what failed within the time, is of concern, and was not tried too often', () => {
  const given = (id: number, rest: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
    id,
    guid: `guid-${id}`,
    event: 'push',
    status_code: 500,
    delivered_at: new Date(now - hour).toISOString(),
    ...rest,
  });
  const often = [1, 2, 3, 4].map((id) => given(id, { guid: 'often' }));
  const attempts = [
    ...often,
    given(11, { guid: 'twice' }),
    given(10, { guid: 'twice' }),
    given(20, { event: 'star' }),
    given(30, { delivered_at: new Date(since - 1).toISOString() }),
    given(40, { event: 'pull_request', status_code: 0 }),
  ];
  expect(missedOf(attempts, since)).toEqual([11, 40]);
});

test.each([
  ['https://hooks.example.org/hooks/github', 'github'],
  ['https://example.org/below/hooks/github/', 'github'],
  ['http://10.0.0.1:8484/hooks/github?x=1', 'github'],
  ['https://example.org/hooks/github/other', null],
  ['https://example.org/github', null],
  ['', null],
])('a webhook at %s points at %s', (url, expected) => {
  expect(receiverAt(url, [name('github')])).toBe(expected);
});
