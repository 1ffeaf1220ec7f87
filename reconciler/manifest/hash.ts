import { createHash } from 'node:crypto';
import type { DesiredNetwork, DesiredService, DesiredVolume } from '../model/desired.ts';
import { specHash, type SpecHash } from '../model/ids.ts';
import { canonicalJson, type Json, type JsonRecord } from '../model/json.ts';

/** What of a service makes another container of it. */
export type Hashed = Pick<DesiredService, 'container' | 'lifecycle'>;

/**
 * The hash of what a person said about a service: `v1:` and the sha256 of canonical JSON.
 *
 * What goes in: the container as said, and whether it is a job. What does not: rollout, drift, replicas, pull policy,
 * dependencies, owner, revision, and everything that nobody said, since the image and the engine decide that.
 *
 * A release must not recreate anybody's containers, so a hash never changes for a service that did not. A new field of
 * the container is absent where it was not said and so changes nothing. Inside the records that have a shape of our own
 * (a mount, a port, an attachment …) every member is always there, so those at zero (null, false, 0, empty) are left
 * out: a new member whose zero means "not said" changes nothing either. Anything else needs a new version, and then the
 * old algorithm stays for what was made with it.
 */
export function hashService(service: Hashed): SpecHash {
  return hashAs.v1(service);
}

/** `sha256:…` of a text, to tell later whether it is still the same. */
export function digestText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** By version. An old container is compared with the algorithm of its own hash, and then adopted. */
const hashAs: Readonly<Record<'v1', (service: Hashed) => SpecHash>> = { v1: hashV1 };

/** The hash with the algorithm of another hash; null when this release does not know that version. */
export function hashLike(other: SpecHash, service: Hashed): SpecHash | null {
  return other.startsWith('v1:') ? hashAs.v1(service) : null;
}

function hashV1({ container, lifecycle }: Hashed): SpecHash {
  const fields = Object.entries(container).map(
    ([field, value]) => [field, plain(value, shaped.has(field))] as const,
  );
  const said: JsonRecord = {
    container: Object.fromEntries(fields),
    ...(lifecycle === 'job' && { lifecycle }),
  };
  return specHash(`v1:${createHash('sha256').update(canonicalJson(said)).digest('hex')}`);
}

/** The digest of what a network or a volume is to be: nothing of it can be read from this. */
export function definitionDigest(of: DesiredNetwork | DesiredVolume): string {
  return `sha256:${createHash('sha256')
    .update(canonicalJson(plain(of, false)))
    .digest('hex')}`;
}

/** Fields whose records have a shape of our own. In the others (environment, labels …) every entry is a person's. */
const shaped: ReadonlySet<string> = new Set([
  'configs',
  'healthcheck',
  'logging',
  'mounts',
  'networks',
  'ports',
  'restart',
  'ulimits',
]);

/** The value as JSON, without zeros in records where they mean "not said". */
function plain(value: unknown, isShaped: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => plain(item, isShaped));
  if (typeof value === 'object' && value !== null) return plainRecord(Object.entries(value), isShaped);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function plainRecord(entries: readonly (readonly [string, unknown])[], isShaped: boolean): JsonRecord {
  const kept = entries.filter(([, member]) => member !== undefined && !(isShaped && isZero(member)));
  // The options of a log driver are a person's words again.
  return Object.fromEntries(kept.map(([key, member]) => [key, plain(member, isShaped && key !== 'options')]));
}

function isZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === 0 || value === '';
}
