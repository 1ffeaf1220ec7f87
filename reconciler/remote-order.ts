import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { signStandard, standardHeaders } from '../webhook/standard.ts';
import { SyncError } from './model/error.ts';
import type { Name } from './model/ids.ts';
import { isJsonRecord, type Json } from './model/json.ts';
import { Secret } from './model/secret.ts';

/** "Sync now", said to a `generic` receiver from anywhere: a pipeline, another host. */
export interface RemoteOrder {
  readonly url: string;
  readonly secret: Secret;
  /** Null: whatever the receiver may wake. */
  readonly stack: Name | null;
}

export interface RemoteAnswer {
  readonly result: string;
  readonly reason: string;
  readonly delivery: string;
}

const attemptMs = 15_000;
/** Sent again under one id, a delivery acts once. */
const pausesMs = [1_000, 3_000];

/** Throws ReceiverRefused, or ReceiverUnreachable after some attempts. */
export async function orderRemotely(order: RemoteOrder): Promise<RemoteAnswer> {
  const id = randomUUID();
  for (const pauseMs of pausesMs) {
    const answer = await deliver(order, id);
    if (answer.kind === 'answered') return answer;
    await sleep(pauseMs);
  }
  const last = await deliver(order, id);
  if (last.kind === 'answered') return last;
  throw new SyncError('ReceiverUnreachable', `${placeOf(order.url)} could not be told: ${last.why}.`);
}

/** The secret from a file, else from the environment. */
export async function readRemoteSecret(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Secret> {
  const text = file === undefined ? (environment['PLIMSOLL_SYNC_SECRET'] ?? '') : await readSecretFile(file);
  const bare = text.replace(/\r?\n$/, '');
  if (bare !== '') return new Secret(bare);
  throw new SyncError(
    'ConfigInvalid',
    file === undefined
      ? 'There is no secret to sign with. Name a file that holds it with --secret-file, or set PLIMSOLL_SYNC_SECRET.'
      : `The file ${file} holds no secret.`,
  );
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError('FileUnusable', `The secret cannot be read: ${why}.`, { cause });
  }
}

type Delivered =
  ({ readonly kind: 'answered' } & RemoteAnswer) | { readonly kind: 'away'; readonly why: string };

async function deliver(order: RemoteOrder, id: string): Promise<Delivered> {
  const body = Buffer.from(JSON.stringify(order.stack === null ? {} : { stack: order.stack }));
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    [standardHeaders.id]: id,
    [standardHeaders.timestamp]: timestamp,
    [standardHeaders.signature]: signStandard({ id, timestamp, body }, order.secret),
  };
  const signal = AbortSignal.timeout(attemptMs);
  try {
    const response = await fetch(order.url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    return readAnswer(order, response, id);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { kind: 'away', why: cause instanceof Error ? cause.message : String(cause) };
  }
}

async function readAnswer({ url }: RemoteOrder, response: Response, delivery: string): Promise<Delivered> {
  const { status, headers } = response;
  const answer = parse(await response.text());
  if (status === 200 || status === 202) {
    return { kind: 'answered', delivery, result: textOf(answer, 'result'), reason: textOf(answer, 'reason') };
  }
  if (status === 429 || status >= 500) return { kind: 'away', why: `it answered ${status}` };
  const { error = null } = isJsonRecord(answer) ? answer : {};
  const advice =
    status >= 300 && status < 400
      ? `It points to ${headers.get('location') ?? 'nowhere'}; give that address.`
      : textOf(error, 'message') || 'Is it the address of a receiver, with /hooks/ and its name?';
  throw new SyncError('ReceiverRefused', `${placeOf(url)} answered ${status}. ${advice}`, {
    data: { status },
  });
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function textOf(value: Json, key: string): string {
  const text = isJsonRecord(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : '';
}

/** Without what may be secret in an address. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
