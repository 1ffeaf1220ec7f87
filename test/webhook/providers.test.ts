import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { describeHint } from '../../reconciler/model/hint.ts';
import type { Json } from '../../reconciler/model/json.ts';
import type { Provider } from '../../reconciler/model/receiver.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { parseBody } from '../../webhook/body.ts';
import { imageHint } from '../../webhook/image-name.ts';
import type { Verdict } from '../../webhook/proof.ts';
import { protocols } from '../../webhook/protocol.ts';
import { signStandard } from '../../webhook/standard.ts';
import { hexSignature, receiver, secret } from './receiving.ts';

const body = Buffer.from('{"a":1}');
const now = 1_700_000_000_000;

interface Proving {
  readonly provider: Provider;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathSecret?: string;
  readonly secrets?: readonly Secret[];
}

async function prove({ provider, headers = {}, pathSecret = '', secrets = [new Secret(secret)] }: Proving) {
  const given = { headers, pathSecret, receivedAt: now };
  const early = await protocols[provider].prove({ ...given, body: null }, secrets);
  const late: Verdict = await protocols[provider].prove({ ...given, body }, secrets);
  return { early: early.kind, late: late.kind };
}

function standard(given: { readonly id?: string; readonly at?: number; readonly key?: string } = {}) {
  const { id = 'msg_1', at = now, key = secret } = given;
  const timestamp = String(Math.floor(at / 1000));
  const signature = signStandard({ id, timestamp, body }, new Secret(key));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

const basic = (password: string): string => `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;
const signed = hexSignature(body);

describe('a sender that has the secret is believed', () => {
  test.each<readonly [string, Proving, 'needsBody' | 'genuine']>([
    ['github', { provider: 'github', headers: { 'x-hub-signature-256': `sha256=${signed}` } }, 'needsBody'],
    ['ghcr', { provider: 'ghcr', headers: { 'x-hub-signature-256': `sha256=${signed}` } }, 'needsBody'],
    ['gitlab, signing', { provider: 'gitlab', headers: standard() }, 'needsBody'],
    ['gitlab, with a token', { provider: 'gitlab', headers: { 'x-gitlab-token': secret } }, 'genuine'],
    ['gitea', { provider: 'gitea', headers: { 'x-gitea-signature': signed } }, 'needsBody'],
    [
      'forgejo',
      { provider: 'forgejo', headers: { 'x-forgejo-signature': signed.toUpperCase() } },
      'needsBody',
    ],
    ['bitbucket', { provider: 'bitbucket', headers: { 'x-hub-signature': `sha256=${signed}` } }, 'needsBody'],
    ['generic', { provider: 'generic', headers: standard() }, 'needsBody'],
    [
      'generic, 5 minutes ago',
      { provider: 'generic', headers: standard({ at: now - 300_000 }) },
      'needsBody',
    ],
    [
      'generic, with several signatures',
      {
        provider: 'generic',
        headers: { ...standard(), 'webhook-signature': `v1,AAAA ${standard()['webhook-signature']}` },
      },
      'needsBody',
    ],
    ['registry, bearer', { provider: 'registry', headers: { authorization: `Bearer ${secret}` } }, 'genuine'],
    ['registry, basic', { provider: 'registry', headers: { authorization: basic(secret) } }, 'genuine'],
    ['harbor', { provider: 'harbor', headers: { authorization: secret } }, 'genuine'],
    ['dockerhub', { provider: 'dockerhub', pathSecret: secret }, 'genuine'],
    ['dockerhub, basic', { provider: 'dockerhub', headers: { authorization: basic(secret) } }, 'genuine'],
  ])('%s', async (_, proving, early) => {
    expect(await prove(proving)).toEqual({ early, late: 'genuine' });
    const rotated = [new Secret('another secret entirely'), new Secret(secret)];
    expect(await prove({ ...proving, secrets: rotated })).toEqual({ early, late: 'genuine' });
  });
});

describe('a sender without it is refused before the body is read, or with it', () => {
  const wrong = hexSignature(body, 'wrong');
  test.each<readonly [string, Proving, 'needsBody' | 'refused']>([
    ...(Object.keys(protocols) as Provider[]).map(
      (provider) => [`${provider} with nothing`, { provider }, 'refused'] as const,
    ),
    ['github', { provider: 'github', headers: { 'x-hub-signature-256': `sha256=${wrong}` } }, 'needsBody'],
    ['gitlab, signing', { provider: 'gitlab', headers: standard({ key: 'wrong' }) }, 'needsBody'],
    ['gitlab, token', { provider: 'gitlab', headers: { 'x-gitlab-token': `${secret}x` } }, 'refused'],
    [
      'gitlab, a bad signature beside the token',
      { provider: 'gitlab', headers: { ...standard({ key: 'wrong' }), 'x-gitlab-token': secret } },
      'needsBody',
    ],
    ['gitea', { provider: 'gitea', headers: { 'x-gitea-signature': wrong } }, 'needsBody'],
    ['forgejo', { provider: 'forgejo', headers: { 'x-gitea-signature': signed } }, 'refused'],
    ['bitbucket', { provider: 'bitbucket', headers: { 'x-hub-signature': `sha256=${wrong}` } }, 'needsBody'],
    [
      'bitbucket, sha1',
      { provider: 'bitbucket', headers: { 'x-hub-signature': `sha1=${signed}` } },
      'refused',
    ],
    ['generic', { provider: 'generic', headers: standard({ key: 'wrong' }) }, 'needsBody'],
    ['generic, old', { provider: 'generic', headers: standard({ at: now - 302_000 }) }, 'refused'],
    ['generic, of tomorrow', { provider: 'generic', headers: standard({ at: now + 302_000 }) }, 'refused'],
    [
      'generic, another id',
      { provider: 'generic', headers: { ...standard(), 'webhook-id': 'msg_2' } },
      'needsBody',
    ],
    [
      'generic, another time',
      { provider: 'generic', headers: { ...standard(), 'webhook-timestamp': String(now / 1000 + 1) } },
      'needsBody',
    ],
    ['registry', { provider: 'registry', headers: { authorization: 'Bearer wrong' } }, 'refused'],
    ['harbor', { provider: 'harbor', headers: { authorization: basic('wrong') } }, 'refused'],
    ['dockerhub', { provider: 'dockerhub', pathSecret: 'wrong' }, 'refused'],
  ])('%s', async (_, proving, early) => {
    expect(await prove(proving)).toEqual({ early, late: 'refused' });
  });
});

test('a signing token that begins with whsec_ is the base64 of its key, as the standard has it', () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef');
  const expected = createHmac('sha256', key).update('msg_1.1700000000.').update(body).digest('base64');
  const token = new Secret(`whsec_${key.toString('base64')}`);
  expect(signStandard({ id: 'msg_1', timestamp: '1700000000', body }, token)).toBe(`v1,${expected}`);
});

const revision = '0123456789abcdef0123456789abcdef01234567';
const none = '0'.repeat(40);
const project = {
  git_http_url: 'https://gitlab.example.org/group/sub/app.git',
  git_ssh_url: 'ssh://git@ssh.gitlab.example.org:2222/group/sub/app.git',
  web_url: 'https://gitlab.example.org/group/sub/app',
  default_branch: 'main',
};
const giteaRepository = {
  clone_url: 'https://git.example.org/acme/app.git',
  ssh_url: 'git@git.example.org:acme/app.git',
  default_branch: 'main',
};
const cloud = { links: { html: { href: 'https://bitbucket.org/acme/app' } }, full_name: 'acme/app' };
const container = (tag: string) => ({
  package_type: 'CONTAINER',
  namespace: 'Acme',
  name: 'Web',
  package_version: { container_metadata: { tag: { name: tag, digest: `sha256:${'a'.repeat(64)}` } } },
});

describe('what a payload comes to', () => {
  test.each<readonly [Provider, string, Json, string]>([
    [
      'gitlab',
      '',
      { object_kind: 'push', ref: 'refs/heads/main', after: revision, project },
      'push to gitlab.example.org/group/sub/app refs/heads/main 0123456',
    ],
    [
      'gitlab',
      '',
      { object_kind: 'tag_push', ref: 'refs/tags/v1', after: none, project },
      'push to gitlab.example.org/group/sub/app refs/tags/v1 deleted',
    ],
    [
      'gitlab',
      '',
      { event_name: 'push', ref: 'refs/heads/main', after: revision, project },
      'push to gitlab.example.org/group/sub/app refs/heads/main 0123456',
    ],
    [
      'gitlab',
      '',
      { object_kind: 'merge_request', project, object_attributes: { iid: 7, action: 'open' } },
      'pull request 7 of gitlab.example.org/group/sub/app',
    ],
    [
      'gitlab',
      '',
      { object_kind: 'merge_request', project, object_attributes: { iid: 7, action: 'approved' } },
      'ignored',
    ],
    ['gitlab', '', { object_kind: 'pipeline' }, 'ignored'],
    [
      'gitea',
      'push',
      { ref: 'refs/heads/main', after: revision, repository: giteaRepository },
      'push to git.example.org/acme/app refs/heads/main 0123456',
    ],
    [
      'forgejo',
      'delete',
      { ref: 'topic', ref_type: 'branch', repository: giteaRepository },
      'push to git.example.org/acme/app refs/heads/topic deleted',
    ],
    [
      'forgejo',
      'pull_request_sync',
      { number: 4, repository: giteaRepository },
      'pull request 4 of git.example.org/acme/app',
    ],
    [
      'gitea',
      'package',
      {
        action: 'created',
        package: {
          type: 'container',
          name: 'web',
          version: '1.2',
          html_url: 'https://git.example.org:3000/acme/-/packages/container/web/1.2',
          owner: { login: 'Acme' },
        },
      },
      'image git.example.org:3000/acme/web:1.2',
    ],
    ['gitea', 'issues', {}, 'ignored'],
    [
      'bitbucket',
      'repo:push',
      {
        repository: cloud,
        push: {
          changes: [
            { old: null, new: { type: 'branch', name: 'main', target: { hash: revision } } },
            { old: { type: 'tag', name: 'v1' }, new: null },
          ],
        },
      },
      'push to bitbucket.org/acme/app refs/heads/main 0123456; push to bitbucket.org/acme/app refs/tags/v1 deleted',
    ],
    [
      'bitbucket',
      'repo:refs_changed',
      {
        repository: {
          links: {
            clone: [
              { href: 'ssh://git@bb.example.org:7999/proj/app.git' },
              { href: 'https://bb.example.org/scm/proj/app.git' },
            ],
          },
        },
        changes: [{ ref: { id: 'refs/heads/main' }, type: 'UPDATE', toHash: revision }],
      },
      'push to bb.example.org/proj/app refs/heads/main 0123456',
    ],
    [
      'bitbucket',
      'repo:refs_changed',
      {
        repository: { slug: 'app', project: { key: 'PROJ' } },
        changes: [{ ref: { id: 'refs/heads/main' } }],
      },
      'look at all sources',
    ],
    ['bitbucket', 'diagnostics:ping', { test: true }, 'ping'],
    ['generic', '', {}, 'look at all sources'],
    ['generic', '', { source: 'main' }, 'look at main'],
    ['generic', '', { stack: 'shop' }, 'look at all sources, sync shop'],
    [
      'generic',
      '',
      { repository: 'https://git.example.org/a/b', ref: 'main', after: revision },
      'push to git.example.org/a/b refs/heads/main 0123456',
    ],
    ['generic', '', { image: 'acme/web' }, 'image docker.io/acme/web'],
    [
      'registry',
      '',
      {
        events: [
          { action: 'pull', target: { repository: 'acme/web', tag: '1' } },
          {
            action: 'push',
            target: { repository: 'acme/web', tag: '1' },
            request: { host: 'Registry.example.org:5000' },
          },
          { action: 'push', target: { repository: 'acme/web' } },
        ],
      },
      'image registry.example.org:5000/acme/web:1',
    ],
    ['registry', '', { events: [{ action: 'push', target: { repository: 'acme/web' } }] }, 'ignored'],
    [
      'dockerhub',
      '',
      { push_data: { tag: '7' }, repository: { repo_name: 'redis' } },
      'image docker.io/library/redis:7',
    ],
    [
      'harbor',
      '',
      {
        type: 'PUSH_ARTIFACT',
        event_data: {
          resources: [{ tag: '1', resource_url: 'hub.example.org/acme/web:1' }],
          repository: { repo_full_name: 'acme/web' },
        },
      },
      'image hub.example.org/acme/web:1',
    ],
    [
      'harbor',
      '',
      {
        specversion: '1.0',
        type: 'harbor.artifact.pushed',
        data: {
          resources: [{ tag: '1', resource_url: 'hub.example.org/acme/web:1' }],
          repository: { repo_full_name: 'acme/web' },
        },
      },
      'image hub.example.org/acme/web:1',
    ],
    ['harbor', '', { type: 'SCANNING_COMPLETED' }, 'ignored'],
    ['ghcr', 'package', { action: 'published', package: container('1.2') }, 'image ghcr.io/acme/web:1.2'],
    [
      'ghcr',
      'registry_package',
      { action: 'published', registry_package: container('latest') },
      'image ghcr.io/acme/web:latest',
    ],
    ['ghcr', 'package', { action: 'published', package: container('') }, 'ignored'],
    ['ghcr', 'push', {}, 'ignored'],
    [
      'github',
      'pull_request',
      { action: 'synchronize', pull_request: { number: 3 }, repository: giteaRepository },
      'pull request 3 of git.example.org/acme/app',
    ],
    [
      'github',
      'pull_request',
      { action: 'assigned', pull_request: { number: 3 }, repository: giteaRepository },
      'ignored',
    ],
  ])('%s %s %j', (...[provider, header, payload, expected]) => {
    const names = ['x-github-event', 'x-gitea-event', 'x-forgejo-event', 'x-event-key'];
    const headers = Object.fromEntries(names.map((name) => [name, header]));
    const event = protocols[provider].eventOf(headers, payload);
    const reading = protocols[provider].read(event, payload, receiver({ name: 'x', provider }));
    const shown = reading.kind === 'hints' ? reading.hints.map(describeHint).join('; ') : reading.part;
    expect(shown).toBe(expected);
  });

  test.each<readonly [Provider, string, Json, string]>([
    ['gitlab', '', { object_kind: 'push', ref: 'refs/heads/main' }, 'project.git_http_url'],
    ['gitlab', '', { object_kind: 'push', project }, 'ref'],
    [
      'gitlab',
      '',
      { object_kind: 'merge_request', project, object_attributes: { iid: -1 } },
      'object_attributes.iid',
    ],
    ['gitea', 'push', { ref: 'refs/heads/main', repository: {} }, 'repository.clone_url'],
    ['bitbucket', 'repo:push', { repository: cloud }, 'push.changes'],
    ['bitbucket', 'repo:push', { repository: cloud, push: { changes: [null] } }, 'push.changes.old.name'],
    ['generic', '', { stacks: 'shop' }, 'the key "stacks"'],
    ['generic', '', [], 'the body, which should be a map,'],
    ['generic', '', { stack: 'Not A Name' }, 'stack'],
    [
      'generic',
      '',
      { repository: 'https://git.example.org/a/b' },
      'ref, which `repository` needs beside it,',
    ],
    ['generic', '', { image: '../../etc' }, 'image'],
    ['registry', '', {}, 'events'],
    [
      'registry',
      '',
      { events: [{ action: 'push', target: { repository: 'a', tag: '1' } }] },
      'events.request.host',
    ],
    ['dockerhub', '', { repository: {} }, 'repository.repo_name'],
    ['harbor', '', { type: 'PUSH_ARTIFACT' }, 'repository.repo_full_name'],
    ['github', 'package', { package: {} }, 'package.package_type'],
  ])('%s %s %j is told with the part that is missing', (...[provider, header, payload, part]) => {
    const names = ['x-github-event', 'x-gitea-event', 'x-event-key'];
    const headers = Object.fromEntries(names.map((name) => [name, header]));
    const event = protocols[provider].eventOf(headers, payload);
    expect(protocols[provider].read(event, payload, receiver({ name: 'x', provider }))).toEqual({
      kind: 'malformed',
      part,
    });
  });

  test('a registry is called as images name it where the operator says so', () => {
    const payload = { events: [{ action: 'push', target: { repository: 'acme/web', tag: '1' } }] };
    const named = receiver({ name: 'x', provider: 'registry', registry: 'images.example.org' });
    expect(protocols.registry.read('push', payload, named)).toMatchObject({
      hints: [{ registry: 'images.example.org', repository: 'acme/web', tag: '1' }],
    });
  });

  test.each([
    ['redis', 'docker.io library/redis null'],
    ['index.docker.io/acme/web:1', 'docker.io acme/web 1'],
    ['localhost/web:1', 'localhost web 1'],
    ['127.0.0.1:5000/a/b/c:x', '127.0.0.1:5000 a/b/c x'],
    [`ghcr.io/acme/web@sha256:${'a'.repeat(64)}`, 'ghcr.io acme/web null'],
  ])('%s is %s', (reference, expected) => {
    const image = imageHint(reference, null);
    expect(`${image?.registry} ${image?.repository} ${image?.tag}`).toBe(expected);
  });

  test('an empty body is an empty map, one that is not UTF-8 is none', () => {
    expect(parseBody(Buffer.alloc(0), 'application/json')).toEqual({ kind: 'json', payload: {} });
    expect(parseBody(Buffer.from([0xff]), 'application/json').kind).toBe('unreadable');
  });
});
