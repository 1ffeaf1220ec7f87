import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { createCredentialProvider, type CredentialProvider } from '../../reconciler/docker/auth.ts';
import { createEngine } from '../../reconciler/docker/engine.ts';
import { parseReference } from '../../reconciler/docker/image.ts';
import type { PullPolicy } from '../../reconciler/model/desired.ts';
import type { SyncEvent } from '../../reconciler/model/event.ts';
import { name } from '../../reconciler/model/ids.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import {
  registryLogin,
  startFaultyRegistry,
  startRegistry,
  type FaultyRegistry,
  type Registry,
} from '../support/registry.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { applyAll, never, planOf, type Applied } from './fixture.ts';

const images = inject('images');
const registryAddress = inject('registryAddress');
const stack = name('shop');
let own: TestEngine;
let faulty: FaultyRegistry;
let locked: Registry;
let lockedImage: string;

beforeAll(async () => {
  own = await startTestEngine(temporaryDirectory());
  faulty = await startFaultyRegistry({ address: registryAddress, close: () => Promise.resolve() });
  locked = await startRegistry({ directory: temporaryDirectory(), withLogin: true });
  lockedImage = await pushToLocked();
});
afterAll(async () => {
  await faulty.close();
  await locked.close();
  await own.close();
});
beforeEach(async () => {
  faulty.fail(undefined);
  for (const { Id } of await own.docker.listImages()) await own.docker.getImage(Id).remove({ force: true });
});

/** An image of the open registry, copied into the one that asks for a login. */
async function pushToLocked(): Promise<string> {
  const stream = await own.docker.pull(images.web1);
  await new Promise((resolve) => own.docker.modem.followProgress(stream, resolve));
  const repo = `${locked.address}/web`;
  await own.docker.getImage(images.web1).tag({ repo, tag: '1' });
  const push = await own.docker
    .getImage(`${repo}:1`)
    .push({ authconfig: { ...registryLogin, serveraddress: '' } });
  await new Promise((resolve) => own.docker.modem.followProgress(push, resolve));
  return `${repo}:1`;
}

const login = (password: string = registryLogin.password): CredentialProvider =>
  createCredentialProvider({
    explicit: {
      [locked.address]: {
        kind: 'password',
        username: registryLogin.username,
        password: new Secret(password),
      },
    },
    configFile: null,
  });
const nobody = createCredentialProvider({ explicit: {}, configFile: null });

interface PullCase {
  readonly policy?: PullPolicy;
  readonly credentials?: CredentialProvider;
}

async function pull(
  image: string,
  { policy = 'missing', credentials = nobody }: PullCase = {},
): Promise<Applied & { readonly digest: string | null }> {
  const engine = open(credentials);
  const plan = planOf(stack, { pull: { kind: 'pullImage', image, platform: null, policy } });
  const applied = await applyAll(engine, plan);
  const succeeded = applied.events.find((event): event is Extract<SyncEvent, { kind: 'stepSucceeded' }> => {
    return event.kind === 'stepSucceeded';
  });
  await engine.close();
  return { ...applied, digest: succeeded?.result.digest ?? null };
}

function open(credentials: CredentialProvider) {
  const address = { kind: 'socket', path: own.socketPath } as const;
  return createEngine({ address, installation: name('pulling'), credentials });
}

async function readDigest(image: string, credentials = nobody) {
  const engine = open(credentials);
  const { registryDigests } = await engine.observe(
    { images: [image], freshImages: [{ reference: image, maxAgeMs: 0 }] },
    never,
  );
  await engine.close();
  return registryDigests[image];
}

function splitTag(image: string): readonly [repository: string, tag: string] {
  const colon = image.lastIndexOf(':');
  return [image.slice(0, colon), image.slice(colon + 1)];
}

function through(image: string): string {
  return image.replace(registryAddress, faulty.address);
}

describe('a pull', () => {
  test('brings the image and records the digest that the registry has', async () => {
    const { digest, failure } = await pull(images.web1);
    expect(failure).toBeNull();
    const { RepoDigests } = await own.docker.getImage(images.web1).inspect();
    expect(RepoDigests).toEqual([digest]);
    expect(await readDigest(images.web1)).toEqual({ kind: 'digest', digest: digest?.split('@')[1] });
  });

  test('says how far it is', async () => {
    const { events } = await pull(images.web1);
    const messages = events.flatMap((event) => (event.kind === 'stepProgress' ? [event.message] : []));
    expect(messages[0]).toMatch(/^\d+\.\d of \d+\.\d MB$/);
  });

  test('of an image that is there asks no registry unless it must', async () => {
    await pull(through(images.web1));
    const before = faulty.requests.length;
    expect((await pull(through(images.web1))).digest).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect((await pull(through(images.web1), { policy: 'never' })).failure).toBeNull();
    expect(faulty.requests.length).toBe(before);
    expect((await pull(through(images.web1), { policy: 'always' })).failure).toBeNull();
    expect(faulty.requests.length).toBeGreaterThan(before);
  });

  test('is asked about no more often than an answer or a pull may be old', async () => {
    const image = through(images.web2);
    const engine = open(nobody);
    const askedWithin = async (maxAgeMs: number): Promise<boolean> => {
      const before = faulty.requests.length;
      const freshImages = [{ reference: image, maxAgeMs }];
      const { registryDigests } = await engine.observe({ images: [image], freshImages }, never);
      expect(registryDigests[image]?.kind).toBe('digest');
      return faulty.requests.length > before;
    };
    expect(await askedWithin(3_600_000)).toBe(true);
    expect(await askedWithin(3_600_000)).toBe(false);
    expect(await askedWithin(0)).toBe(true);
    await engine.close();
  });

  test('is asked about no more often by another process either, where the engine tells when it named the image', async () => {
    await pull(through(images.web2));
    const [repo, tag] = splitTag(through(images.web2));
    await own.docker.getImage(through(images.web2)).tag({ repo, tag });
    const engine = open(nobody);
    const before = faulty.requests.length;
    const freshImages = [{ reference: through(images.web2), maxAgeMs: 3_600_000 }];
    const { registryDigests } = await engine.observe({ images: [through(images.web2)], freshImages }, never);
    await engine.close();
    expect(registryDigests).toEqual({});
    expect(faulty.requests.length).toBe(before);
  });

  test('by digest brings exactly that image', async () => {
    const { digest } = await pull(images.web1);
    await own.docker.getImage(images.web1).remove({ force: true });
    const pinned = await pull(digest!);
    expect(pinned).toMatchObject({ failure: null, digest });
  });

  test('that is forbidden fails where the image is not there', async () => {
    const { failure } = await pull(images.web1, { policy: 'never' });
    expect(failure).toMatchObject({ code: 'ImageNotFound', message: expect.stringContaining('pull_policy') });
  });
});

describe('a pull that fails says what to do about it', () => {
  interface Failing {
    readonly why: string;
    readonly image: () => string;
    readonly code: string;
    readonly remedy: string;
  }

  const address = "Check the registry's address";
  const failing: readonly Failing[] = [
    {
      why: 'an unknown tag',
      image: () => images.web1.replace(/:1$/, ':nope'),
      code: 'ImageNotFound',
      remedy: "Check the image's name and tag",
    },
    {
      why: 'an unknown repository',
      image: () => `${registryAddress}/nowhere:1`,
      code: 'ImageNotFound',
      remedy: "Check the image's name",
    },
    { why: 'no registry', image: () => '127.0.0.1:1/web:1', code: 'RegistryUnreachable', remedy: address },
    {
      why: 'no such host',
      image: () => 'registry.invalid/web:1',
      code: 'RegistryUnreachable',
      remedy: address,
    },
    {
      why: 'no credentials',
      image: () => lockedImage,
      code: 'RegistryUnauthorized',
      remedy: 'Give credentials',
    },
  ];

  test.each(failing)('$why', async ({ image, code, remedy }) => {
    const { failure } = await pull(image());
    expect(failure).toMatchObject({ code, message: expect.stringContaining(remedy) });
    expect(failure?.message).toContain(`Could not pull image ${image()}: `);
    const digest = await readDigest(image());
    expect(digest).toMatchObject({ kind: 'unknown', reason: expect.stringContaining(remedy) });
  });

  test.each([
    [429, 'RegistryRateLimited'],
    [401, 'RegistryUnauthorized'],
    [500, 'RegistryUnreachable'],
    [503, 'RegistryUnreachable'],
  ] as const)('a registry that answers %i', async (status, code) => {
    faulty.fail({ status, path: /manifests/ });
    expect((await pull(through(images.web1))).failure?.code).toBe(code);
  });

  test('wrong credentials, which it does not show', async () => {
    const { failure } = await pull(lockedImage, { credentials: login('topsecret') });
    expect(failure?.code).toBe('RegistryUnauthorized');
    expect(failure?.message).not.toContain('topsecret');
  });
});

describe('credentials', () => {
  const folder = temporaryDirectory();
  const config = (content: object): CredentialProvider => {
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, JSON.stringify(content));
    return createCredentialProvider({ explicit: {}, configFile });
  };
  const auth = Buffer.from(`${registryLogin.username}:${registryLogin.password}`).toString('base64');

  /** A program `docker-credential-<name>` on the PATH that answers so. */
  function install(helper: string, script: string): void {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    const path = join(bin, `docker-credential-${helper}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    vi.stubEnv('PATH', `${bin}${delimiter}${process.env['PATH']}`);
  }

  test('that are given open a registry, for pulls and for digests', async () => {
    expect((await pull(lockedImage, { credentials: login() })).failure).toBeNull();
    expect((await readDigest(lockedImage, login()))?.kind).toBe('digest');
  });

  test.each([
    ['by host', () => ({ auths: { [locked.address]: { auth } } })],
    ['by address', () => ({ auths: { [`http://${locked.address}/v1/`]: { auth } } })],
  ])("are read from Docker's config.json %s", async (_, content) => {
    expect((await pull(lockedImage, { credentials: config(content()) })).failure).toBeNull();
  });

  test.each([
    ['for one registry', () => ({ credHelpers: { [locked.address]: 'plimsoll-test' } })],
    ['for all', () => ({ credsStore: 'plimsoll-test' })],
  ])('are asked of a helper that stands there %s', async (_, content) => {
    const answer = JSON.stringify({
      ServerURL: '',
      Username: registryLogin.username,
      Secret: registryLogin.password,
    });
    install('plimsoll-test', `read -r address\ntest "$address" = "${locked.address}" && echo '${answer}'`);
    expect((await pull(lockedImage, { credentials: config(content()) })).failure).toBeNull();
  });

  test('that a helper does not have are looked for in the file', async () => {
    install('plimsoll-empty', "echo 'credentials not found in native keychain'; exit 1");
    const content = { credsStore: 'plimsoll-empty', auths: { [locked.address]: { auth } } };
    expect((await pull(lockedImage, { credentials: config(content) })).failure).toBeNull();
  });

  test.each([
    ['is missing', 'plimsoll-missing', 'it cannot be run'],
    ['fails', 'plimsoll-broken', 'it ended with code 3'],
    ['talks nonsense', 'plimsoll-nonsense', 'its answer is not JSON'],
    ['has a name that leads elsewhere', '../../bin/sh', 'its name is not one that Docker would run'],
  ])(
    'of a helper that %s are the reason for a refusal, and none for a public image',
    async (_, helper, why) => {
      install('plimsoll-broken', 'echo topsecret; exit 3');
      install('plimsoll-nonsense', 'echo topsecret');
      const credentials = config({ credsStore: helper });
      const { failure } = await pull(lockedImage, { credentials });
      expect(failure).toMatchObject({ code: 'RegistryUnauthorized', message: expect.stringContaining(why) });
      expect(failure?.message).not.toContain('topsecret');
      expect((await pull(images.web1, { credentials })).failure).toBeNull();
    },
  );

  test('of a file that is not there or not JSON are none', async () => {
    writeFileSync(join(folder, 'broken.json'), '{');
    for (const configFile of [join(folder, 'nowhere.json'), join(folder, 'broken.json')]) {
      const credentials = createCredentialProvider({ explicit: {}, configFile });
      expect(await credentials('docker.io', never)).toBeNull();
    }
  });

  test.each(['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io'])(
    'of Docker Hub are found as %s',
    async (key) => {
      const credentials = config({ auths: { [key]: { auth } } });
      expect(await credentials('docker.io', never)).toMatchObject({ kind: 'password', username: 'plimsoll' });
    },
  );
});

test.each([
  ['redis', 'docker.io | redis | latest'],
  ['redis:7', 'docker.io | redis | 7'],
  ['acme/web:1', 'docker.io | acme/web | 1'],
  ['docker.io/library/redis:7', 'docker.io | docker.io/library/redis | 7'],
  ['ghcr.io/acme/web', 'ghcr.io | ghcr.io/acme/web | latest'],
  ['localhost/web:1', 'localhost | localhost/web | 1'],
  ['127.0.0.1:5000/web', '127.0.0.1:5000 | 127.0.0.1:5000/web | latest'],
  ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000 | 127.0.0.1:5000/a/b | c'],
  ['web@sha256:aa', 'docker.io | web | sha256:aa'],
  ['ghcr.io/acme/web:1@sha256:aa', 'ghcr.io | ghcr.io/acme/web | sha256:aa'],
])('the reference %s is read as %s', (reference, parts) => {
  const { registry, repository, tag } = parseReference(reference);
  expect([registry, repository, tag].join(' | ')).toBe(parts);
});
