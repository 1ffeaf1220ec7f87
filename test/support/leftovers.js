// What a run that was killed leaves behind: it is found by the process id in its directory's name. Plain JavaScript,
// because `npm test` calls it after vitest was ended by a signal, which skips vitest's own teardown.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {typeof import('../../reconciler/docker/private.ts').startPrivateEngine} StartPrivateEngine */

const prefix = 'plimsoll-test';

/** A new directory that a later run may take away once this process is gone. */
export function makeTestDirectory() {
  return mkdtempSync(join(tmpdir(), `${prefix}-${process.pid}-`));
}

/**
 * Ends the engines, registries and Redis servers of runs that no longer exist, and removes their directories.
 * @param {StartPrivateEngine} startPrivateEngine
 */
export async function sweepLeftovers(startPrivateEngine) {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || existsSync(join('/proc', owner))) continue;
    const directory = join(tmpdir(), name);
    endServers(directory);
    for (const stateDirectory of findEngines(directory)) {
      // A start adopts what still runs, and clears what does not.
      await (await startPrivateEngine({ stateDirectory })).stop();
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} directory */
function findEngines(directory) {
  // Another run may be tidying up at this very moment.
  if (!existsSync(directory)) return [];
  const inside = readdirSync(directory).map((name) => join(directory, name));
  return [directory, ...inside].filter((path) => existsSync(join(path, 'engine', 'network.json')));
}

/** @param {string} directory */
function endServers(directory) {
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const [program = '', ...args] = readCommandLine(id);
    // Redis writes its socket into its own name.
    const words = [...program.split(' '), ...args];
    const isServer = /(^|\/)(docker-registry|redis-server)$/.test(words[0] ?? '');
    const isOurs = words.some((word) => word.replace(/^unixsocket:/, '').startsWith(directory));
    if (isServer && isOurs) process.kill(Number(id), 'SIGTERM');
  }
}

/** @param {string} id */
function readCommandLine(id) {
  try {
    return readFileSync(join('/proc', id, 'cmdline'), 'utf8').split('\0');
  } catch {
    return [];
  }
}
