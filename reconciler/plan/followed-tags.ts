import { followsTag, type DesiredStack } from '../model/desired.ts';

/**
 * An engine has one image behind a tag. Where one service follows a tag, pulling it moves the tag
 * for all of its stack, so that the others that name it follow as well, in the same plan and not only in the next one.
 */
export function withFollowedTags(desired: DesiredStack): DesiredStack {
  const followed = new Set(
    desired.services
      .filter(({ pullPolicy }) => followsTag(pullPolicy))
      .map(({ container }) => container.image),
  );
  if (followed.size === 0) return desired;
  const services = desired.services.map((service) =>
    service.pullPolicy === 'missing' && followed.has(service.container.image)
      ? { ...service, pullPolicy: 'always' as const }
      : service,
  );
  return { ...desired, services };
}
