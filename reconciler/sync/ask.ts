import type { Trigger } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Wish } from '../model/ports.ts';
import type { World } from './world.ts';

/** "Look at this stack again": first durably in the store, then as a hint in the queue. */
export async function askFor(world: World, stack: Name, wish: Trigger | Wish): Promise<void> {
  const generation = await world.store.requestSync(stack, wish, world.clock.now());
  if (generation !== null) await world.queue.enqueue(stack);
}
