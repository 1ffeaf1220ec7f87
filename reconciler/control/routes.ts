import type { DeliveryQuery } from '../model/delivery.ts';
import { SyncError } from '../model/error.ts';
import { isName, type Name } from '../model/ids.ts';
import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import type { HistoryQuery } from '../model/ports.ts';
import type { DaemonOperator } from './operator.ts';
import type { DriftOrder, SyncReply } from './protocol.ts';

export interface ControlRequest {
  readonly query: URLSearchParams;
  /** Null for a request without a body. */
  readonly body: Json;
  readonly signal: AbortSignal;
}

/** One document, or a line for each reply while `stream` runs. */
export type ControlAnswer =
  | { readonly kind: 'document'; readonly document: object }
  | { readonly kind: 'lines'; readonly stream: (write: (reply: SyncReply) => void) => Promise<void> };

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly answer: (operator: DaemonOperator, request: ControlRequest) => Promise<ControlAnswer>;
}

/** Everything that the socket answers. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/about', answer: async (operator) => document(await operator.about()) },
  { method: 'GET', path: '/status', answer: async (operator) => document(await operator.status()) },
  {
    method: 'GET',
    path: '/diff',
    answer: async (operator, { query, signal }) =>
      document(await operator.diff(optionalName(query.get('stack'), 'stack'), signal)),
  },
  {
    method: 'GET',
    path: '/files',
    answer: async (operator, { query, signal }) => {
      const service = optionalName(query.get('service'), 'service');
      return document(await operator.files(nameOf(query.get('stack') ?? '', 'stack'), service, signal));
    },
  },
  {
    method: 'GET',
    path: '/drift',
    answer: async (operator, { query }) => document(await operator.drift(readDriftOrder(query))),
  },
  {
    method: 'GET',
    path: '/history',
    answer: async (operator, { query }) => document(await operator.history(readHistoryQuery(query))),
  },
  {
    method: 'GET',
    path: '/record',
    answer: async (operator, { query }) => document(await operator.record(query.get('id') ?? '')),
  },
  {
    method: 'GET',
    path: '/reviews',
    answer: async (operator) => document(await operator.reviews()),
  },
  {
    method: 'GET',
    path: '/deliveries',
    answer: async (operator, { query }) => document(await operator.deliveries(readDeliveryQuery(query))),
  },
  {
    method: 'POST',
    path: '/sync',
    answer: async (operator, { body, signal }) => {
      const order = readSyncOrder(body);
      return lines((write) => operator.sync(order, { onReply: write, signal }));
    },
  },
  {
    method: 'POST',
    path: '/pause',
    answer: async (operator, { body }) => document(await operator.pause(readPauseOrder(body))),
  },
  {
    method: 'POST',
    path: '/resume',
    answer: async (operator, { body }) => document(await operator.resume(readResumeOrder(body))),
  },
];

const longestPauseMs = 366 * 24 * 60 * 60 * 1000;
const mostHistory = 1000;

function document(value: object): ControlAnswer {
  return { kind: 'document', document: value };
}

function lines(stream: (write: (reply: SyncReply) => void) => Promise<void>): ControlAnswer {
  return { kind: 'lines', stream };
}

function readHistoryQuery(query: URLSearchParams): HistoryQuery {
  const stack = optionalName(query.get('stack'), 'stack');
  const service = optionalName(query.get('service'), 'service');
  const cursor = query.get('cursor');
  const limit = readLimit(query, '20');
  return { limit, ...(stack && { stack }), ...(service && { service }), ...(cursor !== null && { cursor }) };
}

function readDeliveryQuery(query: URLSearchParams): DeliveryQuery {
  const receiver = optionalName(query.get('receiver'), 'receiver');
  return { limit: readLimit(query, '20'), ...(receiver && { receiver }) };
}

function readDriftOrder(query: URLSearchParams): DriftOrder {
  const stack = optionalName(query.get('stack'), 'stack');
  const service = optionalName(query.get('service'), 'service');
  const sinceMs = Number(query.get('sinceMs') ?? String(dayMs));
  if (!(sinceMs > 0)) throw invalid('sinceMs must be a number of milliseconds above 0');
  return { sinceMs, limit: readLimit(query, '100'), ...(stack && { stack }), ...(service && { service }) };
}

const dayMs = 24 * 60 * 60 * 1000;

function readLimit(query: URLSearchParams, otherwise: string): number {
  const limit = Number(query.get('limit') ?? otherwise);
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostHistory) return limit;
  throw invalid(`limit must be a whole number from 1 to ${mostHistory}`);
}

function readSyncOrder(body: Json) {
  const { stack = null, approve = [], wait = false } = recordOf(body);
  if (!Array.isArray(approve)) throw invalid('approve must be a list of finding codes');
  const codes = approve.map((code: Json) => textOf(code, 'each code in approve'));
  if (typeof wait !== 'boolean') throw invalid('wait must be true or false');
  if (stack === null && codes.length > 0) throw invalid('approve needs the stack whose findings it accepts');
  return { stack: stack === null ? null : nameOf(stack, 'stack'), approve: codes, wait };
}

function readPauseOrder(body: Json) {
  const { stack, forMs, why } = recordOf(body);
  if (typeof forMs !== 'number' || !(forMs > 0) || forMs > longestPauseMs) {
    throw invalid('forMs must be a number of milliseconds, above 0 and at most 366 days');
  }
  return { stack: nameOf(stack, 'stack'), forMs: Math.round(forMs), why: textOf(why, 'why') };
}

function readResumeOrder(body: Json) {
  const { stack, service = null } = recordOf(body);
  return {
    stack: nameOf(stack, 'stack'),
    service: service === null ? null : nameOf(service, 'service'),
  };
}

function recordOf(body: Json): JsonRecord {
  if (isJsonRecord(body)) return body;
  throw invalid('the body must be a JSON object');
}

function optionalName(value: string | null, what: string): Name | null {
  return value === null ? null : nameOf(value, what);
}

function nameOf(value: Json | undefined, what: string): Name {
  if (typeof value === 'string' && isName(value)) return value;
  throw invalid(`${what} must be a name of lower case letters, digits, "-" and "_"`);
}

function textOf(value: Json | undefined, what: string): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 1000) return value;
  throw invalid(`${what} must be a text of 1 to 1000 characters`);
}

function invalid(what: string): SyncError {
  return new SyncError('RequestInvalid', `The request is not valid: ${what}.`);
}
