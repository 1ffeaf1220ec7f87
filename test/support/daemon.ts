import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startPlimsoll, type CallOptions } from '../cli/plimsoll.ts';
import { until } from './until.ts';

export interface DaemonOptions extends CallOptions {
  /** What follows `run`. */
  readonly args?: readonly string[];
}

/** `plimsoll run` as a process of its own, and its log. */
export interface Daemon {
  readonly pid: number;
  /** Records of its log so far. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Resolves to the first record, past or to come, that says this and has these fields. */
  until(
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves to its exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** For the end of a test, whatever came of it. */
  kill(): void;
}

const logDeadlineMs = 60_000;

export function startDaemon({ args = [], ...options }: DaemonOptions): Daemon {
  const child = startPlimsoll(['run', '--log', 'json', ...args], options);
  const records: Record<string, unknown>[] = [];
  if (child.stderr === null) throw new Error('its log cannot be read');
  createInterface({ input: child.stderr }).on('line', (line) => {
    records.push(JSON.parse(line) as Record<string, unknown>);
  });
  const find = (wanted: object): Record<string, unknown> | undefined =>
    records.find((record) => Object.entries(wanted).every(([key, value]) => record[key] === value));
  return {
    pid: child.pid ?? 0,
    records,
    until: (message, fields = {}) =>
      until(`the log says "${message}"`, () => find({ message, ...fields }), logDeadlineMs),
    async stop(signal) {
      const exited = once(child, 'exit') as Promise<[number | null]>;
      child.kill(signal);
      return (await exited)[0];
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
