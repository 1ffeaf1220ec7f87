import { createHash } from 'node:crypto';
import { revision as revisionOf, type Name, type Revision } from '../../reconciler/model/ids.ts';
import type { Source, SourceSnapshot } from '../../reconciler/model/ports.ts';
import { compareText } from '../../reconciler/model/problem.ts';

/** A repository that is only remembered: thousands of short runs need no Git to find out what is wrong with the rest. */
export interface MemorySource {
  readonly source: Source;
  /** Makes these the only files. */
  commit(files: Readonly<Record<string, string>>): void;
}

interface Commit {
  readonly revision: Revision;
  readonly files: Readonly<Record<string, string>>;
}

export function createMemorySource(name: Name): MemorySource {
  const commits = new Map<Revision, Commit>();
  let head: Commit = { revision: revisionOf('0'.repeat(40)), files: {} };
  return {
    commit(files) {
      const revision = revisionOf(idOf(`${head.revision} ${JSON.stringify(files)}`));
      head = { revision, files };
      commits.set(revision, head);
    },
    source: {
      name,
      poll: () => Promise.resolve(head.revision),
      read: (revision) => Promise.resolve(snapshotOf(commits.get(revision) ?? head)),
      readBeside: (revision) => Promise.resolve(snapshotOf(commits.get(revision) ?? head)),
      resolve: () => Promise.resolve(head.revision),
      close: () => Promise.resolve(),
    },
  };
}

function snapshotOf({ revision, files }: Commit): SourceSnapshot {
  const blobs = new Map(Object.entries(files).map(([path, text]) => [idOf(`${path} ${text}`), text]));
  return {
    commit: { revision, message: 'A change', author: 'Ada', committedAt: 0 },
    files: Object.entries(files)
      .map(([path, text]) => ({ path, id: idOf(`${path} ${text}`), kind: 'file' as const }))
      .sort((left, right) => compareText(left.path, right.path)),
    problems: [],
    parents: [],
    readBlob: (id: string) => Promise.resolve(Buffer.from(blobs.get(id) ?? '')),
  };
}

function idOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
