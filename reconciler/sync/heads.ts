import type { Name } from '../model/ids.ts';
import type { Head, HeadRecord, Store } from '../model/ports.ts';

/** The revision of each source, as the last of those who looked found it. Who syncs from another one looks first. */
export interface Heads {
  all(): Promise<ReadonlyMap<Name, Head>>;
  /** False when somebody else recorded one since: what was read is older than that, and is looked at again. */
  record(record: HeadRecord): Promise<boolean>;
}

/** Those of all daemons on one store. */
export function createHeads(store: Store): Heads {
  return { all: () => store.heads(), record: (record) => store.recordHead(record) };
}

/** Those of a command, which reads what it was told to read: nobody is to follow it, and nothing is asked for. */
export function createOwnHeads(): Heads {
  const heads = new Map<Name, Head>();
  return {
    all: () => Promise.resolve(heads),
    record({ source, revision, after }) {
      heads.set(source, { revision, number: after + 1 });
      return Promise.resolve(true);
    },
  };
}
