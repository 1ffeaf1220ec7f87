import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../reconciler/model/secret.ts';
import { headerOf, refused, type Proof, type Verdict } from './proof.ts';
import { anyOf, isSameText } from './signature.ts';

/**
 * The Standard Webhooks way to sign, https://www.standardwebhooks.com: id, time and body together, so that neither an
 * old delivery nor an old body under a new id passes. GitLab's signing tokens and our own `plimsoll sync --url` use it.
 */
export const standardHeaders = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;

/** Either way, since clocks differ in both directions. */
const toleranceSeconds = 300;

export interface Signing {
  readonly id: string;
  /** Seconds since the epoch, in decimal digits. */
  readonly timestamp: string;
  readonly body: Buffer;
}

/** `v1,<base64 of HMAC-SHA256 over id.timestamp.body>`. A secret `whsec_…` is base64 of the key, any other is the key. */
export function signStandard({ id, timestamp, body }: Signing, secret: Secret): string {
  const text = secret.reveal();
  const key = text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : text;
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

export function isStandardSigned(headers: IncomingHttpHeaders): boolean {
  return headerOf(headers, standardHeaders.signature) !== '';
}

export function proveStandard({ headers, body, receivedAt }: Proof, secrets: readonly Secret[]): Verdict {
  const id = headerOf(headers, standardHeaders.id);
  const timestamp = headerOf(headers, standardHeaders.timestamp);
  const signatures = headerOf(headers, standardHeaders.signature).split(' ').slice(0, 5);
  if (id === '' || timestamp === '' || signatures[0] === '') {
    return refused(
      'SignatureMissing',
      'The delivery is not signed: it needs the headers webhook-id, webhook-timestamp and webhook-signature.',
    );
  }
  if (
    !/^[0-9]{1,12}$/.test(timestamp) ||
    Math.abs(receivedAt / 1000 - Number(timestamp)) > toleranceSeconds
  ) {
    return refused(
      'TimestampOld',
      'The time in webhook-timestamp is more than 5 minutes off. Sign it anew, and compare the clocks of both hosts.',
    );
  }
  if (body === null) return { kind: 'needsBody' };
  const isGenuine = anyOf(secrets, (secret) => {
    const expected = signStandard({ id, timestamp, body }, secret);
    return signatures.map((signature) => isSameText(signature, expected)).includes(true);
  });
  return isGenuine
    ? { kind: 'genuine' }
    : refused('SignatureWrong', 'The signature does not fit the secret.');
}
