import type { ImageHint } from '../reconciler/model/hint.ts';

const referencePattern =
  /^([A-Za-z0-9][A-Za-z0-9._:/-]*?)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/**
 * An image as people write it, taken apart as Docker does: a first part with a dot or a colon, or `localhost`, is a
 * registry; Docker Hub's own images stand below `library/`. Null for what is no image.
 */
export function imageHint(reference: string, digest: string | null): ImageHint | null {
  const [, name = '', tag = null, ownDigest = null] = referencePattern.exec(reference) ?? [];
  const [first = '', ...rest] = name.toLowerCase().split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasRegistry ? rest : [first, ...rest];
  if (path.some((part) => part === '' || part.includes(':'))) return null;
  const registry = hasRegistry ? first.replace(/^(index|registry-1)\.docker\.io$/, 'docker.io') : 'docker.io';
  const isOfficial = registry === 'docker.io' && path.length === 1;
  return {
    kind: 'image',
    registry,
    repository: isOfficial ? `library/${path.join('/')}` : path.join('/'),
    tag,
    digest: digest ?? ownDigest,
  };
}
