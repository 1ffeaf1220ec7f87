import { join } from 'node:path';
import type { EngineAddress, TlsMaterial } from './docker/connection.ts';
import type { SshSettings } from './docker/ssh-options.ts';
import { readDockerContext } from './docker-context.ts';
import { readTls } from './engine-tls.ts';
import { SyncError } from './model/error.ts';

/** An engine that may be there, and who named it. */
export interface EngineCandidate {
  readonly address: EngineAddress;
  /** `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** `plimsoll.yaml`, `DOCKER_HOST`, `the Docker context "desktop"`, `its default place`. */
  readonly namedBy: string;
  /** Somebody chose this one: when it does not answer, no other is taken in its place. */
  readonly isChosen: boolean;
}

export interface EngineWish {
  /** What plimsoll.yaml says; null where it says nothing. */
  readonly engine: {
    readonly host: string | null;
    readonly tls: TlsMaterial | null;
    readonly ssh?: SshSettings;
  };
  readonly environment: NodeJS.ProcessEnv;
}

const defaultSocket = '/var/run/docker.sock';

/** Where to look for the engine, first to last; a chosen one is alone. The order is that of Docker's own commands. */
export async function engineCandidates(wish: EngineWish): Promise<readonly EngineCandidate[]> {
  const { environment, engine } = wish;
  if (engine.host !== null) {
    const { host, tls, ssh = systemSsh } = engine;
    return [chosen(host, { tls, ssh, namedBy: 'plimsoll.yaml' })];
  }
  const dockerHost = environment['DOCKER_HOST'] ?? '';
  if (dockerHost !== '') {
    const tls = await readEnvironmentTls(environment);
    return [chosen(dockerHost, { tls, ssh: systemSsh, namedBy: 'DOCKER_HOST' })];
  }
  const context = await readDockerContext(environment);
  if (context !== null) {
    const { host, tls, name } = context;
    return [chosen(host, { tls, ssh: systemSsh, namedBy: `the Docker context "${name}"` })];
  }
  const rootless = join(environment['XDG_RUNTIME_DIR'] ?? '', 'docker.sock');
  const sockets = rootless.startsWith('/') ? [defaultSocket, rootless] : [defaultSocket];
  return sockets.map((path) => socketCandidate(path, 'its default place'));
}

export function socketCandidate(path: string, namedBy: string): EngineCandidate {
  return { address: { kind: 'socket', path }, host: `unix://${path}`, namedBy, isChosen: false };
}

/** As a person who types `ssh` has it, but for questions. */
const systemSsh: SshSettings = { keyFile: null, knownHostsFile: null, hostKeys: 'strict' };

interface Choice {
  readonly tls: TlsMaterial | null;
  readonly ssh: SshSettings;
  readonly namedBy: string;
}

function chosen(host: string, choice: Choice): EngineCandidate {
  return { address: parseHost(host, choice), host, namedBy: choice.namedBy, isChosen: true };
}

function parseHost(host: string, { tls, ssh, namedBy }: Choice): EngineAddress {
  if (host.startsWith('unix://')) return { kind: 'socket', path: host.slice('unix://'.length) };
  if (host.startsWith('ssh://')) return parseSsh(host, { ssh, namedBy });
  const tcp = /^(?:tcp|https?):\/\/(\[[0-9a-fA-F:.]+\]|[^/:]+)(?::(\d+))?\/?$/.exec(host);
  if (tcp === null) {
    throw new SyncError(
      'ConfigInvalid',
      `The engine's address "${host}", named by ${namedBy}, is not supported: use unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST.`,
    );
  }
  const [, name = '', port] = tcp;
  return {
    kind: 'tcp',
    host: name.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (tls === null ? 2375 : 2376)),
    tls,
  };
}

/** `ssh://user@host:port/path/of/the.sock`, all but the host optional. No word of it may look like an option of ssh. */
function parseSsh(host: string, { ssh, namedBy }: Omit<Choice, 'tls'>): EngineAddress {
  const parts =
    /^ssh:\/\/([A-Za-z0-9._][^@/:\s]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._][^@/:\s]*)(?::(\d+))?(\/[^:\s]*)?$/.exec(
      host,
    );
  if (parts === null) {
    throw new SyncError(
      'ConfigInvalid',
      `The engine's address, named by ${namedBy}, is no ssh address: use ssh://USER@HOST, with :PORT and /PATH/OF/THE.SOCK where they are not the usual ones. It takes no password; use a key.`,
    );
  }
  const [, user = '', name = '', port, path = '/'] = parts;
  return {
    kind: 'ssh',
    destination: user + name.replace(/^\[|\]$/g, ''),
    port: port === undefined ? null : Number(port),
    socketPath: path === '/' ? defaultSocket : path,
    settings: ssh,
  };
}

/** DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as Docker's own command reads them. */
async function readEnvironmentTls(environment: NodeJS.ProcessEnv): Promise<TlsMaterial | null> {
  if ((environment['DOCKER_TLS_VERIFY'] ?? '') === '') return null;
  const folder = environment['DOCKER_CERT_PATH'] ?? join(environment['HOME'] ?? '', '.docker');
  return readTls(folder);
}
