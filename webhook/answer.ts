import { createHash } from 'node:crypto';
import type { DeliveryRecord, DeliveryResult } from '../reconciler/model/delivery.ts';
import { isSyncError } from '../reconciler/model/error.ts';
import { describeHint, type Hint, type HintAnswer } from '../reconciler/model/hint.ts';
import type { Receiver } from '../reconciler/model/receiver.ts';
import { formatRepository } from '../reconciler/model/repository.ts';
import { receiveHint } from '../reconciler/sync/receive.ts';
import type { World } from '../reconciler/sync/world.ts';
import type { Allowances } from './allowances.ts';
import type { Deferral } from './deferral.ts';

/** What the sender is told. */
export interface Answer {
  readonly status: 200 | 202 | 503;
  readonly result: 'acted' | 'ignored' | 'deferred' | 'replayed' | 'failed';
  readonly reason: string;
}

/** A delivery that has proven itself and could be read. */
export interface Genuine extends Pick<DeliveryRecord, 'delivery' | 'event' | 'sender' | 'receivedAt'> {
  readonly receiver: Receiver;
  readonly hints: readonly Hint[];
}

export interface AnswerParts {
  readonly world: World;
  readonly allowances: Allowances;
  readonly deferral: Deferral;
}

/** Records a genuine delivery, does what it asks for once, and says what that was. */
export async function answerDelivery(parts: AnswerParts, genuine: Genuine): Promise<Answer> {
  const { world, allowances, deferral } = parts;
  const { receiver, hints, receivedAt } = genuine;
  const subject = hints.map(subjectOf).find((known) => known !== null) ?? null;
  if (subject !== null && !allowances.take(`${receiver.name} ${subject}`, receivedAt)) {
    for (const hint of hints) deferral.defer(receiver, hint);
    return {
      status: 202,
      result: 'deferred',
      reason: `More comes from ${subject} than is looked at one by one; it is looked at in a moment.`,
    };
  }
  return recorded(world, genuine);
}

async function recorded(world: World, { receiver, hints, ...begin }: Genuine): Promise<Answer> {
  const which = { receiver: receiver.name, delivery: begin.delivery };
  try {
    const hint = [...new Set(hints.map(describeHint))].join('; ').slice(0, 500);
    const isNew = await world.store.beginDelivery({ ...begin, receiver: receiver.name, hint });
    if (!isNew)
      return {
        status: 200,
        result: 'replayed',
        reason: 'This delivery was received before; it has no further effect.',
      };
    const answers: HintAnswer[] = [];
    for (const hint of hints) answers.push(await receiveHint(world, hint, receiver.sources));
    const result = answers.some((answer) => answer.result === 'acted') ? 'acted' : 'ignored';
    const relevant = answers.filter((answer) => answer.result === result);
    const reason = [...new Set(relevant.map((answer) => answer.reason))].join(' ').slice(0, 1000);
    const durationMs = world.clock.now() - begin.receivedAt;
    await world.store.finishDelivery(which, { result, reason, durationMs });
    tell(world, receiver, { result, reason });
    return { status: 202, result, reason };
  } catch (error) {
    if (!isSyncError(error)) throw error;
    tell(world, receiver, { result: 'failed', reason: error.message });
    return failed(world, { which, reason: error.message, receivedAt: begin.receivedAt });
  }
}

function tell(
  { notifier }: World,
  { name }: Receiver,
  { result, reason }: Pick<HintAnswer, 'reason'> & { readonly result: DeliveryResult },
): void {
  notifier.notify({ kind: 'deliveryReceived', receiver: name, result, reason, count: 1 });
}

interface Failure {
  readonly which: Pick<DeliveryRecord, 'receiver' | 'delivery'>;
  readonly reason: string;
  readonly receivedAt: number;
}

/** So that the sender's next attempt counts. A store that is away for this, too, ends the row by its age. */
async function failed(world: World, { which, reason, receivedAt }: Failure): Promise<Answer> {
  try {
    const durationMs = world.clock.now() - receivedAt;
    await world.store.finishDelivery(which, { result: 'failed', reason, durationMs });
  } catch (error) {
    if (!isSyncError(error)) throw error;
  }
  return { status: 503, result: 'failed', reason };
}

/** What the allowance counts: a repository of either kind. */
function subjectOf(hint: Hint): string | null {
  switch (hint.kind) {
    case 'push':
    case 'pullRequest':
      return formatRepository(hint.repository);
    case 'image':
      return `${hint.registry}/${hint.repository}`;
    case 'look':
      return hint.source ?? 'all sources';
    case 'ping':
    case 'ignored':
      return null;
    default:
      return hint satisfies never;
  }
}

/** The sender's own id where it is fit for a record, else one of the content: the same delivery has the same. */
export function deliveryKey(given: string, body: Buffer): string {
  if (/^[\x21-\x7e]{1,100}$/.test(given)) return given;
  const hash = createHash('sha256').update(given).update('\n').update(body);
  return `sha256:${hash.digest('hex').slice(0, 32)}`;
}
