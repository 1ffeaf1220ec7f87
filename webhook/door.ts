import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DeliveryTally } from '../reconciler/model/delivery.ts';
import type { Hint } from '../reconciler/model/hint.ts';
import type { Json } from '../reconciler/model/json.ts';
import type { Receiver } from '../reconciler/model/receiver.ts';
import { answerDelivery, deliveryKey, type AnswerParts } from './answer.ts';
import { isReadable, parseBody } from './body.ts';
import type { Proof, Verdict } from './proof.ts';
import { protocols } from './protocol.ts';
import { ReceiverError } from './refusal.ts';
import type { Tallies } from './tallies.ts';

export interface DoorParts extends AnswerParts {
  readonly tallies: Tallies;
}

/** One request at one receiver. */
export interface Visit {
  readonly receiver: Receiver;
  readonly parts: DoorParts;
  readonly request: FastifyRequest;
}

const retryAfterSeconds = 30;
const empty = Buffer.alloc(0);

/** Before the body is read: throws for whoever cannot have the secret, or brings nothing that could be read. */
export async function admit(visit: Visit): Promise<void> {
  const { receiver, request } = visit;
  accept(visit, await protocols[receiver.provider].prove(proofOf(visit, null), receiver.secrets));
  const type = mediaType(request);
  if (type !== '' && !isReadable(type)) {
    const reason = `A body of type ${type} cannot be read. Let the webhook send application/json.`;
    refuse(visit, { status: 415, code: 'TypeUnsupported', reason });
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    const reason = 'A compressed body cannot be read. Let the webhook send it as it is.';
    refuse(visit, { status: 415, code: 'EncodingUnsupported', reason });
  }
}

/** With the body: verifies, reads, and answers with what came of it. */
export async function receive(visit: Visit, reply: FastifyReply): Promise<void> {
  const { receiver, parts, request } = visit;
  const protocol = protocols[receiver.provider];
  const body = Buffer.isBuffer(request.body) ? request.body : empty;
  const verdict = await protocol.prove(proofOf(visit, body), receiver.secrets);
  accept(visit, verdict);
  if (verdict.kind !== 'genuine')
    throw new TypeError(`${receiver.provider} cannot tell with the body either`);
  const payload = readPayload(visit, body);
  const event = protocol.eventOf(request.headers, payload).slice(0, 60);
  const hints = readHints(visit, event, payload);
  const [only] = hints;
  if (hints.length === 1 && only?.kind === 'ignored') {
    tally(visit, { result: 'ignored', code: event, event, reason: only.reason });
    await reply.code(202).send({ result: 'ignored', reason: only.reason });
    return;
  }
  const delivery = deliveryKey(protocol.deliveryOf(request.headers), body);
  const receivedAt = parts.world.clock.now();
  const genuine = { receiver, hints, delivery, event, sender: request.ip, receivedAt };
  const { status, ...answer } = await answerDelivery(parts, genuine);
  if (status === 503) reply.header('retry-after', retryAfterSeconds);
  await reply.code(status).send({ ...answer, delivery });
}

function proofOf({ parts, request }: Visit, body: Buffer | null): Proof {
  const { secret = '' } = request.params as { readonly secret?: string };
  return { headers: request.headers, body, pathSecret: secret, receivedAt: parts.world.clock.now() };
}

/** A wrong secret in the address is answered like an address that does not exist. */
function accept(visit: Visit, verdict: Verdict): void {
  if (verdict.kind !== 'refused') return;
  tally(visit, { result: 'refused', code: verdict.code, event: '', reason: verdict.reason });
  if (proofOf(visit, null).pathSecret !== '') throw ReceiverError.unknown();
  throw new ReceiverError(401, verdict.code, verdict.reason);
}

function readPayload(visit: Visit, body: Buffer): Json {
  const parsed = parseBody(body, mediaType(visit.request));
  if (parsed.kind === 'json') return parsed.payload;
  return refuse(visit, { status: 400, code: 'BodyUnreadable', reason: parsed.reason });
}

function readHints(visit: Visit, event: string, payload: Json): readonly Hint[] {
  const { receiver } = visit;
  const reading = protocols[receiver.provider].read(event, payload, receiver);
  if (reading.kind === 'hints') return reading.hints;
  const reason = `In a "${event}" of ${receiver.provider}, ${reading.part} is missing or not as it should be.`;
  return refuse(visit, { status: 422, code: 'PayloadMalformed', reason });
}

interface RefusalAnswer {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
}

function refuse(visit: Visit, { status, code, reason }: RefusalAnswer): never {
  tally(visit, { result: 'refused', code, event: '', reason });
  throw new ReceiverError(status, code, reason);
}

function tally(
  { receiver, parts: { tallies, world }, request }: Visit,
  what: Pick<DeliveryTally, 'result' | 'code' | 'event' | 'reason'>,
): void {
  tallies.add({ ...what, receiver: receiver.name, sender: request.ip, at: world.clock.now() });
}

function mediaType({ headers }: FastifyRequest): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
