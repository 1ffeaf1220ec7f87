import type { ContainerIntent, ContainerSpec } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type {
  EngineDefaults,
  ImageConfig,
  ObservedContainer,
  ObservedImage,
  ObservedState,
} from '../model/observed.ts';
import { emptyImage, expectedSpec } from './expected.ts';

/** What a service's containers should be, merged once for each image that any of them has. */
export interface Expectation {
  /** With the image that the container was made from, so that a new image explains itself once and not in every field. */
  ofExisting(service: DesiredService, container: ObservedContainer): ContainerSpec;
  /** With the image that a newcomer would be made from, as far as it is known before it is pulled. */
  ofNewcomer(service: DesiredService, old: ObservedContainer | null): ContainerSpec;
}

interface Ingredients {
  readonly intent: ContainerIntent;
  readonly image: ImageConfig;
  readonly engine: EngineDefaults;
}

/**
 * The last merge of each intent. A daemon looks at the same intent, image and engine again and again, values that never
 * change in place, and merging some fifty fields is by far the dearest part of a look that finds nothing.
 */
const merges = new WeakMap<ContainerIntent, Ingredients & { readonly spec: ContainerSpec }>();

function mergeOnce({ intent, image, engine }: Ingredients): ContainerSpec {
  const known = merges.get(intent);
  if (known?.image === image && known.engine === engine) return known.spec;
  const spec = expectedSpec(intent, image, engine);
  merges.set(intent, { intent, image, engine, spec });
  return spec;
}

export function createExpectation({ images, imagesById, engine }: ObservedState): Expectation {
  const known = new Map<DesiredService, Map<string, ContainerSpec>>();
  const specOf = (service: DesiredService, image: ObservedImage | null): ContainerSpec => {
    const specs = known.get(service) ?? new Map<string, ContainerSpec>();
    known.set(service, specs);
    const key = image?.id ?? '';
    const spec =
      specs.get(key) ??
      mergeOnce({ intent: service.container, image: image?.config ?? emptyImage, engine: engine.defaults });
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
