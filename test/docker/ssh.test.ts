import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { createCredentialProvider } from '../../reconciler/docker/auth.ts';
import { createEngine, type DockerEngine } from '../../reconciler/docker/engine.ts';
import type { SshAddress, SshSettings } from '../../reconciler/docker/ssh-options.ts';
import { engineCandidates } from '../../reconciler/engine-address.ts';
import { isSyncError } from '../../reconciler/model/error.ts';
import type { Name } from '../../reconciler/model/ids.ts';
import { startSshServer, type SshServer } from '../git/ssh-server.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import {
  applyAll,
  createOperation,
  look,
  makeTestImage,
  never,
  openBench,
  planOf,
  targetOf,
  type Bench,
} from './fixture.ts';

const image = 'plimsoll-test/plain:1';
let server: SshServer;
let bench: Bench;

beforeAll(async () => {
  server = await startSshServer();
  bench = openBench();
  await makeTestImage(bench.docker, image);
});

afterAll(async () => {
  await bench.close();
  await server.close();
});

async function addressOf(
  options: Partial<SshSettings> & { readonly host?: string } = {},
): Promise<SshAddress> {
  const { host = `${server.url}${inject('engine').socketPath}`, ...settings } = options;
  const { keyFile, knownHostsFile } = server;
  const ssh = { keyFile, knownHostsFile, hostKeys: 'strict' as const, ...settings };
  const [candidate] = await engineCandidates({ engine: { host, tls: null, ssh }, environment: {} });
  return candidate?.address as SshAddress;
}

function connect(address: SshAddress, installation: Name = bench.installation): DockerEngine {
  const credentials = createCredentialProvider({ explicit: {}, configFile: null });
  const engine = createEngine({ address, installation, credentials });
  onTestFinished(() => engine.close());
  return engine;
}

async function failureAt(address: SshAddress): Promise<string> {
  try {
    await connect(address).info(never);
    return 'none';
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

/** Our ssh processes: a child of this process that carries this address. */
function sshProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((id) => {
      try {
        const line = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
        return line[0] === 'ssh' && line.includes(String(server.port));
      } catch {
        return false;
      }
    });
}

describe('an engine over ssh', () => {
  test('is observed, changed and listened to by one ssh process, which ends with it', async () => {
    const engine = connect(await addressOf());
    const { stack } = bench;
    const hints: string[] = [];
    const listening = new AbortController();
    const watching = engine.watch((hinted) => void hints.push(hinted), listening.signal);
    const create = createOperation(stack, { image });
    const { failure } = await applyAll(engine, planOf(stack, { create }));
    expect(failure).toBeNull();
    await Promise.all(Array.from({ length: 10 }, () => look(engine)));
    const { containers } = await look(engine);
    expect(containers.map((container) => container.name)).toEqual([create.name]);
    await until('the event came through', () => hints.includes(stack));
    expect(sshProcesses()).toHaveLength(1);
    const remove = {
      kind: 'removeContainer',
      target: targetOf(containers[0]!),
      anonymousVolumes: true,
    } as const;
    expect((await applyAll(engine, planOf(stack, { remove }))).failure).toBeNull();
    listening.abort();
    await watching;
    await engine.close();
    await until('ssh has ended', () => sshProcesses().length === 0);
  });

  test('is there again after the connection broke', async () => {
    const engine = connect(await addressOf());
    await look(engine);
    const [first] = sshProcesses();
    process.kill(first!, 'SIGKILL');
    await until('it is reached anew', () =>
      look(engine).then(
        () => true,
        () => false,
      ),
    );
    expect(sshProcesses()).toHaveLength(1);
    expect(sshProcesses()).not.toEqual([first]);
  });

  test('gives a call up when its caller does, and serves the next', async () => {
    const engine = connect(await addressOf());
    await expect(engine.info(AbortSignal.abort())).rejects.toMatchObject({ code: 'Cancelled' });
    expect((await engine.info(never)).version).toBe(inject('engine').version);
  });

  test('is not believed when its host key is unknown, unless that was allowed', async () => {
    const knownHostsFile = `${temporaryDirectory()}/known hosts 100%`;
    expect(await failureAt(await addressOf({ knownHostsFile }))).toMatch(
      /^EngineUnreachable: The engine at ssh:\/\/\S+ shows a host key that is not in known_hosts/,
    );
    expect(existsSync(knownHostsFile)).toBe(false);
    expect(await failureAt(await addressOf({ knownHostsFile, hostKeys: 'acceptNew' }))).toBe('none');
    expect(await failureAt(await addressOf({ knownHostsFile }))).toBe('none');
  });

  test('tells why it cannot be reached', async () => {
    const keyFile = server.keyFile.replace(/client$/, 'stranger');
    expect(await failureAt(await addressOf({ keyFile }))).toMatch(/does not let us in\. Put the public key/);
    const host = `${server.url}/run/nowhere.sock`;
    expect(await failureAt(await addressOf({ host }))).toMatch(
      /^EngineUnreachable: .* was reached, but its Docker socket \/run\/nowhere\.sock does not answer/,
    );
    const closed = await startSshServer();
    await closed.close();
    expect(await failureAt(await addressOf({ host: closed.url }))).toMatch(
      /cannot be reached\. Check host, port and network\. ssh said: .*refused/,
    );
  });
});

test.each([
  ['ssh://deploy@berlin.example.org', ['deploy@berlin.example.org', null, '/var/run/docker.sock']],
  ['ssh://berlin:2222/', ['berlin', 2222, '/var/run/docker.sock']],
  ['ssh://root@[2001:db8::7]:22/run/user/0/docker.sock', ['root@2001:db8::7', 22, '/run/user/0/docker.sock']],
])('%s is understood', async (host, wanted) => {
  const { destination, port, socketPath } = await addressOf({ host });
  expect([destination, port, socketPath]).toEqual(wanted);
});

test.each(['ssh://', 'ssh://-oProxyCommand=x', 'ssh://a@-b', 'ssh://a:secret@b', 'ssh://a b', 'ssh://h/a:b'])(
  '%s is refused before anything is started',
  async (host) => {
    await expect(addressOf({ host })).rejects.toMatchObject({ code: 'ConfigInvalid' });
  },
);
