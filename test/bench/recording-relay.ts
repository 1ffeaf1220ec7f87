import { once } from 'node:events';
import { Agent, createServer, request as ask, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that went through, in milliseconds of `performance.now()`. */
export interface Passage {
  readonly method: string;
  readonly path: string;
  readonly startedAt: number;
  /** Null while it is answered. */
  readonly endedAt: number | null;
}

/** Stands before a server and writes down when it was busy. */
export interface RecordingRelay {
  readonly passages: readonly Passage[];
  /** Of the relay: a socket's path, or `127.0.0.1:<port>`. */
  readonly address: string;
  close(): Promise<void>;
}

export type RelayTarget =
  { readonly socketPath: string; readonly path: string } | { readonly origin: string };

export async function startRecordingRelay(target: RelayTarget): Promise<RecordingRelay> {
  const passages: Passage[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer(pass(target, { passages, agent }));
  if ('path' in target) server.listen(target.path);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = 'path' in target ? target.path : `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    passages,
    address,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Passing {
  readonly passages: Passage[];
  readonly agent: Agent;
}

function pass(target: RelayTarget, { passages, agent }: Passing): RequestListener {
  return (request, response) => {
    const { method = '', url = '', headers } = request;
    const index = passages.length;
    const passage: Passage = { method, path: url, startedAt: performance.now(), endedAt: null };
    passages.push(passage);
    const options = {
      method,
      headers,
      agent,
      ...('path' in target && { socketPath: target.socketPath, path: url }),
    };
    const onward = 'path' in target ? ask(options) : ask(`${target.origin}${url}`, options);
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.on('end', () => (passages[index] = { ...passage, endedAt: performance.now() }));
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long at least one of the passages was under way within the span. Streams of events are no work. */
export function busyWithin(passages: readonly Passage[], { from, to }: Span): number {
  const spans = passages
    .filter(({ path }) => !/\/events(\?|$)/.test(path))
    .map(({ startedAt, endedAt }) => ({ from: Math.max(startedAt, from), to: Math.min(endedAt ?? to, to) }))
    .filter((span) => span.to > span.from)
    .sort((left, right) => left.from - right.from);
  let busy = 0;
  let reached = from;
  for (const span of spans) {
    busy += Math.max(0, span.to - Math.max(span.from, reached));
    reached = Math.max(reached, span.to);
  }
  return busy;
}
