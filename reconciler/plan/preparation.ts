import type { DesiredService } from '../model/desired.ts';
import { compareText } from '../model/problem.ts';
import { imageNeed, wishOf, type ImageWish } from './image.ts';
import type { DraftStep } from './order.ts';
import { isCreating } from './slots.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** Everything that must be there before the first container is touched. */
export interface Preparation {
  readonly steps: readonly DraftStep[];
  /** Nothing is stopped before these have succeeded. */
  readonly barrier: readonly string[];
}

/** Pulls of images, and networks and volumes that are not there yet. */
export function prepare(survey: Survey, services: readonly ServiceSurvey[]): Preparation {
  const steps = [...pulls(survey, services), ...networkCreations(survey), ...volumeCreations(survey)];
  return { steps, barrier: steps.map(({ id }) => id) };
}

/** What must exist before a container of the service can be made. */
export function needsOf(service: DesiredService, { networks, volumes }: Survey): readonly string[] {
  const { networks: attached = {}, mounts = {} } = service.container;
  const sources = new Set(
    Object.values(mounts).map((mount) => (mount.type === 'volume' ? mount.source : '')),
  );
  return [
    pullId(wishOf(service)),
    ...networks.wanted
      .filter(({ network }) => network.engineName in attached)
      .map(({ network }) => `create network ${network.name}`),
    ...volumes.wanted
      .filter(({ volume }) => sources.has(volume.engineName))
      .map(({ volume }) => `create volume ${volume.name}`),
  ];
}

/** Services that want one image for one platform share its pull. */
function pulls({ observed }: Survey, services: readonly ServiceSurvey[]): readonly DraftStep[] {
  const steps = new Map<string, DraftStep>();
  for (const { service, slots } of services) {
    const { image, platform = null } = service.container;
    const wish = wishOf(service);
    const id = pullId(wish);
    if (steps.has(id) || !slots.some(isCreating) || imageNeed(wish, observed) !== 'pull') continue;
    steps.set(id, {
      id,
      after: [],
      preferAfter: [],
      resource: { kind: 'service', service: service.name },
      operation: { kind: 'pullImage', image, platform, policy: service.pullPolicy },
      because: observed.images[image]
        ? 'the registry has another image'
        : 'the engine does not have the image',
    });
  }
  return [...steps.values()].sort((a, b) => compareText(a.id, b.id));
}

function pullId({ reference, platform }: ImageWish): string {
  return platform === null ? `pull ${reference}` : `pull ${reference} for ${platform}`;
}

function networkCreations({ networks }: Survey): readonly DraftStep[] {
  return networks.wanted
    .filter(({ network, condition }) => condition === 'missing' && !network.external)
    .map(({ network }) => ({
      id: `create network ${network.name}`,
      after: [],
      preferAfter: [],
      resource: { kind: 'network', name: network.name },
      operation: { kind: 'createNetwork', network },
      because: 'it is missing',
    }));
}

function volumeCreations({ volumes }: Survey): readonly DraftStep[] {
  return volumes.wanted
    .filter(({ volume, condition }) => condition === 'missing' && !volume.external)
    .map(({ volume }) => ({
      id: `create volume ${volume.name}`,
      after: [],
      preferAfter: [],
      resource: { kind: 'volume', name: volume.name },
      operation: { kind: 'createVolume', volume },
      because: 'it is missing',
    }));
}
