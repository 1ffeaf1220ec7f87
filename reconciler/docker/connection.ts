import { Agent, IncomingMessage } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { SyncError } from '../model/error.ts';
import { onAbort } from './abort.ts';
import { toSyncError, type Attempt } from './errors.ts';
import { readJsonItems } from './json-items.ts';
import type { SshAddress } from './ssh-options.ts';
import { SshTunnel } from './ssh-tunnel.ts';

/** Where an engine answers. */
export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsMaterial | null }
  | SshAddress;

/** PEM texts, as Docker keeps them in ca.pem, cert.pem and key.pem. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface EngineRequest extends Attempt {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the version prefix: `/containers/json`. */
  readonly path: string;
  /** Goes without the prefix, to find out which. */
  readonly isUnversioned?: boolean;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  readonly archive?: Buffer;
  readonly auth?: object;
  /** Default one minute. */
  readonly deadlineMs?: number;
  readonly signal: AbortSignal;
}

export interface Connection {
  /** One call, answered in JSON (undefined when the answer is empty). Throws SyncError. */
  ask<Answer>(request: EngineRequest): Promise<Answer>;
  /** The same for a list that may be long: it is parsed while it arrives. */
  askItems<Item>(request: EngineRequest): Promise<readonly Item[]>;
  /** The deadline covers only the wait for the first byte; from then on the signal alone ends it. */
  stream(request: EngineRequest): Promise<IncomingMessage>;
  /** The API version of all later calls, such as `1.41`; before that the engine takes its newest. */
  useVersion(version: string): void;
  /** How many calls were made so far, by name. */
  calls(): Readonly<Record<string, number>>;
  close(): void;
}

const defaultDeadlineMs = 60_000;

/** Connections are kept for the next call, but not until a router on the way has forgotten them. */
const keepAlive = { keepAlive: true, timeout: 15_000 } as const;

/** 304 is the engine's way to say that a start or a stop has nothing left to do. */
const successes = { 200: true, 201: true, 204: true, 304: true } as const;

/**
 * Every call to one engine goes through here, and through dockerode's modem rather than its named methods: those put
 * the whole body into the address as well, leave `image.inspect` and `image.distribution` without an end, and wait for
 * ever when an answer breaks off in the middle.
 */
export function createConnection(address: EngineAddress): Connection {
  const agent = createAgent(address);
  const tunnel = address.kind === 'ssh' ? new SshTunnel(address) : null;
  const { modem } = new Docker(modemOptions(address, { agent, tunnel }));
  const counts = new Map<string, number>();
  let prefix = '';

  const dial = async (request: EngineRequest, abortSignal: AbortSignal): Promise<IncomingMessage> => {
    counts.set(request.call, (counts.get(request.call) ?? 0) + 1);
    await tunnel?.open(abortSignal);
    return dialModem(modem, request, { prefix, abortSignal });
  };

  const explain = async (error: unknown, request: EngineRequest, limit: Limit): Promise<SyncError> => {
    const cause = tunnel === null ? error : await tunnel.explain(error, limit.signal);
    return toSyncError(cause, { ...request, ...limit.state() });
  };

  /** From the call to the end of its answer. */
  const exchange = async <Answer>(request: EngineRequest, read: ReadAnswer<Answer>): Promise<Answer> => {
    const limit = createLimit(request);
    try {
      return await read(await dial(request, limit.signal));
    } catch (error) {
      throw await explain(error, request, limit);
    } finally {
      limit.release();
    }
  };

  return {
    ask: <Answer>(request: EngineRequest) => exchange(request, readJson<Answer>),
    askItems: <Item>(request: EngineRequest) => exchange(request, readJsonItems<Item>),
    async stream(request) {
      const limit = createLimit(request);
      try {
        const response = await dial(request, limit.signal);
        response.once('close', limit.release);
        return response;
      } catch (error) {
        limit.release();
        throw await explain(error, request, limit);
      } finally {
        limit.stopClock();
      }
    },
    useVersion(version) {
      prefix = `/v${version}`;
    },
    calls: () => Object.fromEntries(counts),
    close() {
      agent.destroy();
      tunnel?.close();
    },
  };
}

interface Dialling {
  readonly prefix: string;
  readonly abortSignal: AbortSignal;
}

function dialModem(
  modem: Docker['modem'],
  { method, path, isUnversioned, query = {}, body = {}, archive, auth }: EngineRequest,
  { prefix, abortSignal }: Dialling,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        method,
        path: `${isUnversioned === true ? '' : prefix}${path}?`,
        options: { _query: query, _body: body },
        statusCodes: successes,
        isStream: true,
        abortSignal,
        ...(archive && { file: archive }),
        ...(auth && { authconfig: { ...auth } }),
      },
      (error, response) => {
        if (response instanceof IncomingMessage) resolve(response);
        else reject(error ?? new TypeError('the modem answered with something that is no response'));
      },
    );
  });
}

function createAgent(address: EngineAddress): Agent {
  const agent =
    address.kind === 'tcp' && address.tls !== null
      ? new TlsAgent({ ...keepAlive, ...address.tls })
      : new Agent(keepAlive);
  // The modem formats all its options for a debug log at each call, switched on or not. An agent shows every socket and
  // request that it has, and looking at 100 containers took five seconds.
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}

interface Way {
  readonly agent: Agent;
  readonly tunnel: SshTunnel | null;
}

/** Everything is said, because the modem fills what is not from DOCKER_HOST, DOCKER_CERT_PATH and their kin. */
function modemOptions(address: EngineAddress, { agent, tunnel }: Way) {
  const tls = address.kind === 'tcp' ? address.tls : null;
  return {
    agent,
    pathPrefix: '/',
    socketPath: address.kind === 'socket' ? address.path : tunnel?.socketPath,
    host: address.kind === 'tcp' ? address.host : undefined,
    port: address.kind === 'tcp' ? address.port : undefined,
    protocol: tls === null ? ('http' as const) : ('https' as const),
    ca: tls?.ca,
    cert: tls?.cert,
    key: tls?.key,
    timeout: undefined,
  };
}

interface Limit {
  readonly signal: AbortSignal;
  readonly state: () => { readonly isExpired: boolean; readonly isCancelled: boolean };
  /** The answer has begun: time no longer counts. */
  readonly stopClock: () => void;
  readonly release: () => void;
}

/** The caller's signal and a deadline as one. By hand: AbortSignal.any keeps its sources' listeners for ever. */
function createLimit({ signal, deadlineMs = defaultDeadlineMs }: EngineRequest): Limit {
  const controller = new AbortController();
  let isExpired = false;
  const cancel = (): void => controller.abort();
  const timer = setTimeout(() => {
    isExpired = true;
    controller.abort();
  }, deadlineMs);
  if (signal.aborted) cancel();
  const forget = onAbort(signal, cancel);
  return {
    signal: controller.signal,
    state: () => ({ isExpired, isCancelled: signal.aborted }),
    stopClock: () => clearTimeout(timer),
    release() {
      clearTimeout(timer);
      forget();
    },
  };
}

type ReadAnswer<Answer> = (response: IncomingMessage) => Promise<Answer>;

async function readJson<Answer>(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return JSON.parse(text === '' ? 'null' : text);
}
