import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { LiveBody } from '../../reconciler/model/generated/api.ts';
import type { Notice } from '../../reconciler/model/notice.ts';
import type { World } from '../../reconciler/sync/world.ts';
import { stackState } from './states.ts';

/** What happens, told to whoever listens, and kept for a while for those who were away. */
export interface Live {
  hear(notice: Notice): void;
  /** Tells everything after the cursor, or that too much was missed, and from then on what happens. */
  join(client: Client, cursor: number | null): void;
  /** Ends every connection. */
  close(): void;
}

export type Client = Pick<WebSocket, 'send' | 'terminate' | 'ping' | 'on' | 'bufferedAmount'>;

const kept = 1_000;
const mostClients = 200;
/** A client that reads more slowly than this is let go: it comes back and asks again. */
const longestQueueBytes = 1_000_000;
const pingEveryMs = 30_000;

export function createLive(world: World): Live {
  const past: LiveBody[] = [];
  const clients = new Set<Client>();
  const answering = new WeakSet<Client>();
  let cursor = world.clock.now();
  const pings = setInterval(() => clients.forEach(ping), pingEveryMs);
  pings.unref();

  function hear(notice: Notice): void {
    const event = eventOf(world, notice);
    if (event === null) return;
    cursor += 1;
    const body: LiveBody = { ...event, cursor, at: world.clock.now() };
    past.push(body);
    if (past.length > kept) past.shift();
    const text = JSON.stringify(body);
    clients.forEach((client) => tell(client, text));
  }

  function join(client: Client, from: number | null): void {
    if (clients.size >= mostClients) return client.terminate();
    clients.add(client);
    answering.add(client);
    client.on('pong', () => answering.add(client));
    client.on('close', () => clients.delete(client));
    client.on('error', () => clients.delete(client));
    const oldest = past[0]?.cursor ?? cursor + 1;
    const hasAll = from === null || (from <= cursor && from >= oldest - 1);
    const hello = { ...nothing, kind: hasAll ? 'joined' : 'missed', cursor, at: world.clock.now() } as const;
    for (const event of hasAll && from !== null ? past.filter((one) => one.cursor > from) : [])
      tell(client, JSON.stringify(event));
    tell(client, JSON.stringify(hello));
  }

  function tell(client: Client, text: string): void {
    if (client.bufferedAmount > longestQueueBytes) letGo(client);
    else client.send(text);
  }

  function ping(client: Client): void {
    if (!answering.delete(client)) letGo(client);
    else client.ping();
  }

  function letGo(client: Client): void {
    clients.delete(client);
    client.terminate();
  }

  return {
    hear,
    join,
    close() {
      clearInterval(pings);
      clients.forEach(letGo);
    },
  };
}

/** `GET /api/live?cursor=…`, as a WebSocket. What a client says is not listened to. */
export function mountLive(server: FastifyInstance, live: Live): void {
  server.get<{ Querystring: { cursor?: number } }>(
    '/api/live',
    {
      websocket: true,
      schema: {
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { cursor: { type: 'integer', minimum: 0 } },
        },
      },
    },
    (client, { query }) => live.join(client, query.cursor ?? null),
  );
  server.addHook('onClose', async () => live.close());
}

type Event = Omit<LiveBody, 'cursor' | 'at'>;

const nothing = { stack: null, state: null, text: '' } as const;

/** Null for what nobody has to draw anew for. */
function eventOf(world: World, notice: Notice): Event | null {
  switch (notice.kind) {
    case 'statusChanged': {
      const { stack } = notice.status;
      return { ...nothing, kind: 'stack', stack, state: stackState(world, notice.status) };
    }
    case 'stackGone':
      return { ...nothing, kind: 'stackGone', stack: notice.stack };
    case 'syncPlanned':
      return { ...nothing, kind: 'sync', stack: notice.stack };
    case 'syncFinished':
      return { ...nothing, kind: 'sync', stack: notice.stack, text: notice.summary };
    case 'syncProgress':
      return { ...nothing, kind: 'progress', stack: notice.stack, text: notice.event.step };
    case 'sourceRead':
    case 'sourceFailed':
    case 'sourceProblems':
      return { ...nothing, kind: 'source', text: notice.source };
    case 'deliveryReceived':
      return { ...nothing, kind: 'delivery', text: notice.receiver };
    case 'driftOpened':
    case 'driftClosed':
      return { ...nothing, kind: 'drift', stack: notice.stack, text: notice.interval.because };
    case 'trouble':
    case 'recovered':
      return { ...nothing, kind: 'system', text: notice.message };
    default:
      return notice satisfies never;
  }
}
