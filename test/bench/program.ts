import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../reconciler/prepare.js';

const built = join(checkout, 'dist', 'reconciler', 'cli.js');

/** Another program in another process, from its start to its end; throws when its exit code is not the expected one. */
export async function runProgram(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly expected?: number } = {},
): Promise<string> {
  const child = spawn(process.execPath, [...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === (options.expected ?? 0)) return output.text();
  throw new Error(`${args.join(' ')} ended with ${code}: ${output.text()}`);
}

/** The built command line, as a person calls it. */
export function plimsoll(...args: readonly string[]): readonly string[] {
  return [built, ...args];
}

export interface Daemon {
  readonly pid: number;
  end(): Promise<void>;
}

/** Starts a program that stays, and resolves when it has printed what says that it is ready. */
export async function startDaemon(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly ready: RegExp },
): Promise<Daemon> {
  const child = spawn(process.execPath, [...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  await output.until(options.ready);
  return {
    pid: child.pid ?? 0,
    async end() {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface Output {
  text(): string;
  until(pattern: RegExp): Promise<void>;
}

const patienceMs = 120_000;

function collect(child: ChildProcess): Output {
  let text = '';
  let check = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (part: Buffer) => {
      text += part.toString();
      check();
    });
  }
  return {
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error(`waited in vain for ${pattern}: ${text}`));
        const timer = setTimeout(fail, patienceMs);
        child.once('close', fail);
        check = () => {
          if (!pattern.test(text)) return;
          clearTimeout(timer);
          child.off('close', fail);
          resolve();
        };
        check();
      }),
  };
}

/** Resident memory of a process in MB. */
export function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
