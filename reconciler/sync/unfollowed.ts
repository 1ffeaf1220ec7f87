import { isSyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { KnownStack } from '../model/ports.ts';
import { isNothing, remainsOf, unfollowedStatus } from '../plan/unfollowed.ts';
import type { World } from './world.ts';

/**
 * Shows what is left of stacks that no source follows any more, and forgets those of which nothing is, as well as those
 * that left their source. Changes nothing on the engine: nobody said that they should go.
 */
export async function lookAtUnfollowed(world: World, signal: AbortSignal): Promise<void> {
  const known = await world.store.knownStacks();
  const unwanted = await Promise.all(
    known
      .filter((stack) => isUnwanted(world, stack))
      .map(async (stack) => ({ stack, engines: await enginesOf(world, stack) })),
  );
  const engines = [...new Set(unwanted.flatMap((one) => one.engines))];
  const looks = new Map(
    await Promise.all(
      engines.map(async (engine) => [engine, await observeOrNull(world, engine, signal)] as const),
    ),
  );
  for (const { stack, engines: own } of unwanted) {
    await settleUnwanted(
      world,
      stack,
      own.map((engine) => ({ engine, observed: whollySeen(stack, looks.get(engine) ?? null) })),
    );
  }
}

/** A look in which one container of the stack could not be read says nothing of what is left of it. */
function whollySeen({ name }: KnownStack, observed: ObservedState | null): ObservedState | null {
  return observed?.unread.some(({ stack }) => stack === name) === true ? null : observed;
}

/** Where it was, as far as that is recorded. */
async function enginesOf(world: World, { name }: KnownStack): Promise<readonly Name[]> {
  const recorded = (await world.store.inventory(name)).map(({ engine }) => engine);
  const otherwise = world.statuses.get(name)?.engine ?? world.engines.byDefault;
  return recorded.length === 0 ? [otherwise] : [...new Set(recorded)];
}

/** One that cannot be seen keeps nobody from looking at the others. */
async function observeOrNull(world: World, engine: Name, signal: AbortSignal): Promise<ObservedState | null> {
  try {
    return await world.engines.get(engine).observe({ images: [], freshImages: [] }, signal);
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    return null;
  }
}

interface EngineView {
  readonly engine: Name;
  /** Null when it cannot be seen now. */
  readonly observed: ObservedState | null;
}

async function settleUnwanted(
  world: World,
  { name: stack, source, isFollowed }: KnownStack,
  views: readonly EngineView[],
): Promise<void> {
  const left = views.flatMap(({ engine, observed }) => {
    const remains = observed === null ? null : remainsOf(stack, observed);
    return remains === null || isNothing(remains) ? [] : [{ engine, remains }];
  });
  const [first] = left;
  if (first === undefined) {
    if (views.some(({ observed }) => observed === null)) return;
    await world.store.recordInventory(stack, [], world.clock.now());
    forgetStack(world, stack);
  } else if (!isFollowed) {
    const previous = world.statuses.get(stack);
    const now = world.clock.now();
    await world.statuses.publish(unfollowedStatus({ stack, source, ...first, previous, now }));
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
