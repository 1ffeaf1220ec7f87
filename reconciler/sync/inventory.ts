import { definitionDigest } from '../manifest/hash.ts';
import { formatResource } from '../model/change.ts';
import type { DesiredNetwork, DesiredStack, DesiredVolume } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { InventoryItem } from '../model/ports.ts';
import type { Intent, Preview } from './preview.ts';
import type { World } from './world.ts';

/** Networks and volumes that were once in place as they are wanted now, as `network default`. */
export function reachedOf(
  { engine, networks, volumes }: DesiredStack,
  inventory: readonly InventoryItem[],
): ReadonlySet<string> {
  const isReached = (kind: InventoryItem['kind'], wanted: DesiredNetwork | DesiredVolume): boolean =>
    inventory.some(
      (item) =>
        item.engine === engine &&
        item.kind === kind &&
        item.engineName === wanted.engineName &&
        item.definition === definitionDigest(wanted),
    );
  return new Set([
    ...networks.filter((network) => isReached('network', network)).map(({ name }) => `network ${name}`),
    ...volumes.filter((volume) => isReached('volume', volume)).map(({ name }) => `volume ${name}`),
  ]);
}

/** Before anything is created: what an attempt may leave behind is ours from its first moment. */
export async function claimInventory(world: World, { stack, desired, inventory }: Intent): Promise<void> {
  const claimed = distinct([...itemsOf(desired), ...inventory]);
  if (claimed.length === inventory.length) return;
  await world.store.recordInventory(stack, claimed, world.clock.now());
}

/**
 * After an attempt: what is wanted, and what is not wanted and still there. Survivors stay tracked. False when the stack
 * left its source and nothing of it is left.
 */
export async function keepInventory(
  world: World,
  { intent, observed, left, forgetsUnseen, plan }: Preview,
): Promise<boolean> {
  const { stack, desired, inventory, view } = intent;
  const survivors = inventory.filter((item) => {
    const elsewhere = left.get(item.engine);
    if (item.engine === desired.engine) return isThere(item, stack, observed);
    if (elsewhere?.kind === 'unseen' && forgetsUnseen) return false;
    return elsewhere?.kind !== 'seen' || isThere(item, stack, elsewhere.observed);
  });
  const kept = distinct([...survivors, ...inPlace(itemsOf(desired), { desired, plan, survivors })]);
  await world.store.recordInventory(stack, kept, world.clock.now());
  return view.loaded !== null || kept.length > 0;
}

/** What a stack owns once it is as its manifests say. */
export function itemsOf({ engine, services, networks, volumes }: DesiredStack): readonly InventoryItem[] {
  return [
    ...services.map(({ name }): InventoryItem => ({ engine, kind: 'service', name, engineName: name })),
    ...networks
      .filter(isOwn)
      .map(({ name, engineName }): InventoryItem => ({ engine, kind: 'network', name, engineName })),
    ...volumes
      .filter(isOwn)
      .map(({ name, engineName }): InventoryItem => ({ engine, kind: 'volume', name, engineName })),
  ];
}

interface Found {
  readonly desired: DesiredStack;
  readonly plan: Plan;
  readonly survivors: readonly InventoryItem[];
}

/** Each with the definition that it is in place with: today's where nothing differs, else the one before. */
function inPlace(
  items: readonly InventoryItem[],
  { desired, plan, survivors }: Found,
): readonly InventoryItem[] {
  const differing = new Set(plan.changes.map(({ resource }) => formatResource(resource)));
  return items.map((item): InventoryItem => {
    const declared = item.kind === 'network' ? desired.networks : desired.volumes;
    const wanted = item.kind === 'service' ? undefined : declared.find(({ name }) => name === item.name);
    if (wanted === undefined) return item;
    const before = survivors.find(
      ({ kind, engineName }) => kind === item.kind && engineName === item.engineName,
    );
    const isInPlace = !differing.has(`${item.kind} ${item.name}`);
    const definition = isInPlace ? definitionDigest(wanted) : before?.definition;
    return definition === undefined ? item : { ...item, definition };
  });
}

function isOwn({ external }: DesiredNetwork | DesiredVolume): boolean {
  return !external;
}

function distinct(items: readonly InventoryItem[]): readonly InventoryItem[] {
  return [...new Map(items.map((item) => [`${item.engine} ${item.kind} ${item.engineName}`, item])).values()];
}

function isThere({ kind, name, engineName }: InventoryItem, stack: Name, observed: ObservedState): boolean {
  switch (kind) {
    case 'service':
      return observed.containers.some(
        ({ ownership }) => ownership.stack === stack && ownership.resource === name,
      );
    case 'network':
      return observed.networks.some(
        (network) => network.name === engineName && network.ownership?.stack === stack,
      );
    case 'volume':
      return observed.volumes.some(
        (volume) => volume.name === engineName && volume.ownership?.stack === stack,
      );
    default:
      return kind satisfies never;
  }
}
