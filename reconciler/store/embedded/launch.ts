import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Account } from './account.ts';

export interface Launch {
  /** Data directory that the program works in. */
  readonly directory: string;
  readonly account: Account | null;
}

export interface Launched {
  readonly child: ChildProcess;
  /** What it writes to its standard error. */
  readonly lines: Interface;
}

/**
 * Starts one of Postgres' programs on a data directory, under the account, in a process group of its own: Ctrl-C in
 * a terminal is for us, who then stop it in order.
 *
 * Another account often cannot reach the directory by its path, as below /root. It is handed over as an open file
 * instead, so that the parents' permissions stay as they are; the path through /proc leads from there.
 */
export function launch(program: string, args: readonly string[], { directory, account }: Launch): Launched {
  const handle = account !== null && existsSync('/proc/self/fd') ? openSync(directory, 'r') : null;
  try {
    const child = spawn(program, ['-D', handle === null ? directory : '/proc/self/fd/3', ...args], {
      ...account,
      cwd: '/',
      detached: true,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe', ...(handle === null ? [] : [handle])],
    });
    return { child, lines: createInterface({ input: child.stderr ?? Readable.from([]) }) };
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/** The last lines that a program wrote, for the sentence that says why it ended. */
export interface Tail {
  readonly add: (line: string) => void;
  readonly text: () => string;
}

export function createTail(limit = 20): Tail {
  const lines: string[] = [];
  return {
    add(line) {
      lines.push(line);
      if (lines.length > limit) lines.shift();
    },
    // When the server is killed, each of its connections says the same.
    text: () => [...new Set(lines)].join('\n'),
  };
}
