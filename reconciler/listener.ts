import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastify, type FastifyInstance } from 'fastify';
import { mountApi } from '../dashboard/server/api.ts';
import { mountHealth } from '../dashboard/server/health.ts';
import { createLive } from '../dashboard/server/live.ts';
import { createMetrics } from '../dashboard/server/metrics.ts';
import { mountPages } from '../dashboard/server/pages.ts';
import { mountReceivers } from '../webhook/receive.ts';
import type { NoticeFeed } from './control/feed.ts';
import type { DashboardConfig } from './manifest/config-dashboard.ts';
import type { ListenConfig } from './manifest/config-listen.ts';
import { SyncError } from './model/error.ts';
import type { ListenAddress } from './model/receiver.ts';
import type { World } from './sync/world.ts';
import { readVersion } from './version.ts';

export interface ListenerOptions extends Pick<ListenConfig, 'trustedProxies' | 'receivers'> {
  readonly dashboard: DashboardConfig;
  /** `default`: the usual one. */
  readonly address: ListenAddress | 'default';
  readonly world: World;
  /** What happens from now on. */
  readonly feed: NoticeFeed;
  readonly onBug: (error: unknown) => void;
  /** How long a request may take to arrive. */
  readonly readTimeoutMs?: number;
}

/** What the daemon serves over HTTP. */
export interface Listener {
  /** `http://127.0.0.1:8484` */
  readonly url: string;
  close(): Promise<void>;
}

const usualAddress: ListenAddress = { host: '127.0.0.1', port: 8484 };
const readTimeoutMs = 10_000;
/** Bounds what idle and slow connections may hold, together with the time that a request may take. */
const mostConnections = 1_024;

/** Throws ListenFailed when the address cannot be had. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const address = options.address === 'default' ? usualAddress : options.address;
  const server = createServer(options);
  try {
    await server.register((scope) => mountReceivers(scope, options));
    await server.register((scope) => mountDashboard(scope, options));
    await server.listen(address);
  } catch (cause) {
    await server.close();
    throw listenFailed(address, cause);
  }
  return { url: urlOf(server, address), close: () => server.close() };
}

async function mountDashboard(
  scope: FastifyInstance,
  { dashboard, world, feed, onBug }: ListenerOptions,
): Promise<void> {
  mountHealth(scope, world);
  const { tokens } = dashboard;
  const version = readVersion();
  const metrics = createMetrics(world, version);
  const live = createLive(world);
  const unsubscribe = feed.subscribe((notice) => {
    metrics.count(notice);
    live.hear(notice);
  });
  scope.addHook('onClose', async () => unsubscribe());
  const reading = { world, version, startedAt: world.clock.now() };
  await scope.register((inner) => mountApi(inner, { ...reading, metrics, live, tokens, onBug }));
  const folder = findPages();
  if (folder !== null) await scope.register((inner) => mountPages(inner, folder));
}

/** Beside the built program; from its sources only where it was built. */
function findPages(): string | null {
  const places = ['../dashboard/web/', '../dist/dashboard/web/'];
  const folders = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return folders.find((folder) => existsSync(join(folder, 'assets'))) ?? null;
}

function createServer({
  trustedProxies,
  readTimeoutMs: timeoutMs = readTimeoutMs,
}: ListenerOptions): FastifyInstance {
  const server = fastify({
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    requestTimeout: timeoutMs,
    // A path is at most a name and a secret.
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
    http: { headersTimeout: timeoutMs, connectionsCheckingInterval: Math.min(1_000, timeoutMs / 2) },
  });
  server.server.maxConnections = mostConnections;
  server.setNotFoundHandler((_, reply) =>
    reply.code(404).send({ error: { code: 'NotFound', message: 'There is nothing at this address.' } }),
  );
  return server;
}

function urlOf(server: FastifyInstance, { host }: ListenAddress): string {
  const bound = server.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listenFailed({ host, port }: ListenAddress, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  const place = `${host}:${port}`;
  const why =
    code === 'EADDRINUSE'
      ? 'another program listens there'
      : code === 'EACCES'
        ? 'ports below 1024 need a right that this user does not have'
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? 'this host has no such address'
          : null;
  if (why === null) return cause;
  return new SyncError(
    'ListenFailed',
    `The daemon cannot listen on ${place}: ${why}. Choose another address with \`listen\` or PLIMSOLL_LISTEN, or switch it off.`,
    { data: { address: place }, cause },
  );
}
