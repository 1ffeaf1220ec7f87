import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';

export interface TestRedis {
  readonly url: string;
  /** For looking into it, and for emptying it. */
  readonly client: Redis;
  /** As the kernel does when memory runs out. Nothing is kept. */
  kill(): Promise<void>;
  /** It no longer answers, and no longer hangs up. */
  freeze(): void;
  thaw(): void;
  /** At the same address, after it was killed. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Debian's redis-server on a socket of its own. It writes nothing to the disk. */
export async function startRedis(directory: string): Promise<TestRedis> {
  mkdirSync(directory, { recursive: true });
  const socket = join(directory, 'redis.sock');
  let child = await launch(directory, socket);
  const client = new Redis({ path: socket, lazyConnect: true, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    url: `unix://${socket}`,
    client,
    kill: () => end('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async start() {
      child = await launch(directory, socket);
    },
    async close() {
      client.disconnect();
      child.kill('SIGCONT');
      await end('SIGTERM');
    },
  };
}

async function launch(directory: string, socket: string): Promise<ChildProcess> {
  const settings = { port: '0', unixsocket: socket, dir: directory, save: '', appendonly: 'no' };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('ready to accept connections')) break;
  }
  child.stdout.resume();
  if (child.exitCode !== null) throw new Error(`redis-server did not start:\n${lines.join('\n')}`);
  return child;
}
