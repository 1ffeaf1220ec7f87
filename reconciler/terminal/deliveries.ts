import type { DeliveryRecord, DeliveryResult } from '../model/delivery.ts';
import type { Paint } from './paint.ts';
import { singleLine } from './text.ts';
import { formatInstant } from './time.ts';

/** What `plimsoll deliveries` prints. Senders chose parts of it, so every part stays on its line. */
export function formatDeliveries(deliveries: readonly DeliveryRecord[], paint: Paint): string {
  if (deliveries.length === 0) return 'No delivery was received yet.';
  return deliveries.map((delivery) => formatDelivery(delivery, paint)).join('\n\n');
}

function formatDelivery(record: DeliveryRecord, paint: Paint): string {
  const { receiver, delivery, event, result, reason, hint, sender, receivedAt, durationMs, repeats } = record;
  const took = durationMs === null ? '' : ` in ${durationMs} ms`;
  // A sender's id has no white space; rows of what is counted have.
  const isCounted = delivery.includes(' ');
  const more = repeats === 0 ? '' : isCounted ? `, and ${repeats} more` : `, sent again ${repeats} times`;
  const head = `${formatInstant(receivedAt)}  ${paint.bold(receiver)}  ${formatResult(result, paint)}${took}${more}`;
  const origin = [event, isCounted ? '' : delivery, `from ${sender}`].filter((part) => part !== '');
  const lines = [...(hint === '' ? [] : [hint]), ...(reason === '' ? [] : [reason])].map(singleLine);
  return [`${head}  ${paint.dim(singleLine(origin.join(', ')))}`, ...lines.map((line) => `  ${line}`)].join(
    '\n',
  );
}

function formatResult(result: DeliveryResult | null, paint: Paint): string {
  switch (result) {
    case 'acted':
      return paint.green('acted');
    case 'ignored':
      return 'ignored';
    case 'refused':
      return paint.yellow('refused');
    case 'failed':
      return paint.red('failed');
    case null:
      return paint.yellow('under way');
    default:
      return result satisfies never;
  }
}
