import { apiNeeds, isApiAtLeast } from '../model/api-needs.ts';
import { containerName, newcomerName, type Name } from '../model/ids.ts';
import { blockOf, type Block, type BlockContext } from './block.ts';
import { imageNeed, wishOf } from './image.ts';
import { isCreating } from './slots.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

const subpath = apiNeeds['mounts.subpath'];

/** An older engine takes a part of a volume for the whole of it, which would show data that was not meant. */
export function engineBlock({ service, slots }: ServiceSurvey, { survey }: BlockContext): Block | null {
  const { version, apiVersion } = survey.observed.engine;
  const mounts = Object.entries(service.container.mounts ?? {});
  const partial = mounts.find(([, mount]) => mount.type === 'volume' && mount.subpath !== '');
  if (partial === undefined || isApiAtLeast(apiVersion, subpath.api) || !slots.some(isCreating)) return null;
  return blockOf(service, {
    code: 'EN102',
    because: `Docker ${version} (API ${apiVersion}) would mount the whole volume at ${partial[0]} instead of its subpath`,
    remedy: `Upgrade to Docker ${subpath.docker} (API ${subpath.api}) or later, or mount a volume of its own.`,
  });
}

export function imageBlock({ service, slots }: ServiceSurvey, { survey }: BlockContext): Block | null {
  const { image } = service.container;
  if (!slots.some(isCreating) || imageNeed(wishOf(service), survey.observed) !== 'absent') return null;
  return blockOf(service, {
    code: 'IM102',
    because: `image ${image} is not on the engine and must not be pulled`,
    remedy: `Load the image on the engine, or let pull_policy be "missing".`,
  });
}

export function networkBlock({ service, slots }: ServiceSurvey, { survey }: BlockContext): Block | null {
  const used = Object.keys(service.container.networks ?? {});
  const reading = survey.networks.wanted.find(
    ({ network, condition }) =>
      used.includes(network.engineName) &&
      (condition === 'taken' || (condition === 'missing' && network.external)),
  );
  if (reading === undefined || !slots.some(isCreating)) return null;
  const { engineName } = reading.network;
  return reading.condition === 'taken'
    ? blockOf(service, {
        code: 'NM102',
        because: `network ${engineName} is there and not this stack's`,
        remedy: `Declare it with "external: true" to use it as it is, or give the network another name.`,
      })
    : blockOf(service, {
        code: 'NW101',
        because: `external network ${engineName} does not exist`,
        remedy: `Create it with \`docker network create ${engineName}\`, or declare it without "external".`,
      });
}

export function volumeBlock({ service, slots }: ServiceSurvey, { survey }: BlockContext): Block | null {
  const mounts = Object.values(service.container.mounts ?? {});
  const used = new Set(mounts.map((mount) => (mount.type === 'volume' ? mount.source : '')));
  const reading = survey.volumes.wanted.find(
    ({ volume, condition }) =>
      used.has(volume.engineName) && (condition === 'taken' || (condition === 'missing' && volume.external)),
  );
  if (reading === undefined || !slots.some(isCreating)) return null;
  const { engineName } = reading.volume;
  return reading.condition === 'taken'
    ? blockOf(service, {
        code: 'NM103',
        because: `volume ${engineName} is there and not this stack's`,
        remedy: `Declare it with "external: true" to use it as it is, or give the volume another name.`,
      })
    : blockOf(service, {
        code: 'VL103',
        because: `external volume ${engineName} does not exist`,
        remedy: `Create it with \`docker volume create ${engineName}\`, or declare it without "external".`,
      });
}

/** A name that we need belongs to a container that is not ours to move. */
export function nameBlock({ service, slots }: ServiceSurvey, { survey }: BlockContext): Block | null {
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
  return blockOf(service, {
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
