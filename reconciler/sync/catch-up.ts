import { SyncError } from '../model/error.ts';
import { shortRevision, type Name, type Revision } from '../model/ids.ts';
import { lookAt } from './follow.ts';
import type { FollowedSource, World } from './world.ts';

/**
 * Looks at every source of which another daemon has found another revision than this one knows, so that an older
 * revision is never applied over a newer one. What is still behind after that, by source, with why.
 */
export async function catchUp(world: World, signal: AbortSignal): Promise<ReadonlyMap<Name, SyncError>> {
  const before = await findBehind(world);
  if (before.length === 0) return new Map();
  await Promise.all(before.map(({ followed }) => lookAt(world, followed, { trigger: 'poll', signal })));
  const after = await findBehind(world);
  return new Map(after.map((behind) => [behind.followed.source.name, describe(world, behind)]));
}

interface Behind {
  readonly followed: FollowedSource;
  readonly revision: Revision;
}

/** A source that was never read here has its first look still before it. */
async function findBehind(world: World): Promise<readonly Behind[]> {
  const heads = await world.heads.all();
  return world.sources.flatMap((followed) => {
    const head = heads.get(followed.source.name);
    const view = world.views.get(followed.source.name);
    if (head === undefined || view === null || head.revision === view.commit.revision) return [];
    return [{ followed, revision: head.revision }];
  });
}

function describe(world: World, { followed: { source }, revision }: Behind): SyncError {
  const error = world.views.checks().find((check) => check.source === source.name)?.error ?? null;
  const why = error === null ? 'this one finds an older one there' : error.message;
  return new SyncError(
    'SourceBehind',
    `Another Plimsoll has found ${shortRevision(revision)} at source ${source.name}, and this one could not read it yet ` +
      `(${why}); nothing is changed from an older revision, and it is tried again.`,
    { data: { source: source.name, revision } },
  );
}
