import type { Name } from '../model/ids.ts';
import type { KnownStack } from '../model/ports.ts';
import { isNothing, remainsOf, unfollowedStatus } from '../plan/unfollowed.ts';
import type { World } from './world.ts';

/**
 * Shows what is left of stacks that no source follows any more, and forgets those of which nothing is, as well as those
 * that left their source. Changes nothing on the engine: nobody said that they should go.
 */
export async function lookAtUnfollowed(world: World, signal: AbortSignal): Promise<void> {
  const known = await world.store.knownStacks();
  const unwanted = known.filter((stack) => isUnwanted(world, stack));
  if (unwanted.length === 0) return;
  const observed = await world.engine.observe({ images: [], freshImages: [] }, signal);
  for (const { name: stack, source, isFollowed } of unwanted) {
    const remains = remainsOf(stack, observed);
    if (isNothing(remains)) {
      await world.store.recordInventory(stack, [], world.clock.now());
      forgetStack(world, stack);
    } else if (!isFollowed) {
      const previous = world.statuses.get(stack);
      const now = world.clock.now();
      await world.statuses.publish(unfollowedStatus({ stack, source, remains, previous, now }));
    }
  }
}

function isUnwanted(world: World, { name, isFollowed, isPresent }: KnownStack): boolean {
  if (world.running.stacks().includes(name)) return false;
  const view = world.views.stack(name);
  return isFollowed ? !isPresent && view?.loaded === null : view === null;
}

/** Nobody asks for the stack and an empty inventory was recorded: from now on it is history only. */
export function forgetStack(world: World, stack: Name): void {
  world.views.forget(stack);
  world.statuses.forget(stack);
}
