import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What goes wrong with one request. */
export type Fault =
  /** It takes so much longer. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It is refused, and nothing is done. */
  | { readonly kind: 'refuse'; readonly status: number; readonly message: string }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'cutBefore' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'cutAfter' }
  /** It is done, and the connection breaks in the middle of the answer. */
  | { readonly kind: 'cutInside' }
  /** It is done, and half of the answer arrives; the connection stays open and silent. */
  | { readonly kind: 'halfAnswer' };

/** `POST /containers/create`, without version and query. */
export type Call = string;

export interface FaultGate {
  /** Who decides for each call; null: nothing goes wrong. */
  decide: ((call: Call) => Fault | null) | null;
}

/** Applies what is due before the work. True when the request is over with that. */
export async function strikeBefore(fault: Fault | null, response: ServerResponse): Promise<boolean> {
  switch (fault?.kind) {
    case undefined:
    case 'cutAfter':
    case 'cutInside':
    case 'halfAnswer':
      return false;
    case 'delay':
      await pause(fault.ms);
      return false;
    case 'refuse':
      sendJson(response, fault.status, JSON.stringify({ message: fault.message }));
      return true;
    case 'cutBefore':
      response.destroy();
      return true;
    default:
      return fault satisfies never;
  }
}

/** Sends the answer, or what the fault leaves of it. */
export function send(response: ServerResponse, fault: Fault | null, { status, text }: Text): void {
  if (fault?.kind === 'cutAfter') return void response.destroy();
  if (fault?.kind !== 'halfAnswer' && fault?.kind !== 'cutInside') return sendJson(response, status, text);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.write(text.slice(0, text.length >> 1), () => {
    if (fault.kind === 'cutInside') response.destroy();
  });
}

export interface Text {
  readonly status: number;
  readonly text: string;
}

function sendJson(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return;
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(hasBody && { 'content-length': Buffer.byteLength(text) }),
  });
  response.end(hasBody ? text : undefined);
}

export function callOf({ method = '', url = '' }: IncomingMessage): Call {
  return `${method} ${url.split('?')[0]?.replace(/^\/v\d+\.\d+/, '')}`;
}
