import type { Finding } from '../model/change.ts';
import type { DesiredService } from '../model/desired.ts';
import { containerName, newcomerName, type Name } from '../model/ids.ts';
import { availability } from './conditions.ts';
import { finding, type FindingCode } from './findings.ts';
import { imageNeed } from './image.ts';
import { fixedPorts, formatPort, holdersOfPort, type PortHolder } from './ports.ts';
import { isCreating, type Slot } from './slots.ts';
import type { ServiceSurvey, Survey } from './survey.ts';
import { isUp } from './state.ts';

/** Why nothing can be done for a service now. It is told before the first step instead of failing in the middle. */
export interface Block {
  readonly because: string;
  readonly finding: Finding;
}

export type Blocks = ReadonlyMap<Name, Block>;

/** Services that cannot be acted upon: for reasons of their own, or because another one is in the way or missing. */
export function findBlocks(survey: Survey, willPrune: ReadonlySet<Name>): Blocks {
  const blocks = new Map<Name, Block>();
  const acting = survey.services.filter(isActing);
  for (let known = -1; known < blocks.size;) {
    known = blocks.size;
    for (const service of acting.filter(({ service: { name } }) => !blocks.has(name))) {
      const block = firstBlock(service, { survey, willPrune, blocks });
      if (block !== null) blocks.set(service.service.name, block);
    }
  }
  return blocks;
}

/** Something has to be made, changed or moved for it. */
export function isActing({ slots, extras }: ServiceSurvey): boolean {
  return extras.length > 0 || slots.some(isActingSlot);
}

function isActingSlot(slot: Slot): boolean {
  const { keeper, old, surplus } = slot;
  if (isCreating(slot) || old !== null || surplus.length > 0) return true;
  return keeper !== null && keeper.changes.some((change) => change.isActing);
}

interface Situation {
  readonly survey: Survey;
  readonly willPrune: ReadonlySet<Name>;
  readonly blocks: Blocks;
}

type Rule = (of: ServiceSurvey, situation: Situation) => Block | null;

const rules: readonly Rule[] = [imageBlock, networkBlock, volumeBlock, nameBlock, portBlock, dependencyBlock];

function firstBlock(of: ServiceSurvey, situation: Situation): Block | null {
  for (const rule of rules) {
    const block = rule(of, situation);
    if (block !== null) return block;
  }
  return null;
}

function imageBlock({ service, slots }: ServiceSurvey, { survey }: Situation): Block | null {
  const { image, platform = null } = service.container;
  const wish = { reference: image, platform, policy: service.pullPolicy };
  if (!slots.some(isCreating) || imageNeed(wish, survey.observed) !== 'absent') return null;
  return block(service, {
    code: 'IM102',
    because: `image ${image} is not on the engine and must not be pulled`,
    remedy: `Load the image on the engine, or let pull_policy be "missing".`,
  });
}

function networkBlock({ service, slots }: ServiceSurvey, { survey }: Situation): Block | null {
  const used = Object.keys(service.container.networks ?? {});
  const reading = survey.networks.wanted.find(
    ({ network, condition }) =>
      used.includes(network.engineName) &&
      (condition === 'taken' || (condition === 'missing' && network.external)),
  );
  if (reading === undefined || !slots.some(isCreating)) return null;
  const { engineName } = reading.network;
  return reading.condition === 'taken'
    ? block(service, {
        code: 'NM102',
        because: `network ${engineName} is there and not this stack's`,
        remedy: `Declare it with "external: true" to use it as it is, or give the network another name.`,
      })
    : block(service, {
        code: 'NW101',
        because: `external network ${engineName} does not exist`,
        remedy: `Create it with \`docker network create ${engineName}\`, or declare it without "external".`,
      });
}

function volumeBlock({ service, slots }: ServiceSurvey, { survey }: Situation): Block | null {
  const mounts = Object.values(service.container.mounts ?? {});
  const used = new Set(mounts.map((mount) => (mount.type === 'volume' ? mount.source : '')));
  const reading = survey.volumes.wanted.find(
    ({ volume, condition }) =>
      used.has(volume.engineName) && (condition === 'taken' || (condition === 'missing' && volume.external)),
  );
  if (reading === undefined || !slots.some(isCreating)) return null;
  const { engineName } = reading.volume;
  return reading.condition === 'taken'
    ? block(service, {
        code: 'NM103',
        because: `volume ${engineName} is there and not this stack's`,
        remedy: `Declare it with "external: true" to use it as it is, or give the volume another name.`,
      })
    : block(service, {
        code: 'VL103',
        because: `external volume ${engineName} does not exist`,
        remedy: `Create it with \`docker volume create ${engineName}\`, or declare it without "external".`,
      });
}

/** A name that we need belongs to a container that is not ours to move. */
function nameBlock({ service, slots }: ServiceSurvey, { survey }: Situation): Block | null {
  const { stack, lookup } = survey;
  const needed = slots.flatMap(({ number, keeper, old, ...slot }) => {
    const own = containerName(stack.name, service.name, number);
    if (keeper === null && !isCreating({ number, keeper, old, ...slot })) return [];
    if (keeper !== null) return keeper.container.name === own ? [] : [own];
    return old === null
      ? [own]
      : [own, newcomerName({ stack: stack.name, service: service.name, number }, service.hash)];
  });
  const taken = needed.find((name) => lookup.strangers.has(name) || isOfAnother(name, service.name, survey));
  if (taken === undefined) return null;
  return block(service, {
    code: 'NM101',
    because: `the name ${taken} is taken by a container that is not this service's`,
    remedy: `Remove or rename that container: \`docker rename ${taken} …\`. Plimsoll never touches what it does not own.`,
  });
}

function isOfAnother(name: string, service: Name, { stack, lookup }: Survey): boolean {
  const holder = lookup.byName.get(name);
  return (
    holder !== undefined && (holder.ownership.stack !== stack.name || holder.ownership.resource !== service)
  );
}

/** A host port that we need is held by somebody who will not let go of it. */
function portBlock(of: ServiceSurvey, situation: Situation): Block | null {
  const { service, slots } = of;
  const { survey } = situation;
  const starting = slots.filter((slot) => isCreating(slot) || mustStart(slot));
  for (const { keeper, old } of starting) {
    const spec = keeper?.expected ?? survey.expectation.ofNewcomer(service, old?.container ?? null);
    for (const port of fixedPorts(spec)) {
      const holder = holdersOfPort(survey.lookup.ports, port).find((held) => !letsGo(held, of, situation));
      if (holder === undefined) continue;
      return block(service, {
        code: 'PT101',
        because: `host port ${formatPort(port)} is held by container ${holder.container}`,
        remedy: `Stop that container or publish another host port.`,
      });
    }
  }
  return null;
}

function mustStart({ keeper }: Slot): boolean {
  return (
    keeper !== null &&
    !isUp(keeper.container.state) &&
    keeper.changes.some(({ mend, isActing }) => mend === 'state' && isActing)
  );
}

/** It is the service's own, or goes away in this plan without a successor that wants the port. */
function letsGo(
  { ours }: PortHolder,
  { service }: ServiceSurvey,
  { survey, willPrune, blocks }: Situation,
): boolean {
  if (ours === null || ours.ownership.stack !== survey.stack.name) return false;
  const owner = ours.ownership.resource;
  if (owner === service.name || willPrune.has(owner)) return true;
  const other = survey.services.find((candidate) => candidate.service.name === owner);
  if (other === undefined || blocks.has(owner)) return false;
  return other.extras.includes(ours) || other.slots.some((slot) => isLeaving(slot, ours.id));
}

function isLeaving({ keeper, old, surplus }: Slot, id: string): boolean {
  return (
    keeper?.container.id !== id &&
    (old?.container.id === id || surplus.some((container) => container.id === id))
  );
}

/** Nobody starts what depends on something that will not come. */
function dependencyBlock({ service, slots }: ServiceSurvey, { survey, blocks }: Situation): Block | null {
  if (!slots.some((slot) => isCreating(slot) || mustStart(slot))) return null;
  for (const dependency of service.dependsOn.filter(({ required }) => required)) {
    const state = availability(dependency, survey, blocks);
    if (state.kind !== 'out') continue;
    return block(service, {
      code: 'DP101',
      because: `it depends on ${dependency.service}, which ${state.why}`,
      remedy: `Mend ${dependency.service}, or depend on it with "required: false".`,
    });
  }
  return null;
}

interface Reason {
  readonly code: FindingCode;
  /** A clause without the service's name. */
  readonly because: string;
  readonly remedy: string;
}

function block(service: DesiredService, { code, because, remedy }: Reason): Block {
  const message = `${service.name} cannot be brought to its line: ${because}.`;
  return { because, finding: finding(code, { kind: 'service', service: service.name }, { message, remedy }) };
}
