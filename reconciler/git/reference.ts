import { SyncError } from '../model/error.ts';
import { isRevision, type Revision } from '../model/ids.ts';

/** What a source follows: one commit for ever, or the first of these refs that exists. */
export type Reference =
  | { readonly kind: 'commit'; readonly revision: Revision }
  | { readonly kind: 'names'; readonly names: readonly string[] };

/** One line of a ref advertisement. */
export interface AdvertisedRef {
  readonly name: string;
  readonly id: string;
  /** What an annotated tag points at in the end, or null. */
  readonly peeled: string | null;
}

/** A revision and the object that a server must be asked for to get it: for an annotated tag, the tag itself. */
export interface Target {
  readonly revision: string;
  readonly want: string;
}

/**
 * Reads a configured ref: a full commit id, a full ref name, `HEAD` (the remote's default branch), or a plain name,
 * which is a branch if there is one and a tag otherwise, as in `git clone --branch`.
 */
export function parseReference(ref: string): Reference {
  if (isRevision(ref)) return { kind: 'commit', revision: ref };
  if (!isRefName(ref)) {
    throw new SyncError(
      'ConfigInvalid',
      `The ref ${JSON.stringify(ref)} is not the name of a branch or tag. Write a branch, a tag, refs/heads/…, ` +
        'refs/tags/…, HEAD, or a commit id with all its 40 digits.',
    );
  }
  if (ref === 'HEAD' || ref.startsWith('refs/')) return { kind: 'names', names: [ref] };
  return { kind: 'names', names: [`refs/heads/${ref}`, `refs/tags/${ref}`] };
}

export function targetOf(ref: AdvertisedRef): Target {
  return { revision: ref.peeled ?? ref.id, want: ref.id };
}

export function refNotFound(names: readonly string[], display: string): SyncError {
  if (names.includes('HEAD')) {
    return new SyncError(
      'RefNotFound',
      `${display} has no commit yet, or its HEAD names a branch that is not there. Commit, or name a ref; nothing is changed until then.`,
      { data: { ref: 'HEAD' } },
    );
  }
  const looksAbbreviated = names.some((name) => /^refs\/heads\/[0-9a-f]{7,39}$/.test(name));
  const remedy = looksAbbreviated
    ? 'For a commit, write all 40 digits of its id.'
    : 'Commit or push it, or correct the ref of the source.';
  return new SyncError(
    'RefNotFound',
    `${display} has no ${names.join(' and no ')}. Nothing is changed for as long as it is missing. ${remedy}`,
    { data: { ref: names[0] ?? '' } },
  );
}

/** The rules of `git check-ref-format`. */
function isRefName(text: string): boolean {
  if (text === '' || text === '@' || text.length > 1024) return false;
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(text) || text.includes('..') || text.includes('@{')) return false;
  if (text.startsWith('-') || text.endsWith('.')) return false;
  return text.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
