import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import { digestIn, meaningOf, repositoryOf, wishOf } from './image.ts';

type Rejection = Extract<Hold, { readonly kind: 'rejected' }>;
type Freeze = Extract<Hold, { readonly kind: 'freeze' }>;

export interface HoldInput {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
  readonly holds: readonly Hold[];
  readonly stable: readonly StableService[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What should be, with everything taken out that is recorded not to be applied. */
export interface HeldStack {
  readonly desired: DesiredStack;
  /** By service: why its wanted definition is not applied. */
  readonly rejections: ReadonlyMap<Name, Rejection>;
  /** Held services without a version to return to: they are left exactly as they are. */
  readonly untouched: ReadonlySet<Name>;
  /** The whole stack stands still. */
  readonly freeze: Freeze | null;
}

/**
 * A service whose wanted hash was rejected is replaced by its last stable version. A hold lifts by itself when Git asks
 * for another hash, one of an image when its tag moves on, a freeze when its time is over.
 */
export function applyHolds({ desired, observed, holds, stable, now }: HoldInput): HeldStack {
  const own = holds.filter(({ stack }) => stack === desired.name);
  const rejections = new Map(
    desired.services.flatMap((service) => {
      const rejection = rejectionOf(service, own, observed);
      return rejection === null ? [] : [[service.name, rejection] as const];
    }),
  );
  const stableByName = new Map(stable.map((version) => [version.service, version]));
  const services = desired.services.map((service) => {
    const version = stableByName.get(service.name);
    return rejections.has(service.name) && version !== undefined ? definitionOf(version, service) : service;
  });
  return {
    desired: { ...desired, services },
    rejections,
    untouched: new Set([...rejections.keys()].filter((name) => !stableByName.has(name))),
    freeze: own.filter((hold) => hold.kind === 'freeze').find(({ until }) => until > now) ?? null,
  };
}

/** `held since 2026-03-01 12:00 UTC: …`, as a clause. */
export function describeHold({ why, since }: Hold): string {
  return `held since ${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${why}`;
}

function rejectionOf(
  service: DesiredService,
  holds: readonly Hold[],
  observed: ObservedState,
): Rejection | null {
  const { name, hash } = service;
  const own = holds.filter((hold) => hold.kind === 'rejected').find((hold) => hold.service === name);
  if (own === undefined || own.hash !== hash) return null;
  return own.digest === null || own.digest === meaningOf(wishOf(service), observed) ? own : null;
}

/** With the very image that it ran with, since its tag may be what moved. What is done about drift is said today. */
function definitionOf({ definition, digest }: StableService, { drift }: DesiredService): DesiredService {
  if (digest === null) return { ...definition, drift };
  const { image } = definition.container;
  const pinned = `${repositoryOf(image)}@${digestIn(digest) ?? digest}`;
  return {
    ...definition,
    drift,
    pullPolicy: 'missing',
    container: { ...definition.container, image: pinned },
  };
}
