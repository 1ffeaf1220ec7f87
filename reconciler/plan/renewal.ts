import type { NetworkAttachment } from '../model/container.ts';
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
  /** By container id: the steps after which it is connected again. */
  readonly reconnected: ReadonlyMap<string, readonly string[]>;
}

/**
 * Disconnects every container, makes the network anew and connects those again that stay, their processes running
 * throughout. Without it they would have to be replaced one and all.
 */
export function renewNetworks(survey: Survey, barrier: readonly string[]): Renewal {
  const readings = survey.networks.wanted.filter((reading) => canRenew(reading, survey));
  const reconnected = new Map<string, readonly string[]>();
  const steps = readings.flatMap((reading) => {
    const staying = stayingOn(reading, survey);
    for (const { container } of staying) {
      reconnected.set(container.id, [
        ...(reconnected.get(container.id) ?? []),
        connectId(container, reading.network.engineName),
      ]);
    }
    return renewalSteps(reading, staying, barrier);
  });
  return { steps, reconnected, networks: new Set(readings.map(({ network }) => network.engineName)) };
}

/** The engine refuses to remove a network that somebody is on, and others are not ours to disconnect. */
export function canRenew({ condition, attached }: NetworkReading, { stack }: Survey): boolean {
  return condition === 'changed' && attached.every(({ ownership }) => ownership.stack === stack.name);
}

interface Staying {
  readonly container: ObservedContainer;
  readonly attachment: NetworkAttachment;
}

function stayingOn({ network, attached }: NetworkReading, survey: Survey): readonly Staying[] {
  return attached.flatMap((container) => {
    const attachment = attachmentOf(container, network.engineName, survey);
    return attachment === null ? [] : [{ container, attachment }];
  });
}

/** How a container is connected again: as its service wants it, or as it was while it only serves until it is replaced. */
function attachmentOf(
  container: ObservedContainer,
  network: string,
  survey: Survey,
): NetworkAttachment | null {
  const present = container.spec.networks[network] ?? null;
  const of = survey.services.find(({ service }) => service.name === container.ownership.resource);
  if (of === undefined)
    return survey.leftovers.some(({ service }) => service === container.ownership.resource) ? null : present;
  const role = roleOf(container, of);
  if (role === 'keeper') return of.service.container.networks?.[network] ?? null;
  return role === 'old' ? present : null;
}

function roleOf({ id }: ObservedContainer, { slots }: ServiceSurvey): 'keeper' | 'old' | null {
  if (slots.some(({ keeper }) => keeper?.container.id === id)) return 'keeper';
  return slots.some(({ old }) => old?.container.id === id) ? 'old' : null;
}

function connectId(container: ObservedContainer, network: string): string {
  return `connect ${containerLabel(container)} to ${network}`;
}

function renewalSteps(
  { network, observed, attached }: NetworkReading,
  staying: readonly Staying[],
  barrier: readonly string[],
): readonly DraftStep[] {
  const resource = { kind: 'network', name: network.name } as const;
  const because = `network ${network.name} changed`;
  const common = { preferAfter: [], resource, because };
  const name = network.engineName;
  const disconnects: readonly DraftStep[] = attached.map((container) => ({
    ...common,
    id: `disconnect ${containerLabel(container)} from ${name}`,
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
  const connects: readonly DraftStep[] = staying.map(({ container, attachment }) => ({
    ...common,
    id: connectId(container, name),
    after: [create.id],
    operation: { kind: 'connectNetwork', target: existing(container), network: name, attachment },
  }));
  return [...disconnects, remove, create, ...connects];
}
