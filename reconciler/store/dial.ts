import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What the driver has made of an address; several hosts are the members of one cluster. */
interface Target {
  readonly path: string | false;
  readonly host: readonly string[];
  readonly port: readonly number[];
}

/** Far beyond any statement of ours, a migration included: whoever is silent for so long is gone. */
const silenceMs = 300_000;
const longestPauseMs = 1_000;

/**
 * Opens the sockets of the driver. By itself it would wait a quarter of an hour for a server that vanished from the
 * network, and dial without a pause and for ever when somebody accepts and hangs up, as a proxy without a server
 * behind it does.
 */
export function createDialer(ready = alwaysReady): (target: Target) => Promise<Socket> {
  let dialled = 0;
  let inVain = 0;
  let last: Socket | null = null;
  return async (target) => {
    await ready();
    inVain = last?.destroyed === true && last.bytesRead === 0 ? inVain + 1 : 0;
    if (inVain > 0) await delay(Math.min(longestPauseMs, 5 * 2 ** inVain));
    const socket = open(target, dialled);
    socket.setTimeout(silenceMs, () => socket.destroy());
    tellCloseLate(socket);
    dialled += 1;
    last = socket;
    return socket;
  };
}

/**
 * The driver writes at the end of a turn of the event loop. A close that comes before that leaves it with bytes for a
 * connection that is gone, which it sends to the next one, and never gets an answer there.
 */
function tellCloseLate(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (...event: readonly unknown[]) => boolean;
  socket.emit = ((...event: readonly unknown[]) => {
    if (event[0] !== 'close') return emit(...event);
    setImmediate(() => setImmediate(() => emit(...event)));
    return true;
  }) as Socket['emit'];
}

async function alwaysReady(): Promise<void> {}

/** The driver reads the host's name from the socket when it secures the connection. */
function open({ path, host, port }: Target, dialled: number): Socket {
  if (path !== false) return connect(path);
  const index = dialled % host.length;
  const target = { host: host[index] ?? '', port: port[index] ?? 0 };
  return Object.assign(connect(target), target);
}
