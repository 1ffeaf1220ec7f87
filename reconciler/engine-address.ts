import { join } from 'node:path';
import type { EngineAddress, TlsMaterial } from './docker/connection.ts';
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
  readonly engine: { readonly host: string | null; readonly tls: TlsMaterial | null };
  readonly environment: NodeJS.ProcessEnv;
}

const defaultSocket = '/var/run/docker.sock';

/** Where to look for the engine, first to last; a chosen one is alone. The order is that of Docker's own commands. */
export async function engineCandidates(wish: EngineWish): Promise<readonly EngineCandidate[]> {
  const { environment, engine } = wish;
  if (engine.host !== null) return [chosen(engine.host, { tls: engine.tls, namedBy: 'plimsoll.yaml' })];
  const dockerHost = environment['DOCKER_HOST'] ?? '';
  if (dockerHost !== '') {
    return [chosen(dockerHost, { tls: await readEnvironmentTls(environment), namedBy: 'DOCKER_HOST' })];
  }
  const context = await readDockerContext(environment);
  if (context !== null) {
    const { host, tls, name } = context;
    return [chosen(host, { tls, namedBy: `the Docker context "${name}"` })];
  }
  const rootless = join(environment['XDG_RUNTIME_DIR'] ?? '', 'docker.sock');
  const sockets = rootless.startsWith('/') ? [defaultSocket, rootless] : [defaultSocket];
  return sockets.map((path) => socketCandidate(path, 'its default place'));
}

export function socketCandidate(path: string, namedBy: string): EngineCandidate {
  return { address: { kind: 'socket', path }, host: `unix://${path}`, namedBy, isChosen: false };
}

interface Choice {
  readonly tls: TlsMaterial | null;
  readonly namedBy: string;
}

function chosen(host: string, { tls, namedBy }: Choice): EngineCandidate {
  return { address: parseHost(host, { tls, namedBy }), host, namedBy, isChosen: true };
}

function parseHost(host: string, { tls, namedBy }: Choice): EngineAddress {
  if (host.startsWith('unix://')) return { kind: 'socket', path: host.slice('unix://'.length) };
  const tcp = /^(?:tcp|https?):\/\/(\[[0-9a-fA-F:.]+\]|[^/:]+)(?::(\d+))?\/?$/.exec(host);
  if (tcp === null) {
    throw new SyncError(
      'ConfigInvalid',
      `The engine's address "${host}", named by ${namedBy}, is not supported: use unix:///PATH or tcp://HOST:PORT.`,
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

/** DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as Docker's own command reads them. */
async function readEnvironmentTls(environment: NodeJS.ProcessEnv): Promise<TlsMaterial | null> {
  if ((environment['DOCKER_TLS_VERIFY'] ?? '') === '') return null;
  const folder = environment['DOCKER_CERT_PATH'] ?? join(environment['HOME'] ?? '', '.docker');
  return readTls(folder);
}
