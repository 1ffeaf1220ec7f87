import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { containerRoutes } from './container-routes.ts';
import type { Answer, Route } from './exchange.ts';
import { callOf, send, strikeBefore, type FaultGate } from './faults.ts';
import { createHost, type HostOptions, type SimulatedHost } from './host.ts';
import { bootAgain, endAll } from './reboot.ts';
import { Refusal } from './refusal.ts';
import { resourceRoutes } from './resource-routes.ts';
import { systemRoutes } from './system-routes.ts';

/** A Docker engine that runs nothing: it keeps books as one does, and speaks as one does. */
export interface SimulatedEngine {
  readonly socketPath: string;
  readonly host: SimulatedHost;
  readonly faults: FaultGate;
  /** How many requests there were so far, by method and path without names: `POST /containers/:name/start`. */
  calls(): Readonly<Record<string, number>>;
  /** Breaks every connection, event streams among them; new ones are taken. */
  cutConnections(): void;
  /** Ends every process and comes back after a while, as the restart policies say. */
  restart(downMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface EngineOptions extends HostOptions {
  readonly socketPath: string;
}

/** Listens on a Unix socket. Equal seeds give equal ids, in the order of the calls. */
export async function startSimulatedEngine({
  socketPath,
  ...options
}: EngineOptions): Promise<SimulatedEngine> {
  const host = createHost(options);
  const faults: FaultGate = { decide: null };
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void serve({ host, faults, counts, request, response });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const cutConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await listen(server, socketPath);
  return {
    socketPath,
    host,
    faults,
    calls: () => Object.fromEntries(counts),
    cutConnections,
    async restart(downMs) {
      await stop(server, cutConnections);
      endAll(host);
      await pause(downMs);
      bootAgain(host);
      await listen(server, socketPath);
    },
    async close() {
      host.close();
      await stop(server, cutConnections);
    },
  };
}

async function listen(server: Server, socketPath: string): Promise<void> {
  server.listen(socketPath);
  await once(server, 'listening');
}

async function stop(server: Server, cutConnections: () => void): Promise<void> {
  if (!server.listening) return;
  server.close();
  cutConnections();
  await once(server, 'close');
}

interface Service {
  readonly host: SimulatedHost;
  readonly faults: FaultGate;
  readonly counts: Map<string, number>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve({ host, faults, counts, request, response }: Service): Promise<void> {
  const call = callOf(request);
  const found = findRoute(call);
  const key = found === null ? call : `${found.route.method} ${found.route.path}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  const fault = faults.decide?.(call) ?? null;
  if (await strikeBefore(fault, response)) return;
  const query = new URL(request.url ?? '', 'http://engine').searchParams;
  const answer = await answerOf(found, { host, query, request, response });
  if (answer === null) return;
  const { status, body } = answer;
  send(response, fault, { status, text: typeof body === 'string' ? body : JSON.stringify(body) });
}

const routes = [...containerRoutes, ...resourceRoutes, ...systemRoutes].map((route) => {
  const pattern = route.path.replace(':reference', '(.+)').replace(':name', '([^/]+)');
  return { route, pattern: new RegExp(`^${route.method} ${pattern}$`) };
});

interface Found {
  readonly route: Route;
  readonly names: readonly string[];
}

/** `/containers/json` before `/containers/:name`, which is why the table's order counts. */
function findRoute(call: string): Found | null {
  for (const { route, pattern } of routes) {
    const match = pattern.exec(call);
    if (match !== null) return { route, names: match.slice(1).map(decodeURIComponent) };
  }
  return null;
}

async function answerOf(
  found: Found | null,
  rest: Pick<Service, 'host' | 'request' | 'response'> & { readonly query: URLSearchParams },
): Promise<Answer | null> {
  try {
    if (found === null) throw new Refusal(404, 'page not found');
    return await found.route.answer({ ...rest, names: found.names });
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    const message =
      error instanceof Refusal ? error.message : `the simulated engine has a bug: ${String(error)}`;
    return { status, body: { message } };
  }
}
