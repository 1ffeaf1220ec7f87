import { createHash } from 'node:crypto';
import type { ConfigAnswer } from '../../../reconciler/docker/wire.ts';
import type { SimulatedHost } from './host.ts';
import { Refusal } from './refusal.ts';

export interface SimulatedImage {
  readonly id: string;
  /** Of its manifest in the registry; null for one that was never there. */
  readonly digest: string | null;
  readonly config: ConfigAnswer;
  readonly program: Program;
}

/** What the process of a container does, told by its environment. */
export type Program = (environment: Readonly<Record<string, string>>) => Behaviour;

export interface Behaviour {
  /** Null: it runs until it is stopped. */
  readonly exit: { readonly afterMs: number; readonly code: number } | null;
  /** Health checks succeed from then on. */
  readonly readyAfterMs: number;
}

export function steady(): Behaviour {
  return { exit: null, readyAfterMs: 0 };
}

export interface NewImage {
  readonly config?: ConfigAnswer;
  readonly program?: Program;
}

/** Puts an image where it can be pulled from. What is said of it makes its digest. */
export function publishImage(
  host: SimulatedHost,
  reference: string,
  { config = {}, program = steady }: NewImage = {},
): SimulatedImage {
  const digest = digestOf(JSON.stringify([reference, config]));
  const image = { id: digestOf(digest), digest, config, program };
  host.registry.set(withTag(reference), image);
  return image;
}

/** Onto the engine, from the registry. Throws what the engine's pull would say. */
export function pullImage(host: SimulatedHost, reference: string): SimulatedImage {
  const image = findPublished(host, reference);
  if (image === undefined) {
    throw new Refusal(
      404,
      `manifest for ${withTag(reference)} not found: manifest unknown: manifest unknown`,
    );
  }
  loadImage(host, image, reference);
  return image;
}

export function loadImage(host: SimulatedHost, image: SimulatedImage, reference: string): void {
  host.images.set(image.id, image);
  if (!reference.includes('@')) host.tags.set(withTag(reference), image.id);
  host.events.emit({
    Type: 'image',
    Action: 'pull',
    Actor: { ID: reference, Attributes: { name: reference } },
  });
}

export function findPublished(host: SimulatedHost, reference: string): SimulatedImage | undefined {
  const [repository, digest] = reference.split('@');
  if (digest === undefined) return host.registry.get(withTag(reference));
  return [...host.registry].find(
    ([tag, image]) => tag.startsWith(`${repository}:`) && image.digest === digest,
  )?.[1];
}

/** By id, short id, reference or digest. */
export function findImage(host: SimulatedHost, reference: string): SimulatedImage | undefined {
  const byId = host.images.get(reference) ?? host.images.get(`sha256:${reference}`);
  if (byId !== undefined) return byId;
  const digest = reference.split('@')[1];
  if (digest !== undefined) return [...host.images.values()].find((image) => image.digest === digest);
  return host.images.get(host.tags.get(withTag(reference)) ?? '');
}

export function requireImage(host: SimulatedHost, reference: string): SimulatedImage {
  const image = findImage(host, reference);
  if (image === undefined) throw new Refusal(404, `No such image: ${withTag(reference)}`);
  return image;
}

export function removeImage(host: SimulatedHost, reference: string): void {
  const image = requireImage(host, reference);
  const tags = [...host.tags].filter(([, id]) => id === image.id).map(([tag]) => tag);
  const removed = tags.includes(withTag(reference)) ? [withTag(reference)] : tags;
  for (const tag of removed) host.tags.delete(tag);
  if (removed.length === tags.length) host.images.delete(image.id);
  const attributes = { name: reference };
  host.events.emit({ Type: 'image', Action: 'untag', Actor: { ID: image.id, Attributes: attributes } });
}

/** As `docker image inspect` shows it. */
export function describeImage(host: SimulatedHost, image: SimulatedImage): object {
  const tags = [...host.tags].filter(([, id]) => id === image.id).map(([tag]) => tag);
  const repositories = new Set(tags.map((tag) => tag.slice(0, tag.lastIndexOf(':'))));
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: image.digest === null ? [] : [...repositories].map((name) => `${name}@${image.digest}`),
    Created: '2026-01-01T00:00:00Z',
    Os: 'linux',
    Architecture: 'amd64',
    Size: 2_000_000,
    Config: { Env: null, Cmd: null, Entrypoint: null, Labels: null, Volumes: null, ...image.config },
  };
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

export function withTag(reference: string): string {
  if (reference.includes('@')) return reference;
  return reference.lastIndexOf(':') > reference.lastIndexOf('/') ? reference : `${reference}:latest`;
}
