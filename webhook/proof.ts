import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../reconciler/model/secret.ts';
import { isOneOf } from './signature.ts';

/** What a request brings to prove that its sender knows the secret. */
export interface Proof {
  readonly headers: IncomingHttpHeaders;
  /** The last part of the path, where it is a secret; else empty. */
  readonly pathSecret: string;
  /** The bytes as they came; null before they were read. */
  readonly body: Buffer | null;
  readonly receivedAt: number;
}

/** `needsBody`: nothing speaks against it, and only the body can tell. */
export type Verdict =
  | { readonly kind: 'genuine' }
  | { readonly kind: 'needsBody' }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly reason: string };

export type RefusalCode = 'SignatureMissing' | 'SignatureWrong' | 'TimestampOld' | 'SecretWrong';

export function refused(code: RefusalCode, reason: string): Verdict {
  return { kind: 'refused', code, reason };
}

/** The one value of a header, or empty. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/**
 * For senders that can add a header and no more: `Authorization: Bearer SECRET`, the secret as the password of basic
 * authentication, or the secret alone.
 */
export function proveAuthorization({ headers }: Proof, secrets: readonly Secret[]): Verdict {
  const value = headerOf(headers, 'authorization');
  if (value === '') {
    return refused('SecretWrong', 'The delivery has no Authorization header; the secret belongs there.');
  }
  if (isOneOf(secretIn(value), secrets)) return { kind: 'genuine' };
  return refused('SecretWrong', 'The secret in the Authorization header is not the one that is configured.');
}

function secretIn(authorization: string): string {
  const [, scheme = '', rest = ''] = /^(Bearer|Basic) +(.*)$/i.exec(authorization) ?? [];
  if (scheme === '') return authorization;
  if (scheme.toLowerCase() === 'bearer') return rest;
  const login = Buffer.from(rest, 'base64').toString('utf8');
  return login.slice(login.indexOf(':') + 1);
}

/** For senders that know nothing but an address: its last part is the secret. Basic authentication serves, too. */
export function provePath(proof: Proof, secrets: readonly Secret[]): Verdict {
  if (proof.pathSecret === '') return proveAuthorization(proof, secrets);
  if (isOneOf(proof.pathSecret, secrets)) return { kind: 'genuine' };
  return refused('SecretWrong', 'The secret at the end of the address is not the one that is configured.');
}
