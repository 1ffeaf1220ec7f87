import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../reconciler/prepare.js';
import { unpackDevelopmentPackages } from '../support/debian-development.js';
import { fleetCompose, type Fleet, type Version } from './fleet.ts';

/** Docker Compose v2 on the engine of the run. */
export interface Compose {
  readonly version: string;
  up(fleet: Fleet, version?: Version): Promise<void>;
  down(fleet: Fleet): Promise<void>;
}

const home = join(checkout, 'node_modules', '.cache', 'plimsoll', 'compose');
const unpacked = join(home, 'root', 'usr', 'libexec', 'docker', 'cli-plugins', 'docker-compose');

/** Ways to call it: as a program, as a plugin of docker, and the one that we unpacked. */
const candidates: readonly (readonly string[])[] = [['docker-compose'], ['docker', 'compose'], [unpacked]];

export interface ComposeOptions {
  readonly socketPath: string;
  readonly directory: string;
  readonly say: (line: string) => void;
}

/** Finds version 2, or fetches Debian's newer package; null, with a line that says why, where neither is possible. */
export function findCompose(options: ComposeOptions): Compose | null {
  const found = candidates.find((command) => isVersion2(command)) ?? fetchCompose(options.say);
  if (found === null) return null;
  mkdirSync(options.directory, { recursive: true });
  return createCompose(found, options);
}

function fetchCompose(say: (line: string) => void): readonly string[] | null {
  try {
    say("fetching Docker Compose of Debian's development suite, beside what is installed");
    if (!existsSync(unpacked)) unpackDevelopmentPackages(home, ['docker-compose']);
    if (isVersion2([unpacked])) return [unpacked];
    say('docker compose v2 is absent: the package that was fetched does not run here.');
  } catch (error) {
    say(`docker compose v2 is absent: ${error instanceof Error ? error.message : String(error)}`);
  }
  return null;
}

function isVersion2(command: readonly string[]): boolean {
  return versionOf(command)?.startsWith('2.') ?? false;
}

function versionOf([program = '', ...args]: readonly string[]): string | undefined {
  try {
    const called = [...args, 'version', '--short'];
    const said = execFileSync(program, called, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return said.trim().replace(/^v/, '');
  } catch {
    return undefined;
  }
}

function createCompose(command: readonly string[], { socketPath, directory }: ComposeOptions): Compose {
  const env = { ...process.env, DOCKER_HOST: `unix://${socketPath}`, COMPOSE_PROGRESS: 'quiet' };
  const call = async (fleet: Fleet, args: readonly string[]): Promise<void> => {
    const file = join(directory, `${fleet.stack}.json`);
    await run([...command, '--file', file, ...args], env);
  };
  return {
    version: versionOf(command) ?? '',
    async up(fleet, version) {
      writeFileSync(join(directory, `${fleet.stack}.json`), fleetCompose(fleet, version));
      await call(fleet, ['up', '--detach']);
    },
    async down(fleet) {
      // The engine lets go of a network a moment after its last container is gone.
      const down = (): Promise<void> => call(fleet, ['down', '--volumes']);
      await down().catch(down);
    },
  };
}

async function run([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${complaint}`));
    });
  });
}
