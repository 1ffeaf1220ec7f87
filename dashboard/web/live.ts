import { createSignal } from 'solid-js';
import type { LiveBody } from '../../reconciler/model/generated/api.ts';
import { shownToken } from './api.ts';

const [moved, setMoved] = createSignal(0);
const [connected, setConnected] = createSignal(false);

/** Counts up whenever something moved that a page may show; several moves in a moment are one. */
export const movedCount = moved;

/** Whether the daemon tells of moves by itself. */
export const isConnected = connected;

const settleMs = 150;
const shortestWaitMs = 500;
const longestWaitMs = 15_000;

let cursor: number | null = null;
let waitMs = shortestWaitMs;
let settling: ReturnType<typeof setTimeout> | undefined;

/** Listens to the daemon, and comes back to it for as long as the page is open. */
export function listen(): void {
  const address = new URL(cursor === null ? '/api/live' : `/api/live?cursor=${cursor}`, location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address, protocols());
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => hear(JSON.parse(data) as LiveBody));
  socket.addEventListener('open', () => {
    waitMs = shortestWaitMs;
    setConnected(true);
  });
  socket.addEventListener('close', () => {
    setConnected(false);
    setTimeout(listen, waitMs);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  });
}

function hear(event: LiveBody): void {
  cursor = event.cursor;
  if (event.kind === 'joined') return;
  settling ??= setTimeout(() => {
    settling = undefined;
    setMoved((count) => count + 1);
  }, settleMs);
}

/** A WebSocket has no header for it, so that the token goes as the name of a protocol. */
function protocols(): string[] {
  const token = shownToken();
  if (token === null) return ['plimsoll'];
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  return ['plimsoll', `bearer.${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`];
}
