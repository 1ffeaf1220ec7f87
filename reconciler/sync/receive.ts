import { actedOnHint, ignoredHint, type Hint, type HintAnswer, type LookHint } from '../model/hint.ts';
import { askFor } from './ask.ts';
import { receiveImage } from './receive-image.ts';
import { receivePullRequest } from './receive-pull-request.ts';
import { receivePush } from './receive-push.ts';
import { isAllowed, type MayWake } from './may-wake.ts';
import type { World } from './world.ts';

/**
 * Answers a verified delivery: makes the sources that it concerns be looked at now, or asks for stacks, and says what
 * it did. It believes nothing that the delivery says; what is found at the source or the registry decides.
 */
export async function receiveHint(world: World, hint: Hint, mayWake: MayWake): Promise<HintAnswer> {
  switch (hint.kind) {
    case 'push':
      return receivePush(world, hint, mayWake);
    case 'pullRequest':
      return receivePullRequest(world, hint, mayWake);
    case 'image':
      return receiveImage(world, hint, mayWake);
    case 'look':
      return receiveLook(world, hint, mayWake);
    case 'ping':
      return ignoredHint(
        'A ping: the receiver can be reached and its secret is right. Nothing else was asked.',
      );
    case 'ignored':
      return ignoredHint(hint.reason);
    default:
      return hint satisfies never;
  }
}

async function receiveLook(world: World, { source, stack }: LookHint, mayWake: MayWake): Promise<HintAnswer> {
  const woken = world.sources
    .map((followed) => followed.source.name)
    .filter((name) => (source === null || name === source) && isAllowed(mayWake, name))
    .sort();
  if (woken.length === 0)
    return ignoredHint(
      `There is no source ${source === null ? '' : `${source} `}that this receiver may wake.`,
    );
  for (const name of woken) world.wakes.wake(name, { announced: null });
  if (stack === null)
    return actedOnHint(`Sources are looked at now: ${woken.join(', ')}.`, { sources: woken });
  const view = world.views.stack(stack);
  if (view === null || !woken.includes(view.source.source)) {
    return actedOnHint(`There is no stack ${stack} yet; sources are looked at now: ${woken.join(', ')}.`, {
      sources: woken,
    });
  }
  await askFor(world, stack, 'webhook');
  return actedOnHint(`Stack ${stack} is synced now.`, { sources: woken, stacks: [stack] });
}
