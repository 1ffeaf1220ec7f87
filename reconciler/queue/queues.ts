import type { SyncError } from '../model/error.ts';
import type { Queue } from '../model/ports.ts';
import { createBullCarrier, type BullServer } from './bullmq.ts';
import { createHealth } from './health.ts';
import { createInlineQueue } from './inline.ts';
import { createSharedQueue } from './shared.ts';

export interface QueuesOptions {
  /** A server that carries the queues between processes; null: they stay inside this one. */
  readonly url: string | null;
  readonly installation: string;
  /** Told of work that threw. The loop goes on; the key runs again only when it is enqueued again. */
  readonly onFailure: (key: string, error: unknown) => void;
  readonly onTrouble: (error: SyncError) => void;
  readonly onRecovery: (message: string) => void;
}

/** Makes named queues, all on one server. */
export interface Queues {
  /** A name of lower case letters, digits and `-`. Whoever makes one of the same name elsewhere shares its keys. */
  create(name: string): Queue;
  /** Closes every queue that was made, and the connections below them. */
  close(): Promise<void>;
}

/** Connects in the background: a server that is away is told of once, and keeps nobody from working. */
export async function openQueues(options: QueuesOptions): Promise<Queues> {
  const { onFailure } = options;
  const server = options.url === null ? null : await openServer({ ...options, url: options.url });
  const made: Queue[] = [];
  return {
    create(name) {
      const queue =
        server === null
          ? createInlineQueue({ onFailure })
          : createSharedQueue({
              carrier: createBullCarrier(name, server),
              onFailure,
              onCarrierFailure: server.health.failed,
            });
      made.push(queue);
      return queue;
    },
    async close() {
      await Promise.all(made.map((queue) => queue.close()));
      await server?.close();
    },
  };
}

type ServerOptions = QueuesOptions & { readonly url: string };

/** The drivers take a tenth of a second to load, so only those who need them do. */
async function openServer({ url, installation, onTrouble, onRecovery }: ServerOptions): Promise<BullServer> {
  const health = createHealth({ shown: shownAddress(url), onTrouble, onRecovery });
  if (isPostgres(url)) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres({ url, health, prefix: `${installation}.` });
  }
  const { openRedis } = await import('./redis.ts');
  // The braces keep all keys of ours on one member of a cluster.
  return openRedis({ url, health, prefix: `{plimsoll:${installation}}` });
}

function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** Without user, password and options, which may be secret. */
export function shownAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
