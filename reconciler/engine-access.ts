import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createConnection } from './docker/connection.ts';
import { installDocker } from './docker/install.ts';
import { preparePlace } from './docker/private-place.ts';
import { startPrivateEngine, whyNoPrivateEngine, type PrivateEngine } from './docker/private.ts';
import {
  engineCandidates,
  socketCandidate,
  type EngineCandidate,
  type EngineWish,
} from './engine-address.ts';
import { SyncError, isSyncError } from './model/error.ts';

export interface EngineSearch extends EngineWish {
  readonly stateDirectory: string;
  readonly signal: AbortSignal;
}

/** An engine that answers. `own` is there when this process started or took over a private one, and must stop it. */
export interface EngineAccess {
  readonly candidate: EngineCandidate;
  readonly own: PrivateEngine | null;
}

const probeDeadlineMs = 5_000;
const privateEngine = "Plimsoll's private engine";

/** The first engine that answers; a private one that runs for this state directory is the last place to look. */
export async function findEngine(search: EngineSearch): Promise<EngineCandidate> {
  const failures: Failure[] = [];
  for (const candidate of await candidatesOf(search)) {
    const error = await probe(candidate, search.signal);
    if (error === null) return candidate;
    failures.push({ candidate, error });
  }
  throw noEngine(failures);
}

/**
 * The same, and where no engine answers and nobody chose one: an installed dockerd as an engine of our own, and where
 * there is none Docker from the distribution's packages. `say` hears of each before it happens.
 */
export async function obtainEngine(search: EngineSearch, say: (line: string) => void): Promise<EngineAccess> {
  try {
    const candidate = await findEngine(search);
    return { candidate, own: await takeOver(candidate, search) };
  } catch (error) {
    if (!isSyncError(error, 'EngineUnreachable') || error.data['final'] === true) throw error;
    return await provideEngine(search, { say, notFound: error });
  }
}

/** A private engine that answers was left by a daemon of this state directory that was killed; it ends with this one. */
async function takeOver({ namedBy }: EngineCandidate, search: EngineSearch): Promise<PrivateEngine | null> {
  if (namedBy !== privateEngine || whyNoPrivateEngine() !== undefined) return null;
  return startPrivateEngine({ stateDirectory: search.stateDirectory, signal: search.signal });
}

interface Provision {
  readonly say: (line: string) => void;
  readonly notFound: SyncError;
}

async function provideEngine(search: EngineSearch, { say, notFound }: Provision): Promise<EngineAccess> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw notFound;
  const obstacle = whyNoPrivateEngine();
  if (obstacle !== undefined) {
    say(`No Docker engine answers. ${obstacle}`);
    await installDocker(say);
    // Where an init system runs, the package has just started the system's own engine.
    const system = await findEngine(search).catch(() => null);
    if (system !== null) return { candidate: system, own: null };
  }
  say('No Docker engine answers: starting the installed dockerd as a private engine.');
  const own = await startPrivateEngine({ stateDirectory: search.stateDirectory, signal: search.signal });
  return { candidate: socketCandidate(own.socketPath, privateEngine), own };
}

async function candidatesOf(search: EngineSearch): Promise<readonly EngineCandidate[]> {
  const candidates = await engineCandidates(search);
  const isChosen = candidates.some((candidate) => candidate.isChosen);
  if (isChosen || !existsSync(search.stateDirectory)) return candidates;
  const { socketPath } = await preparePlace(search.stateDirectory);
  if (!existsSync(socketPath)) return candidates;
  return [...candidates, socketCandidate(socketPath, privateEngine)];
}

async function probe({ address }: EngineCandidate, signal: AbortSignal): Promise<SyncError | null> {
  const connection = createConnection(address);
  try {
    const request = { method: 'GET', path: '/version', deadlineMs: probeDeadlineMs, signal } as const;
    await connection.ask({ ...request, call: 'version', action: 'reach the engine', thing: 'engine' });
    return null;
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    return error;
  } finally {
    connection.close();
  }
}

interface Failure {
  readonly candidate: EngineCandidate;
  readonly error: SyncError;
}

/** `final` marks what no engine of our own may stand in for. */
function noEngine(failures: readonly Failure[]): SyncError {
  const forbidden = failures.find(({ error }) => /^(EACCES|EPERM)$/.test(String(error.data['errno'])));
  if (forbidden !== undefined) return notAllowed(forbidden);
  const chosen = failures.find(({ candidate }) => candidate.isChosen);
  if (chosen !== undefined) return chosenIsSilent(chosen);
  const own = failures.find(({ candidate }) => candidate.namedBy === privateEngine);
  if (own !== undefined) return ownIsSilent(own);
  const looked = failures.map(({ candidate }) => candidate.host).join(' and ');
  return new SyncError(
    'EngineUnreachable',
    `No Docker engine answers at ${looked}. Start it (\`sudo systemctl start docker\`), install it ` +
      '(on Debian and Ubuntu `sudo apt-get install docker.io`), or name another with DOCKER_HOST or `engine.host` in plimsoll.yaml.',
    { data: { final: false } },
  );
}

function notAllowed({ candidate, error }: Failure): SyncError {
  const user = accountName();
  return new SyncError(
    'EngineUnreachable',
    `The Docker engine at ${candidate.host} does not let ${user} in. Add ${user} to the docker group with ` +
      `\`sudo usermod -aG docker ${user}\`, log in again, then repeat this; or run it as root.`,
    { data: { final: true }, cause: error },
  );
}

/** In a container an account often has a number and no name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

/** What a daemon of this state directory started. */
function ownIsSilent({ candidate, error }: Failure): SyncError {
  return new SyncError(
    'EngineUnreachable',
    `Plimsoll's private Docker engine at ${candidate.host} does not answer. A daemon that runs starts it again by ` +
      'itself within seconds, and its log says so; where none runs, `plimsoll run` starts it, with the containers that it had.',
    { data: { final: false }, cause: error },
  );
}

function chosenIsSilent({ candidate, error }: Failure): SyncError {
  return new SyncError(
    'EngineUnreachable',
    `The Docker engine at ${candidate.host}, named by ${candidate.namedBy}, does not answer. ${error.message}`,
    { data: { final: true }, cause: error },
  );
}
