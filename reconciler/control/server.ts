import { chmod, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { SyncError, isSyncError } from '../model/error.ts';
import type { Json } from '../model/json.ts';
import { processIdPath } from './attend.ts';
import { isAnswered } from './client.ts';
import type { DaemonOperator } from './operator.ts';
import { protocolHeader, protocolVersion, type ControlFailure, type SyncReply } from './protocol.ts';
import { routes, type Route } from './routes.ts';

export interface ControlServerOptions {
  readonly socketPath: string;
  readonly operator: DaemonOperator;
  /** Hears of bugs met while answering; the asker is told only that there was one. */
  readonly onBug: (error: unknown) => void;
}

export interface ControlServer {
  /** Ends open answers and removes the socket. */
  close(): Promise<void>;
}

const mostBodyBytes = 64 * 1024;
/** A reader that stops reading may not hold the daemon's memory. */
const mostUnreadBytes = 4 * 1024 * 1024;

/**
 * Serves a daemon's operator on a Unix socket that only its owner may open (mode 0600). Throws StoreLocked when another
 * daemon answers there; a socket that a killed one left behind is replaced.
 */
export async function serveControl(options: ControlServerOptions): Promise<ControlServer> {
  const { socketPath } = options;
  if (await isAnswered(socketPath)) throw otherDaemon(socketPath);
  const ending = new AbortController();
  const server = createServer((request, response) => void respond(options, { request, response, ending }));
  server.requestTimeout = 10_000;
  await listen(server, socketPath);
  return {
    async close() {
      ending.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      });
      for (const path of [socketPath, processIdPath(socketPath)]) await rm(path, { force: true });
    },
  };
}

/**
 * Opens the socket inside a directory that only we can enter and moves it to its place when its mode is set, so that
 * there is no moment at which somebody else could connect, and none at which a half-made socket stands there.
 */
async function listen(server: Server, socketPath: string): Promise<void> {
  try {
    const nursery = await mkdtemp(join(dirname(socketPath), '.control-'));
    const born = join(nursery, 's');
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(born, resolve);
    });
    await chmod(born, 0o600);
    await writeFile(processIdPath(socketPath), `${process.pid}\n`);
    await rename(born, socketPath);
    await rmdir(nursery);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError(
      'StateDirectoryUnwritable',
      `The control socket ${socketPath} could not be opened: ${why}.`,
      { cause },
    );
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ending: AbortController;
}

async function respond(options: ControlServerOptions, exchange: Exchange): Promise<void> {
  const { request, response, ending } = exchange;
  response.setHeader(protocolHeader, protocolVersion);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const route = findRoute(request);
    const { query } = targetOf(request);
    const body = route.method === 'POST' ? await readBody(request) : null;
    const signal = AbortSignal.any([gone.signal, ending.signal]);
    const answer = await route.answer(options.operator, { query, body, signal });
    if (answer.kind === 'document') sendDocument(response, 200, answer.document);
    else await sendLines(response, answer.stream);
  } catch (error) {
    refuse(response, failureOf(error, options.onBug));
  }
}

function findRoute(request: IncomingMessage): Route {
  const { path: asked } = targetOf(request);
  const sameName = routes.filter(({ path }) => path === asked);
  const route = sameName.find(({ method }) => method === request.method);
  if (route !== undefined) return route;
  const what = `${request.method} ${asked}`;
  if (sameName.length === 0) {
    throw new SyncError('RequestInvalid', `The daemon does not know ${what}.`, { data: { status: 404 } });
  }
  const allow = sameName.map(({ method }) => method).join(', ');
  const message = `${what} is not possible; ${asked} takes ${allow}.`;
  throw new SyncError('RequestInvalid', message, { data: { status: 405, allow } });
}

/** Split by hand: a URL parser throws at what only a broken client sends. */
function targetOf(request: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return { path, query: new URLSearchParams(query) };
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBodyBytes) {
      const message = `The body is larger than ${mostBodyBytes} bytes.`;
      throw new SyncError('RequestInvalid', message, { data: { status: 413 } });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json;
  } catch (cause) {
    throw new SyncError('RequestInvalid', 'The body is not JSON.', { cause });
  }
}

function sendDocument(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document));
}

async function sendLines(
  response: ServerResponse,
  stream: (write: (reply: SyncReply) => void) => Promise<void>,
): Promise<void> {
  await stream((reply) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    if (response.writableLength > mostUnreadBytes) response.destroy();
    else response.write(`${JSON.stringify(reply)}\n`);
  });
  response.end();
}

interface Refusal {
  readonly status: number;
  readonly allow: string | null;
  readonly error: ControlFailure;
}

function failureOf(error: unknown, onBug: (error: unknown) => void): Refusal {
  if (!isSyncError(error)) {
    onBug(error);
    const message = 'The daemon met a bug while answering; its log has the details.';
    return { status: 500, allow: null, error: { code: 'Bug', message } };
  }
  const { status, allow } = error.data;
  return {
    status: typeof status === 'number' && error.code === 'RequestInvalid' ? status : statusOf(error),
    allow: typeof allow === 'string' ? allow : null,
    error: { code: error.code, message: error.message },
  };
}

function statusOf(error: SyncError): number {
  if (error.code === 'RequestInvalid') return 400;
  return error.code === 'StackUnknown' || error.code === 'RecordNotFound' ? 404 : 503;
}

/** After the first line the status is gone: the failure is then the last line. */
function refuse(response: ServerResponse, { status, allow, error }: Refusal): void {
  if (response.headersSent) {
    response.end(`${JSON.stringify({ kind: 'failed', error } satisfies SyncReply)}\n`);
    return;
  }
  if (allow !== null) response.setHeader('allow', allow);
  if (status === 413) response.setHeader('connection', 'close');
  sendDocument(response, status, { error });
}

function otherDaemon(socketPath: string): SyncError {
  return new SyncError(
    'StoreLocked',
    `Another Plimsoll answers on ${socketPath}. Stop it first, or give this one a state directory of its own.`,
  );
}
