import { randomBytes } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import type { DeliveryTally } from '../reconciler/model/delivery.ts';
import { isSyncError } from '../reconciler/model/error.ts';
import type { Hint } from '../reconciler/model/hint.ts';
import type { Receiver } from '../reconciler/model/receiver.ts';
import { Secret } from '../reconciler/model/secret.ts';
import { receiveHint } from '../reconciler/sync/receive.ts';
import type { World } from '../reconciler/sync/world.ts';
import { createAllowances } from './allowances.ts';
import { createDeferral } from './deferral.ts';
import { admit, receive, type DoorParts } from './door.ts';
import { limitAddresses } from './limit-addresses.ts';
import { provePath } from './proof.ts';
import { answerError, ReceiverError } from './refusal.ts';
import { createTallies } from './tallies.ts';

export interface ReceiveOptions {
  readonly world: World;
  readonly receivers: readonly Receiver[];
  readonly onBug: (error: unknown) => void;
}

/** GitHub sends up to 25 MB, and a push needs a small part of this; nothing larger is read. */
const largestBodyBytes = 1024 * 1024;
/** For each repository; what comes above is looked at together, a moment later. */
const allowance = { burst: 100, perSecond: 2, mostKeys: 1_000 };
const deferredForMs = 1_000;

/** Mounts `POST /hooks/<name>` for each configured receiver, and nothing else. Decides nothing: a delivery only wakes. */
export async function mountReceivers(server: FastifyInstance, options: ReceiveOptions): Promise<void> {
  const { world, receivers, onBug } = options;
  const tallies = createTallies({ write: (tally) => recordTally(world, tally), onBug });
  const deferral = createDeferral({
    afterMs: deferredForMs,
    receive: (receiver, hint) => receiveDeferred(world, receiver, hint),
    onBug,
  });
  const parts: DoorParts = { world, tallies, deferral, allowances: createAllowances(allowance) };

  server.setErrorHandler((error: FastifyError, _, reply) => answerError(error, reply, onBug));
  await limitAddresses(server);
  readRawBodies(server);
  for (const receiver of receivers) mountReceiver(server, receiver, parts);
  server.all('/hooks/*', refuseUnknown);
  server.addHook('onClose', async () => {
    await deferral.close();
    await tallies.close();
  });
}

async function receiveDeferred(world: World, receiver: Receiver, hint: Hint): Promise<void> {
  try {
    await receiveHint(world, hint, receiver.sources);
  } catch (error) {
    // The store is away; the next poll finds the work.
    if (!isSyncError(error)) throw error;
  }
}

async function recordTally({ store, notifier }: World, tally: DeliveryTally): Promise<void> {
  const { receiver, result, reason, count } = tally;
  if (result === 'refused') notifier.notify({ kind: 'deliveryReceived', receiver, result, reason, count });
  await store.recordTally(tally);
}

/** Signatures are over the bytes as they came. The limit holds while they are read, whatever the request says of its length. */
function readRawBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestBodyBytes }, (_, body, done) =>
    done(null, body),
  );
}

function mountReceiver(server: FastifyInstance, receiver: Receiver, parts: DoorParts): void {
  const path = `/hooks/${receiver.name}`;
  // Only who cannot send a header has its secret in the address, where proxies may log it.
  const paths = receiver.provider === 'dockerhub' ? [path, `${path}/:secret`] : [path];
  for (const url of paths) {
    server.route({
      method: 'POST',
      url,
      bodyLimit: largestBodyBytes,
      preParsing: (request) => admit({ receiver, parts, request }),
      handler: (request, reply) => receive({ receiver, parts, request }, reply),
    });
  }
}

const nobodysSecret = new Secret(randomBytes(32).toString('hex'));

/** As much work as for a wrong secret in the address, so that time does not tell which names exist. */
function refuseUnknown({ headers, url }: FastifyRequest): never {
  provePath({ headers, pathSecret: url, body: null, receivedAt: 0 }, [nobodysSecret]);
  throw ReceiverError.unknown();
}
