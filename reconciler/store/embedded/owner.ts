import { randomBytes, randomInt } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SyncError } from '../../model/error.ts';
import { toStateError, type Place } from './place.ts';

export interface Ownership {
  release(): Promise<void>;
}

/**
 * Makes this process the one owner of a state directory, or throws StoreLocked with the owner's process id.
 *
 * The lock is a listening Unix socket in the directory, named after the process. The kernel closes it when its
 * process ends in whatever way, so no stale lock is possible and no process id is ever compared: not one that was
 * reused, not one of another container. Everyone announces himself first and looks second, so of two who come at
 * once at least one sees the other.
 */
export async function becomeOwner(place: Place, waitMs: number): Promise<Ownership> {
  const waitsUntil = Date.now() + waitMs;
  for (;;) {
    const claim = await announce(place);
    const rivals = await findRivals(place, claim.name);
    if (rivals.length === 0) return claim.own();
    await claim.withdraw();
    const owner = rivals.find(({ isOwner }) => isOwner);
    if (owner !== undefined && Date.now() >= waitsUntil) throw locked(place, owner.name);
    await delay(randomInt(5, 50));
  }
}

interface Claim {
  readonly name: string;
  own(): Ownership;
  withdraw(): Promise<void>;
}

/** Becomes visible under its name only when it already listens: a name that refuses connections is dead for good. */
async function announce({ short, directory }: Place): Promise<Claim> {
  const suffix = `${process.pid}-${randomBytes(4).toString('hex')}.sock`;
  const name = `owner-${suffix}`;
  let isOwner = false;
  // Hung up at once: a rival that was stopped in its tracks must not keep us from leaving.
  const server = createServer((socket) => {
    socket.on('error', () => {}).end(isOwner ? 'owner' : 'claim', () => socket.destroy());
  });
  try {
    await listen(server, join(short, `claim-${suffix}`));
    await rename(join(short, `claim-${suffix}`), join(short, name));
  } catch (error) {
    server.close();
    throw toStateError(directory, error);
  }
  const withdraw = async (): Promise<void> => {
    await rm(join(short, name), { force: true });
    await new Promise((resolve) => server.close(resolve));
  };
  const own = (): Ownership => {
    isOwner = true;
    return { release: withdraw };
  };
  return { name, own, withdraw };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Holding the lock keeps no process alive.
    server.listen(path, resolve).unref();
  });
}

interface Rival {
  readonly name: string;
  readonly isOwner: boolean;
}

async function findRivals({ short }: Place, own: string): Promise<readonly Rival[]> {
  const names = (await readdir(short)).filter((name) =>
    /^(owner|claim)-[0-9]+-[0-9a-f]{8}\.sock$/.test(name),
  );
  const rivals: Rival[] = [];
  for (const name of names.filter((name) => name !== own)) {
    const answer = await ask(join(short, name));
    if (answer === 'nobody') await rm(join(short, name), { force: true });
    else rivals.push({ name, isOwner: answer === 'owner' });
  }
  return rivals;
}

/** Whoever listens but does not answer (a stopped process) is an owner: it will go on where it stood. */
function ask(path: string): Promise<'owner' | 'claim' | 'nobody'> {
  return new Promise((resolve) => {
    const socket = connect(path).setEncoding('utf8').setTimeout(1_000);
    socket.on('data', (text) => resolve(String(text) === 'claim' ? 'claim' : 'owner'));
    socket.on('error', (error) => resolve(isRefusal(error) ? 'nobody' : 'owner'));
    socket.on('timeout', () => resolve('owner'));
    socket.on('timeout', () => socket.destroy());
    socket.on('close', () => resolve('owner'));
  });
}

function isRefusal(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT');
}

function locked({ directory }: Place, name: string): SyncError {
  const pid = Number(name.split('-')[1]);
  return new SyncError(
    'StoreLocked',
    `Process ${pid} already uses the state directory ${directory}; stop it, or give this one a state directory of its own.`,
    { data: { pid, directory } },
  );
}
