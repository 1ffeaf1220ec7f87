import { followsTag, type DesiredService, type PullPolicy } from '../model/desired.ts';
import type { ObservedContainer, ObservedImage, ObservedState } from '../model/observed.ts';
import { canonicalPlatform } from './canonical.ts';

/** What a service asks for, as far as its image goes. */
export interface ImageWish {
  readonly reference: string;
  readonly platform: string | null;
  readonly policy: PullPolicy;
}

/** The container runs something else than its reference stands for now. */
export interface ImageDifference {
  readonly from: string;
  readonly to: string;
  /** False: the same reference means another image than it did. */
  readonly isOtherReference: boolean;
}

/**
 * Compares what a container runs with what its service asks for. References are compared as text, then by what is
 * behind them: the digest in the registry where that was asked (`always`), else the engine's own image.
 */
export function imageDifference(
  container: ObservedContainer,
  wish: ImageWish,
  observed: ObservedState,
): ImageDifference | null {
  const running = observed.imagesById[container.imageId] ?? null;
  const pinned = digestIn(wish.reference);
  if (pinned !== null && running !== null && hasDigest(running, pinned)) return null;
  const { image } = container.spec;
  if (image !== wish.reference) return { from: image, to: wish.reference, isOtherReference: true };
  if (pinned !== null) return null;
  const wanted = registryDigest(observed, wish);
  return wanted === null
    ? localDifference(container, wish, observed)
    : remoteDifference(container, wanted, observed);
}

/**
 * What a reference means now, as far as the last look tells: the digest that the registry has, where a tag is followed,
 * else that of the engine's own image, or its id where no registry knows it. Null: nobody knows.
 */
export function meaningOf(wish: ImageWish, observed: ObservedState): string | null {
  const pinned = digestIn(wish.reference) ?? registryDigest(observed, wish);
  const present = observed.images[wish.reference] ?? null;
  if (pinned !== null || present === null) return pinned;
  const repository = `${repositoryOf(wish.reference)}@`;
  const own = present.repoDigests.find((digest) => digest.startsWith(repository));
  return own === undefined ? present.id : digestIn(own);
}

/** What a service asks for. */
export function wishOf({ container, pullPolicy }: DesiredService): ImageWish {
  return { reference: container.image, platform: container.platform ?? null, policy: pullPolicy };
}

/** How the image gets onto the engine before a container can be made of it. */
export type ImageNeed = 'present' | 'pull' | 'absent';

/** `absent`: it is not there, and the manifest forbids to fetch it. */
export function imageNeed(wish: ImageWish, observed: ObservedState): ImageNeed {
  const present = observed.images[wish.reference] ?? null;
  if (wish.policy === 'never') return present === null ? 'absent' : 'present';
  if (present === null || !hasPlatform(present, wish.platform)) return 'pull';
  const wanted = registryDigest(observed, wish);
  return wanted === null || hasDigest(present, wanted) ? 'present' : 'pull';
}

/** The digest of a reference that names one, or null. */
export function digestIn(reference: string): string | null {
  const at = reference.indexOf('@');
  return at < 0 ? null : reference.slice(at + 1);
}

/** The reference without its tag and digest. */
export function repositoryOf(reference: string): string {
  const bare = reference.split('@')[0] ?? reference;
  const colon = bare.lastIndexOf(':');
  return colon > bare.lastIndexOf('/') ? bare.slice(0, colon) : bare;
}

function hasDigest(image: ObservedImage, digest: string): boolean {
  return image.repoDigests.some((repoDigest) => digestIn(repoDigest) === digest);
}

/** What the registry has, where it was asked and answered. A registry that is away proves nothing. */
function registryDigest(observed: ObservedState, { reference, policy }: ImageWish): string | null {
  const answer = observed.registryDigests[reference];
  return followsTag(policy) && answer?.kind === 'digest' ? answer.digest : null;
}

function localDifference(
  container: ObservedContainer,
  { reference }: ImageWish,
  observed: ObservedState,
): ImageDifference | null {
  const present = observed.images[reference] ?? null;
  if (present === null || present.id === container.imageId) return null;
  const running = observed.imagesById[container.imageId] ?? null;
  return { from: idOf(running, container), to: shortId(present.id), isOtherReference: false };
}

function remoteDifference(
  container: ObservedContainer,
  wanted: string,
  observed: ObservedState,
): ImageDifference | null {
  const running = observed.imagesById[container.imageId] ?? null;
  if (running !== null && hasDigest(running, wanted)) return null;
  const present = observed.images[container.spec.image] ?? null;
  if (present !== null && present.id === container.imageId && hasDigest(present, wanted)) return null;
  const digest = running?.repoDigests.map(digestIn).find((known) => known !== null);
  return { from: shortId(digest ?? container.imageId), to: shortId(wanted), isOtherReference: false };
}

function hasPlatform({ config }: ObservedImage, platform: string | null): boolean {
  const wanted = canonicalPlatform(platform);
  const present = canonicalPlatform(config.platform);
  return wanted === null || present === null || present === wanted || present.startsWith(`${wanted}/`);
}

function idOf(running: ObservedImage | null, container: ObservedContainer): string {
  return shortId(running?.id ?? container.imageId);
}

/** `sha256:` and twelve digits. */
function shortId(id: string): string {
  return id.slice(0, 'sha256:'.length + 12);
}
