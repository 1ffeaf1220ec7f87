import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../reconciler/model/secret.ts';

/** Whether the hexadecimal HMAC-SHA256 of the body fits one of the secrets. */
export function isSignedHex(body: Buffer, signature: string, secrets: readonly Secret[]): boolean {
  return anyOf(secrets, (secret) =>
    isSameText(signature.toLowerCase(), createHmac('sha256', secret.reveal()).update(body).digest('hex')),
  );
}

/** Whether a text is one of the secrets. */
export function isOneOf(text: string, secrets: readonly Secret[]): boolean {
  return anyOf(secrets, (secret) => isSameText(text, secret.reveal()));
}

/** Takes as long whatever the texts are: digests are compared, so that not even the length shows. */
export function isSameText(left: string, right: string): boolean {
  return timingSafeEqual(digestOf(left), digestOf(right));
}

/** Asks about each, so that the time does not tell which one it was. */
export function anyOf(secrets: readonly Secret[], test: (secret: Secret) => boolean): boolean {
  return secrets.map(test).includes(true);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
