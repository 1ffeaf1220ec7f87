import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineCandidates } from '../../reconciler/engine-address.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const unsaid = { host: null, tls: null };
const pem = { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' };

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** A home with a Docker context of this name, as `docker context create` and `use` write it. */
function homeWithContext(
  name: string,
  host: string,
  certificates: Readonly<Record<string, string>> = {},
): string {
  const home = temporaryDirectory();
  const id = createHash('sha256').update(name).digest('hex');
  writeFiles(join(home, '.docker'), { 'config.json': JSON.stringify({ currentContext: name }) });
  const meta = { Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
  writeFiles(join(home, '.docker/contexts/meta', id), { 'meta.json': JSON.stringify(meta) });
  if (Object.keys(certificates).length > 0) {
    writeFiles(join(home, '.docker/contexts/tls', id, 'docker'), certificates);
  }
  return home;
}

async function look(
  environment: NodeJS.ProcessEnv,
  engine: Parameters<typeof engineCandidates>[0]['engine'] = unsaid,
) {
  const candidates = await engineCandidates({ engine, environment });
  return candidates.map(
    ({ host, namedBy, isChosen }) => `${host} ${namedBy} ${isChosen ? 'alone' : 'default'}`,
  );
}

test('what plimsoll.yaml says comes first and alone', async () => {
  const environment = { DOCKER_HOST: 'tcp://other:2375', HOME: homeWithContext('desktop', 'unix:///d.sock') };
  expect(await look(environment, { host: 'unix:///run/mine.sock', tls: null })).toEqual([
    'unix:///run/mine.sock plimsoll.yaml alone',
  ]);
});

test('then DOCKER_HOST, then the Docker context, then the default places', async () => {
  const HOME = homeWithContext('desktop', 'unix:///d.sock');
  const XDG_RUNTIME_DIR = '/run/user/1000';
  expect(await look({ HOME, DOCKER_HOST: 'tcp://h:2375' })).toEqual(['tcp://h:2375 DOCKER_HOST alone']);
  expect(await look({ HOME })).toEqual(['unix:///d.sock the Docker context "desktop" alone']);
  expect(await look({ HOME, DOCKER_CONTEXT: 'default', XDG_RUNTIME_DIR })).toEqual([
    'unix:///var/run/docker.sock its default place default',
    'unix:///run/user/1000/docker.sock its default place default',
  ]);
  expect(await look({ HOME: '/nowhere' })).toEqual(['unix:///var/run/docker.sock its default place default']);
});

test.each([
  ['unix:///run/docker.sock', { kind: 'socket', path: '/run/docker.sock' }],
  ['tcp://engine:2375', { kind: 'tcp', host: 'engine', port: 2375, tls: null }],
  ['tcp://engine', { kind: 'tcp', host: 'engine', port: 2375, tls: null }],
  ['tcp://[::1]:2375/', { kind: 'tcp', host: '::1', port: 2375, tls: null }],
])('%s is understood', async (host, address) => {
  const [candidate] = await engineCandidates({ engine: unsaid, environment: { DOCKER_HOST: host } });
  expect(candidate?.address).toEqual(address);
});

test('certificates come with a context, or from DOCKER_CERT_PATH when DOCKER_TLS_VERIFY is set', async () => {
  const HOME = homeWithContext('remote', 'tcp://engine:2376', pem);
  const folder = temporaryDirectory();
  writeFiles(folder, pem);
  const tls = { ca: 'CA', cert: 'CERT', key: 'KEY' };
  const [fromContext] = await engineCandidates({ engine: unsaid, environment: { HOME } });
  expect(fromContext?.address).toEqual({ kind: 'tcp', host: 'engine', port: 2376, tls });
  const environment = { DOCKER_HOST: 'tcp://engine', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
  const [fromEnvironment] = await engineCandidates({ engine: unsaid, environment });
  expect(fromEnvironment?.address).toEqual({ kind: 'tcp', host: 'engine', port: 2376, tls });
});

test.each([
  [
    { DOCKER_HOST: 'ssh://me:hunter2@host' },
    /^(?!.*hunter2).*named by DOCKER_HOST.* It takes no password; use a key\./,
  ],
  [{ DOCKER_HOST: 'npipe:////./pipe/docker' }, /is not supported: use unix:\/\/\/PATH/],
  [{ DOCKER_CONTEXT: 'gone', HOME: '/nowhere' }, /The Docker context "gone" does not exist/],
  [
    { DOCKER_HOST: 'tcp://e', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' },
    /could not be read from \/nowhere/,
  ],
])('%j is refused with what to do', async (environment, message) => {
  await expect(engineCandidates({ engine: unsaid, environment })).rejects.toThrow(message);
});
