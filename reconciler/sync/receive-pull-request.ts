import { actedOnHint, ignoredHint, type HintAnswer, type PullRequestHint } from '../model/hint.ts';
import { formatRepository, isSameRepository } from '../model/repository.ts';
import { requestReview } from './forge-work.ts';
import { isAllowed, type MayWake } from './may-wake.ts';
import type { World } from './world.ts';

/** Something happened to a pull request: every source of its repository that is reviewed looks at it now. */
export async function receivePullRequest(
  world: World,
  { repository: named, addresses, number }: PullRequestHint,
  mayWake: MayWake,
): Promise<HintAnswer> {
  const ofRepository = world.sources
    .filter(({ source }) => isAllowed(mayWake, source.name))
    .filter(({ repository }) => addresses.some((one) => repository && isSameRepository(repository, one)))
    .map(({ source }) => source.name)
    .sort();
  const reviewed = ofRepository.filter((source) => world.forges.get(source)?.reviews === true);
  if (ofRepository.length === 0) {
    return ignoredHint(`No source that this receiver may wake is the repository ${formatRepository(named)}.`);
  }
  if (reviewed.length === 0) {
    return ignoredHint(
      `Pull requests of ${ofRepository.join(' and ')} are not reviewed: name the forge in the operator's file for that.`,
    );
  }
  for (const source of reviewed) await requestReview(world, { source, number });
  return actedOnHint(`Pull request ${number} is reviewed now for ${reviewed.join(' and ')}.`, {
    sources: reviewed,
  });
}
