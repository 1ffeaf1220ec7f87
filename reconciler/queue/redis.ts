import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { BullServer } from './bullmq.ts';
import { endsWithin, withinDeadline } from './deadline.ts';
import type { QueueHealth } from './health.ts';

export interface RedisServerOptions {
  readonly url: string;
  /** Begins every key of ours, so that others may use the same server. */
  readonly prefix: string;
  readonly health: QueueHealth;
}

const reconnectWithinMs = 2_000;
const connectTimeoutMs = 3_000;
const closeDeadlineMs = 1_000;

/** Redis or Valkey. Waits a moment for the first connection, and connects again whenever it must. */
export async function openRedis({ url, prefix, health }: RedisServerOptions): Promise<BullServer> {
  const options = redisOptions(url);
  const client = new Redis(options);
  let isClosing = false;
  client.on('error', health.failed);
  client.on('ready', health.answered);
  const settled = new Promise<void>((resolve) =>
    client.once('ready', resolve).once('error', () => resolve()),
  );
  await withinDeadline(settled, connectTimeoutMs).catch(health.failed);
  client.on('close', () => {
    if (!isClosing) health.failed(new Error('the connection was lost'));
  });
  return {
    health,
    isConnected: () => client.status === 'ready',
    openQueue: (name) => new Queue(name, { connection: client, prefix }),
    openWorker: (name, process, rest) => new Worker(name, process, { ...rest, connection: options, prefix }),
    async close() {
      isClosing = true;
      await endsWithin(client.quit(), closeDeadlineMs);
      client.disconnect();
    },
  };
}

/**
 * `redis://`, `rediss://` and the same with `valkey`, with user, password and the number of the database; or
 * `unix:///path`, with `?db=`. Commands wait for a lost connection: whoever may not wait asks first whether there is one.
 */
function redisOptions(url: string) {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  const isSocket = protocol === 'unix:';
  const database = isSocket ? (searchParams.get('db') ?? '') : pathname.slice(1);
  return {
    ...(isSocket
      ? { path: decodeURIComponent(pathname) }
      : { host: hostname.replace(/^\[|\]$/g, '') || 'localhost', port: Number(port || '6379') }),
    ...(/^(rediss|valkeys):$/.test(protocol) && { tls: {} }),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(database !== '' && { db: Number(database) }),
    connectTimeout: connectTimeoutMs,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), reconnectWithinMs),
  };
}
