declare const brand: unique symbol;
type Branded<Base, Tag extends string> = Base & { readonly [brand]: Tag };

/**
 * A name that a person chose (stack, service, network, volume, source) and that passed the one allow-list
 * pattern. Only such names may enter a path, a label or the name of an engine object.
 */
export type Name = Branded<string, 'Name'>;

/** A full Git commit id, 40 hexadecimal digits. */
export type Revision = Branded<string, 'Revision'>;

/** `v<version>:<sha256 hex>` over the canonical JSON of what a person said about a service. */
export type SpecHash = Branded<string, 'SpecHash'>;

/** Lower case letters, digits, `-` and `_`; starts and ends with a letter or digit; at most 63 characters. */
const namePattern = '^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$';

const nameExpression = new RegExp(namePattern);
const revisionExpression = /^[0-9a-f]{40}$/;
const specHashExpression = /^v[0-9]+:[0-9a-f]{64}$/;

export function isName(text: string): text is Name {
  return nameExpression.test(text);
}

export function isRevision(text: string): text is Revision {
  return revisionExpression.test(text);
}

export function isSpecHash(text: string): text is SpecHash {
  return specHashExpression.test(text);
}

/** What the engine is called where the operator's file names none. */
export const defaultEngine = name('default');

/** For names that our own code or an already validated manifest vouches for; a wrong one is a bug. */
export function name(text: string): Name {
  if (!isName(text)) throw new TypeError(`not a name: ${JSON.stringify(text)}`);
  return text;
}

export function revision(text: string): Revision {
  if (!isRevision(text)) throw new TypeError(`not a full commit id: ${JSON.stringify(text)}`);
  return text;
}

export function specHash(text: string): SpecHash {
  if (!isSpecHash(text)) throw new TypeError(`not a spec hash: ${JSON.stringify(text)}`);
  return text;
}

export function shortRevision(of: Revision): string {
  return of.slice(0, 7);
}

/** The container name of instance `number` (from 1) of a service. */
export function containerName(stack: Name, service: Name, number: number): string {
  return `${stack}-${service}-${number}`;
}

export interface InstanceKey {
  readonly stack: Name;
  readonly service: Name;
  readonly number: number;
}

/**
 * The name of a newcomer while the instance that it replaces still holds the real one. A dot is not part of any
 * Name, so it can be no other service's container, and the hash keeps two generations of newcomers apart.
 */
export function newcomerName(of: InstanceKey, hash: SpecHash): string {
  const digest = hash.slice(hash.indexOf(':') + 1);
  return `${containerName(of.stack, of.service, of.number)}.${digest.slice(0, 8)}`;
}

/** Whether a container of this name can be this instance: the real name or a newcomer's. */
export function isInstanceName(text: string, of: InstanceKey): boolean {
  const own = containerName(of.stack, of.service, of.number);
  return text === own || (text.startsWith(`${own}.`) && /^[0-9a-f]{8}$/.test(text.slice(own.length + 1)));
}

/** The engine's name of a network or volume that a stack declares as `name`, as Compose builds it. */
export function scopedName(stack: Name, own: Name): string {
  return `${stack}_${own}`;
}

/** Labels that begin so are ours to set; a manifest may not. */
export const reservedLabelPrefix = 'dev.plimsoll.';
