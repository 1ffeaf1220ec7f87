import { actedOnHint, ignoredHint, type HintAnswer, type PushHint } from '../model/hint.ts';
import { isRevision } from '../model/ids.ts';
import { compareText } from '../model/problem.ts';
import { formatRepository, isSameRepository } from '../model/repository.ts';
import { isAllowed, type MayWake } from './may-wake.ts';
import type { FollowedSource, World } from './world.ts';

/**
 * A push makes the sources be looked at that follow this ref of this repository. Which stacks that touches is found by
 * reading the commit: those of which anything that they are made of differs, their referenced files included.
 */
export function receivePush(world: World, hint: PushHint, mayWake: MayWake): HintAnswer {
  const ofRepository = world.sources
    .filter(({ source }) => isAllowed(mayWake, source.name))
    .filter(({ repository }) => hint.addresses.some((one) => repository && isSameRepository(repository, one)))
    .sort((left, right) => compareText(left.source.name, right.source.name));
  if (ofRepository.length === 0) {
    const name = formatRepository(hint.repository);
    return ignoredHint(`No source that this receiver may wake is the repository ${name}.`);
  }
  const following = ofRepository.filter(({ ref }) => isFollowed(ref, hint));
  if (following.length === 0) return ignoredHint(describeUnrelated(ofRepository, hint));
  const { after } = hint;
  const names = following.map(({ source }) => source.name);
  if (after === null) {
    return ignoredHint(
      `${hint.ref} was deleted, which ${names.join(' and ')} followed. What runs stays as it is until it is there again.`,
    );
  }
  for (const name of names) world.wakes.wake(name, { announced: after === 'unknown' ? null : after });
  return actedOnHint(`Looking at ${names.join(' and ')} now.`, { sources: names });
}

/** `HEAD` is the default branch; where the forge does not say which that is, any branch may be it. */
function isFollowed(ref: string, { ref: pushed, defaultBranch }: PushHint): boolean {
  if (isRevision(ref)) return false;
  if (ref.startsWith('refs/')) return ref === pushed;
  if (ref !== 'HEAD') return pushed === `refs/heads/${ref}` || pushed === `refs/tags/${ref}`;
  return defaultBranch === null ? pushed.startsWith('refs/heads/') : pushed === `refs/heads/${defaultBranch}`;
}

function describeUnrelated(sources: readonly FollowedSource[], { ref, defaultBranch }: PushHint): string {
  const followed = sources.map((one) => {
    const what = one.ref === 'HEAD' ? (defaultBranch ?? 'the default branch') : one.ref;
    return `${one.source.name} follows ${what.replace(/^refs\/(heads|tags)\//, '')}`;
  });
  return `${ref} is not followed: ${followed.join(', ')}.`;
}
