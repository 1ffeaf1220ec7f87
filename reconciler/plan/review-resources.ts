import type { Finding } from '../model/change.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { compareText } from '../model/problem.ts';
import { describeChange } from './because.ts';
import type { Difference } from './difference.ts';
import { finding } from './findings.ts';
import { listGuests, type NetworkLeftover, type NetworkReading } from './networks.ts';
import { volumePolicyFindings, type Policy } from './policy.ts';
import { removableVolumes, type Pruning } from './removal.ts';
import { canRenew } from './renewal.ts';
import type { Survey } from './survey.ts';
import type { VolumeReading } from './volumes.ts';

export interface ResourceReview {
  readonly survey: Survey;
  readonly pruning: Pruning;
  readonly policy: Policy;
}

/** What is risky about networks and volumes. */
export function reviewResources({ survey, pruning, policy }: ResourceReview): readonly Finding[] {
  return [
    ...survey.networks.wanted.flatMap(networkFindings),
    ...pruning.networks.flatMap(heldFindings),
    ...survey.volumes.wanted.flatMap(volumeFindings),
    ...survey.volumes.wanted.flatMap(({ volume }) => volumePolicyFindings(volume, policy)),
    ...removableVolumes(survey, pruning).map(({ name, observed }) =>
      finding(
        'DL101',
        { kind: 'volume', name },
        {
          message: `Volume ${observed.name} left the manifests and would be removed with everything in it.`,
          remedy: 'Back it up, then accept DL101; or set prune_volumes to false to keep it.',
        },
      ),
    ),
  ];
}

/** Volumes without a name, of containers that go: they stay on the engine and nobody will find them there. */
export function anonymousLosses(containers: readonly ObservedContainer[]): readonly Finding[] {
  return containers.flatMap(({ ownership, instance, anonymousVolumes }) => {
    const names = Object.entries(anonymousVolumes).sort(([a], [b]) => compareText(a, b));
    if (names.length === 0) return [];
    const list = names.map(([target, name]) => `${name.slice(0, 12)} (${target})`).join(', ');
    return [
      finding(
        'DL102',
        { kind: 'instance', service: ownership.resource, instance },
        {
          message: `Nothing uses anonymous volume ${list} of ${ownership.resource}.${instance} any more; it stays on the engine.`,
          remedy:
            'Name the volume in the manifest to keep its data; accept DL102 to remove it with its container.',
        },
      ),
    ];
  });
}

function networkFindings(reading: NetworkReading): readonly Finding[] {
  const { network, condition, differences } = reading;
  if (condition !== 'changed') return [];
  const resource = { kind: 'network', name: network.name } as const;
  const what = describe(differences);
  if (canRenew(reading)) {
    const message = `Network ${network.engineName} is made anew (${what}); its containers keep running and are cut off for a moment.`;
    return [finding('NW102', resource, { message, remedy: 'Sync when it does no harm.' })];
  }
  return [
    finding('NW103', resource, {
      message: `Network ${network.engineName} cannot be made anew (${what}): ${holdersOf(reading)}.`,
      remedy: `${takeOff(network.engineName, reading)}, or give the changed network another name.`,
    }),
  ];
}

/** One that left the manifests, and that somebody else is on. */
function heldFindings(leftover: NetworkLeftover): readonly Finding[] {
  const { name, observed, guests } = leftover;
  if (guests.length === 0) return [];
  return [
    finding(
      'NW103',
      { kind: 'network', name },
      {
        message: `Network ${observed.name} left the manifests and cannot be removed: ${holdersOf(leftover)}.`,
        remedy: `${takeOff(observed.name, leftover)}.`,
      },
    ),
  ];
}

type Held = Pick<NetworkReading, 'guests'>;

function holdersOf({ guests }: Held): string {
  const isOne = guests.length === 1;
  return `${listGuests(guests)} ${isOne ? 'is on it, which is' : 'are on it, which are'} not this stack's`;
}

function takeOff(network: string, { guests }: Held): string {
  const isOne = guests.length === 1;
  return `Take ${isOne ? 'it' : 'them'} off with \`docker network disconnect ${network} ${isOne ? guests.join('') : '…'}\``;
}

function volumeFindings({ volume, condition, differences }: VolumeReading): readonly Finding[] {
  const resource = { kind: 'volume', name: volume.name } as const;
  const what = describe(differences);
  const { engineName } = volume;
  if (condition === 'changed') {
    return [
      finding('VL101', resource, {
        message: `Volume ${engineName} is not as it is wanted (${what}). Docker cannot change a volume, and removing it would lose the data.`,
        remedy: `Give the volume a new name; or back it up, remove it with \`docker volume rm ${engineName}\` and sync. Accepting VL101 goes on with the volume as it is.`,
      }),
    ];
  }
  if (condition !== 'relabelled') return [];
  return [
    finding('VL102', resource, {
      message: `The labels of volume ${engineName} differ (${what}) and cannot be changed while it exists.`,
      remedy: 'Nothing has to be done; a new volume will have them.',
    }),
  ];
}

function describe(differences: readonly Difference[]): string {
  return differences
    .map((difference) => describeChange({ ...difference, cause: { kind: 'commit' } }))
    .join(', ');
}
