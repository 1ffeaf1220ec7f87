import { digestIn } from './image.ts';

/** With registry and namespace, which people leave out for Docker Hub. */
export function fullReference(reference: string): string {
  const [first = ''] = reference.split('/');
  const hasRegistry = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  if (hasRegistry) return reference;
  return reference.includes('/') ? `docker.io/${reference}` : `docker.io/library/${reference}`;
}

/** Neither a digest nor a tag that says which version it is. */
export function isUnpinned(reference: string): boolean {
  if (digestIn(reference) !== null) return false;
  const tag = /:([^/:]+)$/.exec(reference)?.[1] ?? 'latest';
  return tag === 'latest';
}
