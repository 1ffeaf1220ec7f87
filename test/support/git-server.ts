import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, relative } from 'node:path';

/** What the server does wrong on the next requests, until told otherwise. */
export type GitFault =
  | { readonly kind: 'status'; readonly status: number }
  /** The ref advertisement ends in the middle, without an error. */
  | { readonly kind: 'truncateAdvertisement'; readonly bytes: number }
  /** The connection of the pack is cut after this many bytes. */
  | { readonly kind: 'truncatePack'; readonly bytes: number }
  /** The pack arrives whole in length, with its last bytes changed. */
  | { readonly kind: 'corruptPack' }
  /** Requests are accepted and never answered. */
  | { readonly kind: 'hang' };

export interface GitServerOptions {
  readonly username?: string;
  readonly password?: string;
  /** What its address begins after; default: the directory that the repository is in. */
  readonly root?: string;
}

export interface GitServer {
  /** Of the repository, on loopback, without credentials. */
  readonly url: string;
  /** Requests since the start, as `GET /repository.git/info/refs?service=git-upload-pack`. */
  readonly requests: readonly string[];
  fail(fault: GitFault | undefined): void;
  close(): Promise<void>;
}

/** Serves one bare repository over smart HTTP on loopback, through git's own http-backend. */
export async function startGitServer(repository: string, options: GitServerOptions = {}): Promise<GitServer> {
  const { root = dirname(repository) } = options;
  let fault: GitFault | undefined;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!isAllowed(request, options)) return refuse(response, 401);
    if (fault?.kind === 'hang') return undefined;
    if (fault?.kind === 'status') return refuse(response, fault.status);
    return serve({ root, request, response, fault });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${relative(root, repository)}`,
    requests,
    fail: (next) => void (fault = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Exchange {
  readonly root: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: GitFault | undefined;
}

function serve({ root, request, response, fault }: Exchange): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  const output: Buffer[] = [];
  backend.stdout.on('data', (part: Buffer) => output.push(part));
  backend.on('close', () => answer(response, Buffer.concat(output), fault));
}

/** Turns the CGI answer, head and body, into an HTTP answer, with the fault applied to the body. */
function answer(response: ServerResponse, output: Buffer, fault: GitFault | undefined): void {
  const split = output.indexOf('\r\n\r\n');
  const head = output.subarray(0, split).toString().split('\r\n').map(splitHeader);
  const status = Number.parseInt(head.find(([name]) => name === 'Status')?.[1] ?? '200', 10);
  const body = output.subarray(split + 4);
  const type = head.find(([name]) => name === 'Content-Type')?.[1] ?? '';
  const isPack = type === 'application/x-git-upload-pack-result';
  const headers = Object.fromEntries(head.filter(([name]) => name !== 'Status'));

  if (isPack && fault?.kind === 'truncatePack') {
    response.writeHead(status, { ...headers, 'Content-Length': body.length });
    response.write(body.subarray(0, fault.bytes), () => response.destroy());
    return;
  }
  const cut = !isPack && fault?.kind === 'truncateAdvertisement';
  const sent = isPack && fault?.kind === 'corruptPack' ? flipEnd(body) : body;
  response.writeHead(status, headers).end(cut ? sent.subarray(0, fault.bytes) : sent);
}

/** Changes bytes of the pack's trailing checksum: the end of the last packet of side band 1, which progress may follow. */
function flipEnd(body: Buffer): Buffer {
  const flipped = Buffer.from(body);
  let packEnd = 0;
  for (let at = 0; at < body.length;) {
    const size = Number.parseInt(body.toString('latin1', at, at + 4), 16) || 4;
    if (body[at + 4] === 1) packEnd = at + size;
    at += size;
  }
  for (let index = Math.max(0, packEnd - 8); index < packEnd; index += 1) {
    flipped[index] = (flipped[index] ?? 0) ^ 0xff;
  }
  return flipped;
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function isAllowed(request: IncomingMessage, { username, password }: GitServerOptions): boolean {
  if (username === undefined && password === undefined) return true;
  const expected = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  return request.headers.authorization === `Basic ${expected}`;
}

function refuse(response: ServerResponse, status: number): void {
  const challenge = status === 401 ? { 'WWW-Authenticate': 'Basic realm="test"' } : {};
  response.writeHead(status, challenge).end();
}
