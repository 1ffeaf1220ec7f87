import { lookAt } from './follow.ts';
import type { Wake } from './wakes.ts';
import type { FollowedSource, World } from './world.ts';

/** Pauses before further looks for a commit that was announced and is not there yet. */
const lateCommitPausesMs = [500, 1_000, 2_000, 4_000, 8_000];

/** The turns of a loop. */
export interface Turns {
  /** Resolves to the time until the next look. */
  look(): Promise<number>;
  /** Resolves after that time, or earlier when there is a reason. */
  rest(ms: number): Promise<void>;
}

/** Looks at a source when its time has come and when something wakes it. */
export function followSource(world: World, followed: FollowedSource, signal: AbortSignal): Turns {
  const { source, intervalMs } = followed;
  let wake: Wake | null = null;
  let fruitlessLooks = 0;

  return {
    async look() {
      const before = revisionOf();
      await lookAt(world, followed, { trigger: wake === null ? 'poll' : 'webhook', signal });
      const announced = wake?.announced ?? null;
      const isLate = announced !== null && announced !== before && revisionOf() === before;
      const pauseMs = isLate ? lateCommitPausesMs[fruitlessLooks] : undefined;
      fruitlessLooks += 1;
      if (pauseMs === undefined) wake = null;
      return Math.min(pauseMs ?? intervalMs, intervalMs);
    },
    async rest(ms) {
      const newer = await world.wakes.rest(source.name, ms, signal);
      if (newer === null) return;
      wake = newer;
      fruitlessLooks = 0;
    },
  };

  function revisionOf(): string | null {
    return world.views.get(source.name)?.commit.revision ?? null;
  }
}
