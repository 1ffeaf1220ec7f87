import type { ContainerSpec } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type { ObservedContainer, ObservedImage, ObservedState } from '../model/observed.ts';
import { emptyImage, expectedSpec } from './expected.ts';

/** What a service's containers should be, merged once for each image that any of them has. */
export interface Expectation {
  /** With the image that the container was made from, so that a new image explains itself once and not in every field. */
  ofExisting(service: DesiredService, container: ObservedContainer): ContainerSpec;
  /** With the image that a newcomer would be made from, as far as it is known before it is pulled. */
  ofNewcomer(service: DesiredService, old: ObservedContainer | null): ContainerSpec;
}

export function createExpectation({ images, imagesById, engine }: ObservedState): Expectation {
  const known = new Map<DesiredService, Map<string, ContainerSpec>>();
  const specOf = (service: DesiredService, image: ObservedImage | null): ContainerSpec => {
    const specs = known.get(service) ?? new Map<string, ContainerSpec>();
    known.set(service, specs);
    const key = image?.id ?? '';
    const spec =
      specs.get(key) ?? expectedSpec(service.container, image?.config ?? emptyImage, engine.defaults);
    specs.set(key, spec);
    return spec;
  };
  const imageOf = (container: ObservedContainer | null): ObservedImage | null =>
    (container === null ? null : imagesById[container.imageId]) ?? null;
  return {
    ofExisting: (service, container) => specOf(service, imageOf(container)),
    ofNewcomer: (service, old) => specOf(service, images[service.container.image] ?? imageOf(old)),
  };
}
