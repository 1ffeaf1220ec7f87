import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary.ts';

/** A second socket for an engine, which fails on demand as a network does. */
export interface Relay {
  readonly path: string;
  /** Cuts all connections, and takes no new ones while true. */
  refuse(isRefusing: boolean): void;
  /** Cuts event streams, and takes no new ones while true. */
  dropEvents(isDropping: boolean): void;
  /** Keeps event streams open and lets nothing through; what happened lately can still be asked for. */
  muteEvents(isMuted: boolean): void;
  /** Cuts the next answer to a request whose first line matches, after so many bytes; 0 keeps it waiting for ever. */
  cutAnswer(line: RegExp, afterBytes: number): void;
  /** Answers 500 to every request whose first line matches, until null. */
  breakAnswers(line: RegExp | null): void;
  close(): Promise<void>;
}

interface Faults {
  isRefusing: boolean;
  isDropping: boolean;
  isMuted: boolean;
  cut: { readonly line: RegExp; readonly afterBytes: number } | null;
  broken: RegExp | null;
}

interface Pair {
  readonly client: Socket;
  readonly engine: Socket;
  isEventStream: boolean;
  isFollowing: boolean;
  bytesLeft: number;
}

export async function startRelay(target: string): Promise<Relay> {
  const path = join(temporaryDirectory(), 'relay.sock');
  const pairs = new Set<Pair>();
  const faults: Faults = { isRefusing: false, isDropping: false, isMuted: false, cut: null, broken: null };
  const server = createServer((client) => accept(client));
  const accept = (client: Socket): void => {
    if (faults.isRefusing) return void client.destroy();
    const pair = {
      client,
      engine: connect(target),
      isEventStream: false,
      isFollowing: false,
      bytesLeft: Number.POSITIVE_INFINITY,
    };
    pairs.add(pair);
    pair.client.on('data', (chunk) => ask(pair, chunk, faults));
    pair.engine.on('data', (chunk) => answer(pair, chunk, faults));
    const end = (): void => {
      pairs.delete(pair);
      pair.client.destroy();
      pair.engine.destroy();
    };
    for (const socket of [pair.client, pair.engine]) socket.on('error', end).on('close', end);
  };
  const cutAll = (isMeant: (pair: Pair) => boolean): void => {
    for (const pair of pairs) if (isMeant(pair)) pair.client.destroy();
  };
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    refuse(isRefusing) {
      faults.isRefusing = isRefusing;
      if (isRefusing) cutAll(() => true);
    },
    dropEvents(isDropping) {
      faults.isDropping = isDropping;
      if (isDropping) cutAll(({ isEventStream }) => isEventStream);
    },
    muteEvents(isMuted) {
      faults.isMuted = isMuted;
    },
    cutAnswer(line, afterBytes) {
      faults.cut = { line, afterBytes };
    },
    breakAnswers(line) {
      faults.broken = line;
    },
    async close() {
      cutAll(() => true);
      server.close();
      await once(server, 'close');
    },
  };
}

function ask(pair: Pair, chunk: Buffer, faults: Faults): void {
  const line = chunk.toString('latin1').split('\r\n')[0] ?? '';
  if (/^GET \S*\/events\?/.test(line)) {
    pair.isEventStream = true;
    pair.isFollowing = !line.includes('until=');
  }
  if (pair.isEventStream && faults.isDropping) return void pair.client.destroy();
  if (faults.cut?.line.test(line) === true) {
    pair.bytesLeft = faults.cut.afterBytes;
    faults.cut = null;
  }
  if (faults.broken?.test(line) === true) return void pair.client.write(internalError);
  pair.engine.write(chunk);
}

const body = JSON.stringify({ message: 'the engine has a bug' });
const internalError = `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function answer(pair: Pair, chunk: Buffer, faults: Faults): void {
  if ((faults.isMuted && pair.isFollowing) || pair.bytesLeft === 0) return;
  pair.client.write(chunk.subarray(0, pair.bytesLeft));
  if (chunk.length < pair.bytesLeft) pair.bytesLeft -= chunk.length;
  else pair.client.destroySoon();
}
