import { request as ask, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { SyncError, isSyncErrorCode } from '../model/error.ts';
import type { SyncOrderOptions } from './operator.ts';
import { protocolHeader, protocolVersion, type ControlFailure, type SyncReply } from './protocol.ts';

export interface Sending {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  /** Aborted with a SyncError, that is what is thrown. */
  readonly signal?: AbortSignal;
}

/** Resolves to an answer of status 200 in our protocol. */
export async function send({ socketPath, method, path, body, signal }: Sending): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = ask({ socketPath, method, path, ...(signal && { signal }) }, resolve);
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

export async function readDocument<Answer>(response: IncomingMessage, signal?: AbortSignal): Promise<Answer> {
  try {
    return (await json(response)) as Answer;
  } catch (cause) {
    throw lost(cause, signal);
  }
}

export async function readReplies(
  response: IncomingMessage,
  { onReply, signal }: SyncOrderOptions,
): Promise<void> {
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
    if (signal.reason instanceof SyncError) return signal.reason;
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
