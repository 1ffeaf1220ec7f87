import type { Name } from '../model/ids.ts';
import type { Takeover } from '../plan/takeover.ts';
import type { StackView } from './view.ts';
import type { World } from './world.ts';

/** Null unless another source brought the stack to its line last. */
export function takeoverOf(stack: Name, { source }: StackView): Takeover | null {
  const from = source.taken.get(stack);
  return from === undefined ? null : { from, to: source.source };
}

/**
 * After a sync that left nothing to do: from now on the stack is this source's, and what leaves it is no takeover any
 * more. Not while the source has problems, since what it lacks was not looked for then.
 */
export async function settleTakeover(world: World, stack: Name, view: StackView): Promise<void> {
  const takeover = takeoverOf(stack, view);
  if (takeover === null || view.source.problems.length > 0) return;
  await world.store.settleStack(stack, takeover.to);
}
