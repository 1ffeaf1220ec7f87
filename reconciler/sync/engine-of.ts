import type { Name } from '../model/ids.ts';
import type { World } from './world.ts';

/** Where a stack runs, as far as anybody can tell from manifests that may have problems. */
export function engineOf(world: World, stack: Name): Name {
  const desired = world.views.stack(stack)?.loaded?.desired ?? null;
  return desired?.engine ?? world.statuses.get(stack)?.engine ?? world.engines.byDefault;
}
