import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { InventoryItem } from '../model/ports.ts';
import type { Blocks } from './block.ts';
import { dropMoves, type Drop } from './instance-moves.ts';
import { inSequence } from './moves.ts';
import type { NetworkLeftover } from './networks.ts';
import type { DraftStep } from './order.ts';
import type { Renewal } from './renewal.ts';
import { prerequisitesOf } from './service-order.ts';
import { containerLabel, instanceLabel } from './step-ids.ts';
import type { Leftover, ServiceSurvey, Survey } from './survey.ts';
import type { VolumeLeftover } from './volumes.ts';

/** What left the manifests and goes. Everything else that left them stays, and is shown. */
export interface Pruning {
  readonly services: readonly Leftover[];
  readonly networks: readonly NetworkLeftover[];
  readonly volumes: readonly VolumeLeftover[];
}

export interface PruneRequest {
  readonly survey: Survey;
  readonly inventory: readonly InventoryItem[];
  /** The commit was read completely, so that absence is proven. */
  readonly complete: boolean;
}

/** Absence must be proven, wanted, and of something in our inventory that bears our label. */
export function selectPrunable({ survey, inventory, complete }: PruneRequest): Pruning {
  const { stack, leftovers, networks, volumes } = survey;
  if (!complete || !stack.sync.prune) return { services: [], networks: [], volumes: [] };
  const owned = new Set(inventory.filter(({ kind }) => kind === 'service').map(({ name }) => name));
  return {
    services: leftovers.filter(({ service }) => owned.has(service)),
    networks: networks.leftovers.filter(({ isInInventory }) => isInInventory),
    volumes: stack.sync.pruneVolumes ? volumes.leftovers.filter(({ isInInventory }) => isInInventory) : [],
  };
}

/** Networks that nobody is left on once the plan is carried out; the engine refuses to remove any other. */
export function removableNetworks(
  survey: Survey,
  pruning: Pruning,
  blocks: Blocks,
): readonly NetworkLeftover[] {
  const pruned = new Set(pruning.services.map(({ service }) => service));
  const settled = survey.services.map(({ service }) => service).filter(({ name }) => !blocks.has(name));
  return pruning.networks.filter(({ observed, attached, guests }) => {
    const leaving = new Set(
      settled.filter((service) => !uses(service, observed.name)).map(({ name }) => name),
    );
    const isLeft = attached.every(({ ownership: { resource } }) => {
      return pruned.has(resource) || leaving.has(resource);
    });
    return isLeft && guests.length === 0;
  });
}

/** A service that is held at an earlier version may want what the manifests no longer have. */
function uses({ container }: DesiredService, network: string): boolean {
  return container.networks !== undefined && network in container.networks;
}

/** Volumes that no service that stays mounts. */
export function removableVolumes(survey: Survey, pruning: Pruning): readonly VolumeLeftover[] {
  if (pruning.volumes.length === 0) return [];
  const pruned = new Set(pruning.services.map(({ service }) => service));
  const staying = survey.observed.containers.filter(({ ownership: { stack, resource } }) => {
    return stack !== survey.stack.name || !pruned.has(resource);
  });
  const wanted = survey.services.flatMap(({ service }) => Object.values(service.container.mounts ?? {}));
  return pruning.volumes.filter(({ observed: { name } }) => {
    const isWanted = wanted.some((mount) => mount.type === 'volume' && mount.source === name);
    return !isWanted && !staying.some((container) => mountsVolume(container, name));
  });
}

export interface RemovalContext {
  readonly survey: Survey;
  readonly barrier: readonly string[];
  readonly renewal: Renewal;
  readonly removesAnonymousVolumes: boolean;
}

/** Dependents go before what they depend on, as far as earlier versions tell. */
export function leftoverSteps(pruned: readonly Leftover[], context: RemovalContext): readonly DraftStep[] {
  return pruned.flatMap(({ service, containers }) =>
    containers.flatMap((container) =>
      inSequence(dropMoves(dropOf(container, context)), {
        resource: { kind: 'instance', service, instance: container.instance },
        because: 'it left the manifests',
        after: [...context.barrier, ...(context.renewal.settled.get(container.id) ?? [])],
        preferAfter: stepsOfDependents(service, context.survey),
      }),
    ),
  );
}

function dropOf(container: ObservedContainer, { removesAnonymousVolumes }: RemovalContext): Drop {
  return { container, label: containerLabel(container), anonymousVolumes: removesAnonymousVolumes };
}

/** Steps after which nobody depends on a service any more. Some may not exist in the plan. */
export function stepsOfDependents(name: Name, { services, leftovers }: Survey): readonly string[] {
  const staying = services
    .filter(({ service, stable }) =>
      [service, stable?.definition].some((of) => of && prerequisitesOf(of).includes(name)),
    )
    .flatMap(removalIds);
  const going = leftovers
    .filter(({ stable }) => stable !== null && prerequisitesOf(stable.definition).includes(name))
    .flatMap(({ containers }) => containers.map((container) => `remove ${containerLabel(container)}`));
  return [...staying, ...going];
}

function removalIds({ service, slots, extras }: ServiceSurvey): readonly string[] {
  const labels = [
    ...extras.map(containerLabel),
    ...slots.map(({ number }) => instanceLabel(service.name, number)),
  ];
  return labels.map((label) => `remove ${label}`);
}

/** After everybody on it has been removed or disconnected. */
export function networkRemovals(
  networks: readonly NetworkLeftover[],
  drafts: readonly DraftStep[],
  barrier: readonly string[],
): readonly DraftStep[] {
  const departures = departuresOf(drafts);
  return networks.map(({ name, observed, attached }) => ({
    id: `remove network ${observed.name}`,
    after: [...barrier, ...attached.flatMap(({ id }) => departures.get(id) ?? [])],
    preferAfter: [],
    resource: { kind: 'network', name },
    operation: { kind: 'removeNetwork', id: observed.id, name: observed.name },
    because: 'it left the manifests',
  }));
}

/** After everybody who mounts it has been removed. */
export function volumeRemovals(
  volumes: readonly VolumeLeftover[],
  containers: readonly ObservedContainer[],
  drafts: readonly DraftStep[],
): readonly DraftStep[] {
  const departures = departuresOf(drafts);
  return volumes.map(({ name, observed }) => ({
    id: `remove volume ${observed.name}`,
    after: containers
      .filter((container) => mountsVolume(container, observed.name))
      .flatMap(({ id }) => departures.get(id) ?? []),
    preferAfter: [],
    resource: { kind: 'volume', name },
    operation: { kind: 'removeVolume', name: observed.name },
    because: 'it left the manifests, and its removal was accepted',
  }));
}

function mountsVolume({ spec }: ObservedContainer, volume: string): boolean {
  return Object.values(spec.mounts).some((mount) => mount.type === 'volume' && mount.source === volume);
}

/** By container id: the steps after which it is gone, or off a network. */
function departuresOf(drafts: readonly DraftStep[]): ReadonlyMap<string, readonly string[]> {
  const departures = new Map<string, string[]>();
  for (const { id, operation } of drafts) {
    if (operation.kind !== 'removeContainer' && operation.kind !== 'disconnectNetwork') continue;
    if (operation.target.kind !== 'container') continue;
    const known = departures.get(operation.target.id);
    if (known === undefined) departures.set(operation.target.id, [id]);
    else known.push(id);
  }
  return departures;
}
