import type { ObservedImage } from '../model/observed.ts';
import { readTime } from './container.ts';
import { readExpose, sorted } from './network-fields.ts';
import { cleanPath, readImageProcess } from './process-fields.ts';
import type { ImageAnswer } from './wire.ts';

export function readImage(answer: ImageAnswer): ObservedImage {
  const config = answer.Config ?? {};
  return {
    id: answer.Id,
    taggedAt: readTime(answer.Metadata?.LastTagTime),
    repoDigests: sorted(answer.RepoDigests ?? []),
    config: {
      ...readImageProcess(config),
      expose: readExpose(config),
      volumes: sorted(Object.keys(config.Volumes ?? {}).map(cleanPath)),
      platform: readPlatform(answer),
    },
  };
}

function readPlatform({ Os, Architecture, Variant }: ImageAnswer): string {
  return [Os, Architecture, Variant].filter((part) => part).join('/');
}

/** A reference taken apart as Docker does, with the names that people leave out put in. */
export interface ImageReference {
  /** `docker.io` where none is written. */
  readonly registry: string;
  /** With the registry where it is written, without tag and digest: what pulls and digests are named by. */
  readonly repository: string;
  /** A tag, or a digest, which wins; `latest` where neither is written. */
  readonly tag: string;
}

/** Distribution's rule: a first part with a dot, a colon or `localhost` is a registry. */
export function parseReference(reference: string): ImageReference {
  const [bare = '', digest] = reference.split('@');
  const colon = bare.lastIndexOf(':');
  const hasTag = colon > bare.lastIndexOf('/');
  const repository = hasTag ? bare.slice(0, colon) : bare;
  const tag = digest ?? (hasTag ? bare.slice(colon + 1) : 'latest');
  const [first = ''] = repository.split('/');
  const isRegistry = repository.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const registry = isRegistry ? first : 'docker.io';
  return { registry: registry === 'index.docker.io' ? 'docker.io' : registry, repository, tag };
}
