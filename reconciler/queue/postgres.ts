import { Queue, Worker, createPostgresBackend } from 'bullmq';
import type { BullServer } from './bullmq.ts';
import type { QueueHealth } from './health.ts';

export interface PostgresServerOptions {
  readonly url: string;
  /** Begins the name of every queue of ours: one database may carry those of several installations. */
  readonly prefix: string;
  readonly health: QueueHealth;
}

/** BullMQ's own tables, which it makes and brings up to date by itself. */
const schema = 'plimsoll_queue';
/** A queue sends one short statement at a time, a worker one for each thing that it takes or ends. */
const connections = 2;
const connectTimeoutMs = 5_000;

/** A Postgres server, version 13 or later, through BullMQ's Postgres backend. */
export function openPostgres({ url, prefix, health }: PostgresServerOptions): BullServer {
  const connection = {
    connectionString: url,
    schema,
    migrate: true,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'plimsoll-queue',
  };
  return {
    health,
    isConnected: () => true,
    openQueue: (name) => new Queue(prefix + name, { connection }, createPostgresBackend),
    openWorker: (name, process, options) =>
      new Worker(prefix + name, process, { ...options, connection }, createPostgresBackend),
    close: () => Promise.resolve(),
  };
}
