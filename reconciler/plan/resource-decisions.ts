import type { Resource } from '../model/change.ts';
import type { Decision } from '../model/plan.ts';
import { describeChange, withRest } from './because.ts';
import type { DecisionInput } from './decisions.ts';
import type { Difference } from './difference.ts';
import { leftoverDecision, noDowntime } from './leftover-decision.ts';
import { listGuests, type NetworkReading } from './networks.ts';
import { removableNetworks, removableVolumes } from './removal.ts';
import { canRenew } from './renewal.ts';
import type { VolumeReading } from './volumes.ts';

/** What becomes of each network, the wanted ones first. */
export function networkDecisions(input: DecisionInput): readonly Decision[] {
  const { survey, pruning, blocks } = input;
  const going = new Set(removableNetworks(survey, pruning, blocks));
  const prunable = new Set(pruning.networks);
  const leftovers = survey.networks.leftovers.map((leftover) => {
    const resource: Resource = { kind: 'network', name: leftover.name };
    if (!prunable.has(leftover)) return leftoverDecision(resource, input);
    return going.has(leftover)
      ? decided(resource, 'delete', 'it left the manifests')
      : decided(resource, 'blocked', `it left the manifests, and ${whoIsOn(leftover)}`);
  });
  return [...survey.networks.wanted.map(networkDecision), ...leftovers];
}

/** What becomes of each volume, the wanted ones first. */
export function volumeDecisions(input: DecisionInput): readonly Decision[] {
  const { survey, pruning, approvals } = input;
  const going = new Set(removableVolumes(survey, pruning));
  const prunable = new Set(pruning.volumes);
  const leftovers = survey.volumes.leftovers.map((leftover) => {
    const resource: Resource = { kind: 'volume', name: leftover.name };
    if (!prunable.has(leftover)) return leftoverDecision(resource, input);
    if (!going.has(leftover))
      return decided(resource, 'blocked', 'it left the manifests, and is still mounted');
    return approvals.includes('DL101')
      ? decided(resource, 'dataLoss', 'it left the manifests, and its removal was accepted')
      : decided(resource, 'blocked', 'it left the manifests, and its removal waits for approval');
  });
  return [...survey.volumes.wanted.map(volumeDecision), ...leftovers];
}

function networkDecision(reading: NetworkReading): Decision {
  const { network, condition, differences } = reading;
  const resource: Resource = { kind: 'network', name: network.name };
  switch (condition) {
    case 'present':
      return decided(resource, 'unchanged', 'nothing differs');
    case 'missing':
      return missing(resource, network.external);
    case 'taken':
      return decided(resource, 'blocked', `${network.engineName} is there and not this stack's`);
    case 'changed':
      return canRenew(reading)
        ? decided(resource, 'recreate', describe(differences))
        : decided(resource, 'blocked', `${describe(differences)}; ${whoIsOn(reading)}`);
    default:
      return condition satisfies never;
  }
}

function volumeDecision({ volume, condition, differences }: VolumeReading): Decision {
  const resource: Resource = { kind: 'volume', name: volume.name };
  switch (condition) {
    case 'present':
      return decided(resource, 'unchanged', 'nothing differs');
    case 'missing':
      return missing(resource, volume.external);
    case 'taken':
      return decided(resource, 'blocked', `${volume.engineName} is there and not this stack's`);
    case 'changed':
      return decided(resource, 'blocked', `${describe(differences)}; its data would be lost`);
    case 'relabelled':
      return decided(resource, 'ignored', `${describe(differences)}; labels cannot be changed`);
    default:
      return condition satisfies never;
  }
}

function whoIsOn({ attached, guests }: Pick<NetworkReading, 'attached' | 'guests'>): string {
  const names = guests.length > 0 ? guests : attached.map(({ name }) => name);
  return `${listGuests(names)} ${names.length === 1 ? 'is' : 'are'} still on it`;
}

function missing(resource: Resource, isExternal: boolean): Decision {
  return isExternal
    ? decided(resource, 'blocked', 'it is external and does not exist')
    : decided(resource, 'create', 'it is missing');
}

function decided(resource: Resource, verdict: Decision['verdict'], because: string): Decision {
  return { resource, verdict, because, downtime: noDowntime };
}

function describe(differences: readonly Difference[]): string {
  const [first, ...rest] = differences;
  if (first === undefined) return 'nothing differs';
  return withRest(describeChange({ ...first, cause: { kind: 'commit' } }), rest.length);
}
