import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { startGitServer, type GitServer, type GitServerOptions } from './git-server.ts';
import { createRepository } from './repository.ts';
import { temporaryDirectory } from './temporary.ts';

const execute = promisify(execFile);
let server: GitServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

test('a client clones what was committed', async () => {
  const { server, commit } = await serve();
  const clone = await cloneFrom(server.url);
  const { stdout } = await execute('git', ['-C', clone, 'rev-parse', 'HEAD']);
  expect(stdout.trim()).toBe(commit);
  expect(server.requests[0]).toMatch(/^GET \/repository\.git\/info\/refs/);
});

test('credentials are asked for, and the right ones accepted', async () => {
  const { server } = await serve({ username: 'ada', password: 'hull' });
  await expect(cloneFrom(server.url)).rejects.toThrow();
  await cloneFrom(server.url.replace('http://', 'http://ada:hull@'));
});

test.each([
  { kind: 'status', status: 503 },
  { kind: 'truncateAdvertisement', bytes: 40 },
  { kind: 'truncatePack', bytes: 60 },
  { kind: 'corruptPack' },
] as const)('$kind makes a clone fail, and it works again afterwards', async (fault) => {
  const { server } = await serve();
  server.fail(fault);
  await expect(cloneFrom(server.url)).rejects.toThrow();
  server.fail(undefined);
  await cloneFrom(server.url);
});

test('hang accepts and never answers, and does not keep the server from closing', async () => {
  const { server } = await serve();
  server.fail({ kind: 'hang' });
  const signal = AbortSignal.timeout(300);
  await expect(fetch(`${server.url}/info/refs`, { signal })).rejects.toThrow('timeout');
});

async function serve(options: GitServerOptions = {}): Promise<{ server: GitServer; commit: string }> {
  const repository = createRepository();
  const commit = repository.commit({ 'web.yaml': 'image: web:1\n'.repeat(50) });
  server = await startGitServer(repository.path, options);
  return { server, commit };
}

async function cloneFrom(url: string): Promise<string> {
  const target = join(temporaryDirectory(), 'clone');
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '/bin/false' };
  await execute('git', ['clone', '--quiet', url, target], { env });
  return target;
}
