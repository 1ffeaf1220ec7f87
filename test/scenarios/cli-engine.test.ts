import { chmodSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { findEngine, obtainEngine, type EngineAccess } from '../../reconciler/engine-access.ts';
import { plimsoll } from '../cli/plimsoll.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const unsaid = { host: null, tls: null };
const { signal } = new AbortController();
let access: EngineAccess | null = null;

afterAll(async () => {
  await access?.own?.stop();
});

test('where no engine answers and none was chosen, an installed dockerd becomes our own, and others find it', async () => {
  const search = {
    engine: unsaid,
    environment: { HOME: '/nowhere' },
    stateDirectory: temporaryDirectory(),
    signal,
  };
  const said: string[] = [];
  const system = await findEngine(search).catch(() => null);
  access = await obtainEngine(search, (line) => void said.push(line));
  if (system !== null) {
    // This machine has an engine at the default place: nothing of ours may stand beside it.
    expect([access.own, access.candidate, said]).toEqual([null, system, []]);
    return;
  }
  expect(said).toEqual(['No Docker engine answers: starting the installed dockerd as a private engine.']);
  expect(access.own?.socketPath).toBe(access.candidate.host.slice('unix://'.length));
  expect(await findEngine(search)).toEqual(access.candidate);
  // What a daemon that was killed leaves running ends with the next one.
  const next = await obtainEngine(search, () => {});
  expect([next.candidate, next.own?.adopted]).toEqual([access.candidate, true]);
});

test('an engine that was chosen and is silent has no stand-in, and its chooser is named', async () => {
  const environment = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const search = { engine: unsaid, environment, stateDirectory: temporaryDirectory(), signal };
  await expect(obtainEngine(search, () => {})).rejects.toThrow(
    /The Docker engine at unix:\/\/\/nowhere\/docker\.sock, named by DOCKER_HOST, does not answer/,
  );
});

test('an engine that answers is used as it is', async () => {
  const { socketPath } = inject('engine');
  const engine = { host: `unix://${socketPath}`, tls: null };
  const search = { engine, environment: {}, stateDirectory: temporaryDirectory(), signal };
  expect(await obtainEngine(search, () => {})).toEqual({
    own: null,
    candidate: expect.objectContaining({ host: engine.host, namedBy: 'plimsoll.yaml' }) as object,
  });
});

test('a socket that this account may not open is told as that, with the one command that helps', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'docker.sock');
  const locked = createServer().listen(path);
  await once(locked, 'listening');
  chmodSync(path, 0o000);
  chmodSync(directory, 0o755);
  const answer = await plimsoll(['plan', '--source', '/nowhere'], {
    directory,
    environment: { DOCKER_HOST: `unix://${path}`, PLIMSOLL_STATE_DIRECTORY: '/nowhere/state' },
    account: 65_534,
  });
  expect(answer.code).toBe(1);
  expect(answer.stderr).toMatch(
    /does not let (\w+) in\. Add \1 to the docker group with `sudo usermod -aG docker \1`/,
  );
  locked.close();
});
