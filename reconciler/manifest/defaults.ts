import type { DriftPolicy, Rollout, SyncPolicy } from '../model/desired.ts';
import type { Rollout as RolloutBlock } from '../model/generated/rollout.ts';
import type { Sync } from '../model/generated/sync.ts';
import { inside, report, type Place } from './place.ts';
import { readDuration } from './quantity.ts';

/** What holds where a manifest says nothing. */
export interface Defaults {
  readonly sync: SyncPolicy;
  readonly rollout: Rollout;
  readonly drift: DriftPolicy;
}

/** What holds where the operator says nothing either. */
export const builtInDefaults: Defaults = {
  sync: { automatic: true, prune: true, pruneVolumes: false, maxPrune: { services: 3, percent: 30 } },
  rollout: {
    strategy: 'auto',
    minHealthyTimeMs: 10_000,
    healthyDeadlineMs: 300_000,
    progressDeadlineMs: 600_000,
    autoRevert: true,
  },
  drift: { mode: 'heal', fields: {}, onStop: 'heal', ignore: [] },
};

export function readSync(block: Sync | undefined, otherwise: SyncPolicy): SyncPolicy {
  return {
    automatic: block?.automatic ?? otherwise.automatic,
    prune: block?.prune ?? otherwise.prune,
    pruneVolumes: block?.prune_volumes ?? otherwise.pruneVolumes,
    maxPrune: {
      services: block?.max_prune?.services ?? otherwise.maxPrune.services,
      percent: block?.max_prune?.percent ?? otherwise.maxPrune.percent,
    },
  };
}

export function readRollout(block: RolloutBlock | undefined, otherwise: Rollout, place: Place): Rollout {
  const duration = (
    key: 'min_healthy_time' | 'healthy_deadline' | 'progress_deadline',
    byDefault: number,
  ): number => {
    const text = block?.[key];
    return text === undefined ? byDefault : readDuration(text, inside(place, key));
  };
  const rollout: Rollout = {
    strategy: block?.strategy ?? otherwise.strategy,
    minHealthyTimeMs: duration('min_healthy_time', otherwise.minHealthyTimeMs),
    healthyDeadlineMs: duration('healthy_deadline', otherwise.healthyDeadlineMs),
    progressDeadlineMs: duration('progress_deadline', otherwise.progressDeadlineMs),
    autoRevert: block?.auto_revert ?? otherwise.autoRevert,
  };
  if (block !== undefined && rollout.minHealthyTimeMs >= rollout.healthyDeadlineMs) {
    report(
      place,
      'WrongValue',
      'can never succeed: `min_healthy_time` should be less than `healthy_deadline`.',
    );
  }
  return rollout;
}
