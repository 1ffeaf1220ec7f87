import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface PackProxy {
  /** The repository, as it looks from here. */
  readonly url: string;
  /**
   * From now on a pack is sent up to so many eighths and then nothing more; resolves once they are sent. Eight is
   * the whole pack, but not the end of the answer.
   */
  holdPackAfter(eighths: number): Promise<void>;
  letThrough(): void;
  close(): Promise<void>;
}

/** Stands before a Git server and decides how much of a pack arrives. */
export async function startPackProxy(to: string): Promise<PackProxy> {
  let hold: { readonly eighths: number; readonly reached: () => void } | null = null;
  const server = createServer((request, response) => {
    void answer(request, { to, response, hold });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${new URL(to).pathname}`,
    holdPackAfter(eighths) {
      return new Promise((reached) => {
        hold = { eighths, reached };
      });
    },
    letThrough: () => void (hold = null),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Exchange {
  readonly to: string;
  readonly response: ServerResponse;
  readonly hold: { readonly eighths: number; readonly reached: () => void } | null;
}

async function answer(request: IncomingMessage, { to, response, hold }: Exchange): Promise<void> {
  const question = await buffer(request);
  const headers = ['content-type', 'git-protocol'].flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const forwarded = await fetch(new URL(request.url ?? '/', to), {
    method: request.method ?? 'GET',
    headers: Object.fromEntries(headers),
    ...(question.length > 0 && { body: question }),
  });
  const body = Buffer.from(await forwarded.arrayBuffer());
  response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' });
  if (hold === null || !body.includes('PACK')) response.end(body);
  else response.write(body.subarray(0, Math.ceil((body.length * hold.eighths) / 8)), hold.reached);
}
