import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Json, JsonRecord } from '../../reconciler/model/json.ts';

/** One request that a stand-in was asked, its body read. */
export interface Asked {
  readonly method: string;
  /** Below the API's root, without a query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: JsonRecord;
  readonly headers: IncomingMessage['headers'];
}

export interface Told {
  readonly status?: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StandInForge {
  readonly url: string;
  /** `POST /repos/acme/gitops/statuses/…` since the start. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A JSON API of a few routes; what no route answers is a 404. */
export async function startForge(root: string, answer: (asked: Asked) => Told | null): Promise<StandInForge> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { method = 'GET', headers } = request;
    const path = decodeURIComponent(url.pathname.slice(root.length));
    requests.push(`${method} ${path}`);
    void readBody(request).then((body) => {
      const told = answer({ method, path, query: url.searchParams, body, headers });
      const {
        status = 200,
        body: said = {},
        headers: more = {},
      } = told ?? { status: 404, body: { message: 'Not Found' } };
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(said));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<JsonRecord> {
  const { 'content-length': length = '0' } = request.headers;
  return length === '0' ? {} : ((await json(request)) as JsonRecord);
}

export function textIn(body: JsonRecord, key: string): string {
  const text = body[key];
  return typeof text === 'string' ? text : '';
}
