import { request as ask, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { SyncError, isSyncErrorCode } from '../model/error.ts';
import type { HistoryQuery } from '../model/ports.ts';
import type { DaemonOperator, SyncOrderOptions } from './operator.ts';
import { protocolHeader, protocolVersion, type ControlFailure, type SyncReply } from './protocol.ts';

/** Reading the sources anew or looking at a slow engine may take this long; a silent daemon hangs. */
const deadlineMs = 120_000;

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
  const get = async <Answer>(path: string, signal = lifetime): Promise<Answer> =>
    readDocument<Answer>(await send({ socketPath, method: 'GET', path, ...(signal && { signal }) }));
  const post = async <Answer>(path: string, body: object): Promise<Answer> =>
    readDocument<Answer>(
      await send({ socketPath, method: 'POST', path, body, ...(lifetime && { signal: lifetime }) }),
    );
  return {
    about: () => get('/about'),
    status: () => get('/status'),
    diff: (stack, signal) => get(`/diff${stack === null ? '' : `?stack=${stack}`}`, signal),
    history: (query) => get(`/history?${historyParameters(query).toString()}`),
    record: (syncId) => get(`/record?id=${encodeURIComponent(syncId)}`),
    pause: (order) => post('/pause', order),
    resume: (order) => post('/resume', order),
    async sync({ stack, approve, wait }, { onReply, signal }) {
      const order = { stack, approve, wait };
      const response = await send({ socketPath, method: 'POST', path: '/sync', body: order, signal });
      await readReplies(response, { onReply, signal });
    },
  };
}

function historyParameters(query: HistoryQuery): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  );
}

interface Sending {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** Resolves to an answer of status 200 in our protocol. */
async function send({ socketPath, method, path, body, signal }: Sending): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = ask({ socketPath, method, path, ...(signal && { signal }) }, resolve);
    request.setTimeout(deadlineMs, () => request.destroy(new Error('it did not answer')));
    request.once('error', (cause) => reject(lost(cause, signal)));
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
  if (response.headers[protocolHeader] !== protocolVersion) {
    response.destroy();
    throw new SyncError(
      'DaemonUnreachable',
      'The daemon is another version of Plimsoll than this command; restart the daemon, or use its own command.',
    );
  }
  if (response.statusCode === 200) return response;
  const { error } = (await json(response)) as { readonly error: ControlFailure };
  throw toError(error);
}

async function readDocument<Answer>(response: IncomingMessage): Promise<Answer> {
  try {
    return (await json(response)) as Answer;
  } catch (cause) {
    throw lost(cause);
  }
}

async function readReplies(response: IncomingMessage, { onReply, signal }: SyncOrderOptions): Promise<void> {
  // While containers become healthy there may be nothing to say for minutes.
  response.socket.setTimeout(0);
  try {
    for await (const line of createInterface({ input: response })) {
      const reply = JSON.parse(line) as SyncReply;
      if (reply.kind === 'failed') throw toError(reply.error);
      onReply(reply);
    }
  } catch (cause) {
    throw cause instanceof SyncError || cause instanceof DaemonBug ? cause : lost(cause, signal);
  }
  if (!response.complete) throw lost(new Error('the answer broke off'));
}

function toError({ code, message }: ControlFailure): Error {
  return isSyncErrorCode(code) ? new SyncError(code, message) : new DaemonBug(message);
}

/** A bug, but not one of this process: its stack would lead nowhere. */
class DaemonBug extends Error {
  override readonly name = 'DaemonBug';
}

function lost(cause: unknown, signal?: AbortSignal): SyncError {
  if (signal?.aborted === true) {
    return new SyncError('Cancelled', 'It was cancelled.', { cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SyncError(
    'DaemonUnreachable',
    `The daemon was lost while it was asked: ${why}. Is it still running?`,
    {
      cause,
    },
  );
}

function forbidden(socketPath: string, cause: unknown): SyncError {
  return new SyncError(
    'DaemonUnreachable',
    `The control socket ${socketPath} belongs to another user; run this command as the user that runs the daemon, such as with sudo.`,
    { cause },
  );
}
