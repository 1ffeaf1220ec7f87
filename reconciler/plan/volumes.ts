import type { DesiredStack, DesiredVolume } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedVolume } from '../model/observed.ts';
import type { InventoryItem } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import { differencesAt, type Difference } from './difference.ts';
import type { Lookup } from './lookup.ts';
import { compareOptions, only } from './networks.ts';

export interface VolumeSurvey {
  /** By name. */
  readonly wanted: readonly VolumeReading[];
  /** Ours and no longer wanted, by engine name. */
  readonly leftovers: readonly VolumeLeftover[];
}

export interface VolumeReading {
  readonly volume: DesiredVolume;
  readonly observed: ObservedVolume | null;
  /** `changed`: the driver or its options; `relabelled`: only labels. Neither can be changed without losing the data. */
  readonly condition: 'present' | 'missing' | 'changed' | 'relabelled' | 'taken';
  readonly differences: readonly Difference[];
  /** It was there once. */
  readonly isInInventory: boolean;
}

export interface VolumeLeftover {
  /** What the manifests called it. */
  readonly name: Name;
  readonly observed: ObservedVolume;
  readonly isInInventory: boolean;
}

export function surveyVolumes(
  { name, volumes }: DesiredStack,
  lookup: Lookup,
  inventory: readonly InventoryItem[],
): VolumeSurvey {
  const wanted = new Set(volumes.map(({ engineName }) => engineName));
  const owned = new Set(
    inventory.filter(({ kind }) => kind === 'volume').map(({ engineName }) => engineName),
  );
  return {
    wanted: volumes
      .map((volume) => ({
        ...readVolume(volume, { name }, lookup),
        isInInventory: owned.has(volume.engineName),
      }))
      .sort((a, b) => compareText(a.volume.name, b.volume.name)),
    leftovers: [...lookup.volumes.values()]
      .flatMap((observed) => {
        const { ownership } = observed;
        if (ownership?.stack !== name || wanted.has(observed.name)) return [];
        return [{ name: ownership.resource, observed, isInInventory: owned.has(observed.name) }];
      })
      .sort((a, b) => compareText(a.observed.name, b.observed.name)),
  };
}

function readVolume(
  volume: DesiredVolume,
  stack: Pick<DesiredStack, 'name'>,
  { volumes }: Lookup,
): Omit<VolumeReading, 'isInInventory'> {
  const observed = volumes.get(volume.engineName) ?? null;
  if (observed === null) return { volume, observed, condition: 'missing', differences: [] };
  if (volume.external) return { volume, observed, condition: 'present', differences: [] };
  if (observed.ownership?.stack !== stack.name)
    return { volume, observed, condition: 'taken', differences: [] };
  const definition = [
    ...differencesAt('driver', observed.driver, volume.driver ?? 'local'),
    ...compareOptions(observed.options, volume.options, observed.saidOptions ?? []),
  ];
  const labels = differencesAt('labels', only(observed.labels, volume.labels), volume.labels);
  const condition = definition.length > 0 ? 'changed' : labels.length > 0 ? 'relabelled' : 'present';
  return { volume, observed, condition, differences: [...definition, ...labels] };
}
