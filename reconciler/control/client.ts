import { connect } from 'node:net';
import { SyncError } from '../model/error.ts';
import type { HistoryQuery } from '../model/ports.ts';
import { attended } from './attend.ts';
import { readDocument, readReplies, send, type Sending } from './exchange.ts';
import type { DaemonOperator } from './operator.ts';
import type { DriftOrder } from './protocol.ts';

/**
 * The operator of the daemon behind a socket, or null when none runs there. Throws SyncError when it may not be asked.
 * The signal ends whatever is asked of it.
 */
export async function connectControl(
  socketPath: string,
  signal?: AbortSignal,
): Promise<DaemonOperator | null> {
  return (await isAnswered(socketPath)) ? createClient(socketPath, signal) : null;
}

/** Whether somebody listens on a socket. A file that a killed daemon left behind refuses. */
export async function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES' || error.code === 'EPERM') reject(forbidden(socketPath, error));
      else resolve(false);
    });
  });
}

function createClient(socketPath: string, lifetime?: AbortSignal): DaemonOperator {
  const ask = async <Answer>(asked: Omit<Sending, 'socketPath'>): Promise<Answer> =>
    attended({ socketPath, signal: asked.signal ?? lifetime }, async (signal) =>
      readDocument<Answer>(await send({ ...asked, socketPath, signal }), signal),
    );
  const get = <Answer>(path: string, signal?: AbortSignal): Promise<Answer> =>
    ask({ method: 'GET', path, ...(signal && { signal }) });
  const post = <Answer>(path: string, body: object): Promise<Answer> => ask({ method: 'POST', path, body });
  return {
    about: () => get('/about'),
    status: () => get('/status'),
    diff: (stack, signal) => get(`/diff${stack === null ? '' : `?stack=${stack}`}`, signal),
    files: (stack, service, signal) =>
      get(`/files?stack=${stack}${service === null ? '' : `&service=${service}`}`, signal),
    drift: (order) => get(`/drift?${parametersOf(order).toString()}`),
    history: (query) => get(`/history?${parametersOf(query).toString()}`),
    record: (syncId) => get(`/record?id=${encodeURIComponent(syncId)}`),
    reviews: () => get('/reviews'),
    deliveries: ({ receiver, limit }) =>
      get(`/deliveries?limit=${limit}${receiver === undefined ? '' : `&receiver=${receiver}`}`),
    pause: (order) => post('/pause', order),
    resume: (order) => post('/resume', order),
    async sync({ stack, approve, wait }, { onReply, signal: stopped }) {
      const body = { stack, approve, wait };
      await attended({ socketPath, signal: stopped }, async (signal) => {
        const response = await send({ socketPath, method: 'POST', path: '/sync', body, signal });
        await readReplies(response, { onReply, signal });
      });
    },
  };
}

function parametersOf(query: HistoryQuery | DriftOrder): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  );
}

function forbidden(socketPath: string, cause: unknown): SyncError {
  return new SyncError(
    'DaemonUnreachable',
    `The control socket ${socketPath} belongs to another user; run this command as the user that runs the daemon, such as with sudo.`,
    { cause },
  );
}
