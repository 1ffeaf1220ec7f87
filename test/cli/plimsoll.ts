import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/temporary.ts';

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The user to run it as where the test runs as root, whom no permission stops. */
  readonly account?: number;
}

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What must stand before the arguments: the compiled program where it is as new as its sources, as under `npm test`,
 * else the sources themselves, which start four times as slowly.
 */
export const nodeArguments: readonly string[] = isBuilt()
  ? [join(checkout, 'dist/reconciler/cli.js')]
  : ['--import', import.meta.resolve('tsx'), join(checkout, 'reconciler/cli.ts')];

function isBuilt(): boolean {
  const built = statSync(join(checkout, 'dist/.complete'), { throwIfNoEntry: false });
  if (built === undefined) return false;
  const sources = ['reconciler', 'webhook', 'schemas'].flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
      join(checkout, folder, path),
    ),
  );
  return sources.every((path) => statSync(path).mtimeMs <= built.mtimeMs);
}

/** The real command line as a process of its own, in an environment that holds nothing of the tester's. */
export async function plimsoll(args: readonly string[], options: CallOptions = {}): Promise<Answer> {
  const child = startPlimsoll(args, options);
  const [stdout, stderr, code] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  return { code, stdout, stderr };
}

export function startPlimsoll(args: readonly string[], options: CallOptions = {}): ChildProcess {
  const { directory = temporaryDirectory(), environment = {}, account } = options;
  return spawn(process.execPath, [...nodeArguments, ...args], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      PLIMSOLL_STATE_DIRECTORY: `${directory}/state`,
      PLIMSOLL_LISTEN: 'off',
      DOCKER_HOST: `unix://${directory}/no-engine.sock`,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account !== undefined && process.getuid?.() === 0 && { uid: account, gid: account }),
  });
}
