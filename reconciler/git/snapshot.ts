import { revision as toRevision, type Revision } from '../model/ids.ts';
import type { SourceSnapshot } from '../model/ports.ts';
import { describeCommit } from './commit.ts';
import type { Lister } from './listing.ts';
import type { ObjectDatabase } from './objects.ts';

/** Reads one commit that is stored: its files are listed and proven present, their contents come when asked for. */
export async function takeSnapshot(
  objects: ObjectDatabase,
  { lister, revision }: { readonly lister: Lister; readonly revision: Revision },
): Promise<SourceSnapshot> {
  const commit = await objects.readCommit(revision);
  const listing = await lister.list(objects, commit.commit.tree);
  return {
    commit: describeCommit(revision, commit),
    parents: commit.commit.parent.map(toRevision),
    files: listing.files,
    problems: listing.problems,
    readBlob: (id) => objects.readBlob(id),
  };
}
