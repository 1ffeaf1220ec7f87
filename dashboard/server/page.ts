import { SyncError } from '../../reconciler/model/error.ts';
import { compareText } from '../../reconciler/model/problem.ts';

/** A part of a list, asked for by key, so that it stays the same whatever comes before it meanwhile. */
export interface PageQuery {
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

export interface Page<Item> {
  readonly at: number;
  readonly items: Item[];
  readonly total: number | null;
  readonly next: string | null;
}

export interface Paging<Item> {
  readonly at: number;
  /** Unique, and the order of the list. */
  readonly keyOf: (item: Item) => string;
}

/** Keeps a page below 50 KB. */
export const longestPage = 100;
export const usualPage = 50;

/** The page of a list that is held in memory. */
export function pageOf<Item>(
  items: readonly Item[],
  { limit = usualPage, cursor }: PageQuery,
  { at, keyOf }: Paging<Item>,
): Page<Item> {
  const after = cursor === undefined ? null : readCursor(cursor);
  const keyed = items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => compareText(a.key, b.key))
    .filter(({ key }) => after === null || key > after);
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  return {
    at,
    items: page.map(({ item }) => item),
    total: items.length,
    next: keyed.length > limit && last !== undefined ? writeCursor(last.key) : null,
  };
}

function writeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (writeCursor(key) === cursor) return key;
  throw new SyncError(
    'RequestInvalid',
    'The cursor is not one that a page returned; begin again without a cursor.',
  );
}
