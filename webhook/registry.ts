import type { Hint } from '../reconciler/model/hint.ts';
import type { Json } from '../reconciler/model/json.ts';
import type { Receiver } from '../reconciler/model/receiver.ts';
import { imageHint } from './image-name.ts';
import { ignoring, listAt, malformed, reading, textAt, type Reading } from './payload.ts';
import { proveAuthorization } from './proof.ts';
import type { Protocol } from './protocol.ts';

/** Docker's own registry: https://distribution.github.io/distribution/about/notifications/ */
export const registry: Protocol = {
  prove: proveAuthorization,
  deliveryOf: () => '',
  eventOf: (_, payload) => textAt(listAt(payload, 'events')?.[0], 'action') ?? '',
  read: (_, payload, receiver) => readEnvelope(payload, receiver),
};

/** A registry puts at most as many events into one notification as wait in its queue. */
const mostEvents = 100;

function readEnvelope(payload: Json, receiver: Receiver): Reading {
  const events = listAt(payload, 'events');
  if (events === null) return malformed('events');
  const hints = new Map<string, Hint>();
  for (const event of events.slice(0, mostEvents)) {
    if (textAt(event, 'action') !== 'push') continue;
    const repository = textAt(event, 'target', 'repository');
    const tag = textAt(event, 'target', 'tag');
    const host = receiver.registry ?? textAt(event, 'request', 'host');
    if (repository === null) return malformed('events.target.repository');
    // A layer, or one platform's part of an image.
    if (tag === null) continue;
    if (host === null) return malformed('events.request.host');
    const image = imageHint(`${host}/${repository}:${tag}`, textAt(event, 'target', 'digest'));
    if (image === null) return malformed('events.target.repository');
    hints.set(`${image.registry}/${image.repository}:${image.tag}`, image);
  }
  return hints.size === 0
    ? ignoring('No tag was pushed; pulls and layers change nothing.')
    : reading(...hints.values());
}
