import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedHost } from './host.ts';

/** One request to the engine, taken apart. */
export interface Exchange {
  readonly host: SimulatedHost;
  /** What the path names, decoded. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What an engine can be asked for: `/containers/:name/start`. A handler that returns nothing has answered by itself. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly answer: (exchange: Exchange) => Answer | Promise<Answer | null> | null;
}

export interface Answer {
  readonly status: number;
  /** JSON, or text that is it already. */
  readonly body: object | string | null;
}

export function ok(body: object | string): Answer {
  return { status: 200, body };
}

export function created(body: object): Answer {
  return { status: 201, body };
}

export const done: Answer = { status: 204, body: null };
export const nothingToDo: Answer = { status: 304, body: null };

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** An empty body is an empty object. */
export async function readBody<Body extends object>({ request }: Exchange): Promise<Body> {
  const text = (await readBytes(request)).toString();
  return JSON.parse(text === '' ? '{}' : text) as Body;
}

export function isSet(query: URLSearchParams, key: string): boolean {
  return /^(1|true)$/i.test(query.get(key) ?? '');
}
