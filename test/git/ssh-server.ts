import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary.ts';
import { findSshd } from './sshd-program.ts';

export interface SshServer {
  /** `ssh://user@127.0.0.1:port`, without a path. */
  readonly url: string;
  readonly port: number;
  readonly keyFile: string;
  readonly knownHostsFile: string;
  close(): Promise<void>;
}

/** A real sshd on loopback, with keys and configuration of its own, that lets in one key of this account. */
export async function startSshServer(): Promise<SshServer> {
  const directory = temporaryDirectory();
  const at = (file: string) => join(directory, file);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const key of ['host', 'client', 'stranger']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', at(key)]);
  }
  const port = await freePort();
  writeFileSync(at('authorized_keys'), readFileSync(at('client.pub')), { mode: 0o600 });
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(at('host.pub'), 'utf8')}`);
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'AcceptEnv GIT_PROTOCOL',
  ];
  writeFileSync(at('sshd_config'), settings.join('\n'));
  const { program, args, environment } = findSshd();
  const server = spawn(program, [...args, '-D', '-e', '-f', at('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  await untilListening(server);
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    port,
    keyFile: at('client'),
    knownHostsFile: at('known_hosts'),
    async close() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill();
      await once(server, 'exit');
    },
  };
}

async function untilListening(server: ChildProcess): Promise<void> {
  let said = '';
  for await (const part of server.stderr ?? []) {
    said += String(part);
    if (said.includes('Server listening')) break;
  }
  if (!said.includes('Server listening')) throw new Error(`sshd did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
