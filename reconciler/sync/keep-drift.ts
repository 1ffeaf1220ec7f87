import { driftKey } from '../model/drift.ts';
import { changeKey, sightDrift } from '../plan/drift-sighting.ts';
import { isEmptyPlan } from '../model/plan.ts';
import type { Preview } from './preview.ts';
import type { World } from './world.ts';

/** Records what a look found, whether or not anything is done about it. `before`: what was applied since the last look. */
export async function keepDrift(world: World, seen: Preview, before: Preview | null = null): Promise<void> {
  const { intent, observed, plan } = seen;
  const { stack, desired, stable, view } = intent;
  const applied = before === null || isEmptyPlan(before.plan) ? [] : before.plan.changes;
  await world.drift.record({
    stack,
    desired,
    revision: view.source.commit.revision,
    seen: sightDrift({ plan, desired, observed, stable }),
    mended: new Set(applied.map((change) => driftKey(changeKey(change)))),
    now: world.clock.now(),
  });
}
