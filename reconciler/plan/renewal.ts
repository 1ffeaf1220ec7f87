import type { NetworkAttachment } from '../model/container.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { NetworkReading } from './networks.ts';
import type { DraftStep } from './order.ts';
import { containerLabel, existing } from './step-ids.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** Networks that are taken away and made anew, because nothing of a network can be changed. */
export interface Renewal {
  readonly steps: readonly DraftStep[];
  /** Engine names of the networks. */
  readonly networks: ReadonlySet<string>;
  /** By container id: the steps after which it is connected again, or off the network for good. */
  readonly settled: ReadonlyMap<string, readonly string[]>;
}

/**
 * Disconnects every container, makes the network anew and connects those again that stay, their processes running
 * throughout. Without it they would have to be replaced one and all.
 */
export function renewNetworks(
  survey: Survey,
  pruned: ReadonlySet<Name>,
  barrier: readonly string[],
): Renewal {
  const readings = survey.networks.wanted.filter((reading) => canRenew(reading));
  const settled = new Map<string, readonly string[]>();
  const steps = readings.flatMap((reading) => {
    const members = reading.attached.map((container) => memberOf(container, reading, { survey, pruned }));
    for (const { container, attachment } of members) {
      const last = attachment === null ? disconnectId : connectId;
      settled.set(container.id, [
        ...(settled.get(container.id) ?? []),
        last(container, reading.network.engineName),
      ]);
    }
    return renewalSteps(reading, members, barrier);
  });
  return { steps, settled, networks: new Set(readings.map(({ network }) => network.engineName)) };
}

/** The engine refuses to remove a network that somebody is on, and others are not ours to disconnect. */
export function canRenew({ condition, guests }: NetworkReading): boolean {
  return condition === 'changed' && guests.length === 0;
}

interface Member {
  readonly container: ObservedContainer;
  /** Null: it is not connected again. */
  readonly attachment: NetworkAttachment | null;
}

interface Surroundings {
  readonly survey: Survey;
  readonly pruned: ReadonlySet<Name>;
}

/** Connected again as its service wants it, or as it was while it only serves until it is replaced. */
function memberOf(
  container: ObservedContainer,
  { network: { engineName }, differences }: NetworkReading,
  { survey, pruned }: Surroundings,
): Member {
  const attachment = container.spec.networks[engineName] ?? null;
  // A fixed address of the old subnet would be refused in the new one.
  const isMoved = differences.some(({ path }) => path.startsWith('ipam.'));
  const present = isMoved && attachment !== null ? { ...attachment, ...anyAddress } : attachment;
  const owner = container.ownership.resource;
  const of = survey.services.find(({ service }) => service.name === owner);
  if (of === undefined) return { container, attachment: pruned.has(owner) ? null : present };
  const role = roleOf(container, of);
  if (role === 'keeper')
    return { container, attachment: of.service.container.networks?.[engineName] ?? null };
  return { container, attachment: role === 'old' ? present : null };
}

const anyAddress = { ipv4_address: null, ipv6_address: null, link_local_ips: [] } as const;

function roleOf({ id }: ObservedContainer, { slots }: ServiceSurvey): 'keeper' | 'old' | null {
  if (slots.some(({ keeper }) => keeper?.container.id === id)) return 'keeper';
  return slots.some(({ old }) => old?.container.id === id) ? 'old' : null;
}

function connectId(container: ObservedContainer, network: string): string {
  return `connect ${containerLabel(container)} to ${network}`;
}

function disconnectId(container: ObservedContainer, network: string): string {
  return `disconnect ${containerLabel(container)} from ${network}`;
}

function renewalSteps(
  { network, observed }: NetworkReading,
  members: readonly Member[],
  barrier: readonly string[],
): readonly DraftStep[] {
  const resource = { kind: 'network', name: network.name } as const;
  const common = { preferAfter: [], resource, because: `network ${network.name} changed` };
  const name = network.engineName;
  const disconnects: readonly DraftStep[] = members.map(({ container }) => ({
    ...common,
    id: disconnectId(container, name),
    after: barrier,
    operation: { kind: 'disconnectNetwork', target: existing(container), network: name },
  }));
  const remove: DraftStep = {
    ...common,
    id: `remove network ${network.name}`,
    after: [...barrier, ...disconnects.map(({ id }) => id)],
    operation: { kind: 'removeNetwork', id: observed?.id ?? name, name },
  };
  const create: DraftStep = {
    ...common,
    id: `create network ${network.name}`,
    after: [remove.id],
    operation: { kind: 'createNetwork', network },
  };
  const connects = members.flatMap(({ container, attachment }): readonly DraftStep[] => {
    if (attachment === null) return [];
    const operation = {
      kind: 'connectNetwork',
      target: existing(container),
      network: name,
      attachment,
    } as const;
    return [{ ...common, id: connectId(container, name), after: [create.id], operation }];
  });
  return [...disconnects, remove, create, ...connects];
}
