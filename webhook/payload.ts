import type { Hint, PushHint } from '../reconciler/model/hint.ts';
import { isRevision, type Revision } from '../reconciler/model/ids.ts';
import { isJsonRecord, type Json } from '../reconciler/model/json.ts';
import {
  isSameRepository,
  repositoryIdentity,
  type RepositoryIdentity,
} from '../reconciler/model/repository.ts';

/** What a payload comes to, or which part of it is not as its sender documents it. */
export type Reading =
  | { readonly kind: 'hints'; readonly hints: readonly Hint[] }
  | { readonly kind: 'malformed'; readonly part: string };

export function reading(...hints: readonly Hint[]): Reading {
  return { kind: 'hints', hints };
}

export function ignoring(reason: string): Reading {
  return reading({ kind: 'ignored', reason });
}

export function malformed(part: string): Reading {
  return { kind: 'malformed', part };
}

/** The value at a path of own properties, or undefined. Payloads are strangers' data: nothing inherited counts. */
export function valueAt(payload: Json | undefined, ...path: readonly string[]): Json | undefined {
  let value = payload;
  for (const key of path) {
    if (!isJsonRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A text that is not empty, or null. */
export function textAt(payload: Json | undefined, ...path: readonly string[]): string | null {
  const value = valueAt(payload, ...path);
  return typeof value === 'string' && value !== '' && value.length <= 2048 ? value : null;
}

/** A whole number from 1, or null. */
export function numberAt(payload: Json | undefined, ...path: readonly string[]): number | null {
  const value = valueAt(payload, ...path);
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

export function listAt(payload: Json | undefined, ...path: readonly string[]): readonly Json[] | null {
  const value = valueAt(payload, ...path);
  return Array.isArray(value) ? value : null;
}

/** The repository that a forge names by several addresses, its own first; null when none of them is one. */
export function repositoryFrom(
  addresses: readonly (string | null)[],
): Pick<PushHint, 'repository' | 'addresses'> | null {
  const identities: RepositoryIdentity[] = [];
  for (const address of addresses) {
    const identity = address === null ? null : repositoryIdentity(address);
    if (identity !== null && !identities.some((known) => isSameRepository(known, identity)))
      identities.push(identity);
  }
  const [repository] = identities;
  return repository === undefined ? null : { repository, addresses: identities };
}

/** A commit id of a push; all noughts stand for "there is none". */
export function pushedRevision(text: string | null): Revision | 'unknown' | null {
  if (text === null) return 'unknown';
  if (/^0+$/.test(text)) return null;
  return isRevision(text) ? text : 'unknown';
}

export function knownRevision(text: string | null): Revision | null {
  const revision = pushedRevision(text);
  return revision === 'unknown' ? null : revision;
}

/** A forge lists no more commits than this; what it left out touched files, too. */
const mostListedCommits = 20;

/** The files that the commits of a push name, or null where the list may be cut. */
export function pathsOf(commits: readonly Json[] | null): readonly string[] | null {
  if (commits === null || commits.length === 0 || commits.length >= mostListedCommits) return null;
  const lists = commits.flatMap((commit) =>
    ['added', 'modified', 'removed'].map((key) => listAt(commit, key)),
  );
  if (lists.some((list) => list === null)) return null;
  const paths = lists.flatMap((list) => list ?? []).filter((path) => typeof path === 'string');
  return [...new Set(paths)].sort();
}
