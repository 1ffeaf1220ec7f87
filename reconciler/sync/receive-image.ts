import type { DesiredService } from '../model/desired.ts';
import { actedOnHint, formatImage, ignoredHint, type HintAnswer, type ImageHint } from '../model/hint.ts';
import type { Name } from '../model/ids.ts';
import { digestIn, repositoryOf } from '../plan/image.ts';
import { fullReference } from '../plan/reference.ts';
import { askFor } from './ask.ts';
import { isAllowed, type MayWake } from './may-wake.ts';
import type { World } from './world.ts';

/**
 * A push to a registry asks for a sync of the stacks to which it can matter: those that follow the tag, and those
 * that wait for the image.
 */
export async function receiveImage(world: World, hint: ImageHint, mayWake: MayWake): Promise<HintAnswer> {
  const users = usersOf(world, hint, mayWake);
  const image = formatImage(hint);
  if (users.length === 0 && world.views.all().length < world.sources.length) {
    return ignoredHint('Not every source was read yet; each stack is synced as soon as its source is.');
  }
  if (users.length === 0) return ignoredHint(`No stack that this receiver may wake uses ${image}.`);
  const concerned = users.filter((user) => canMatter(world, user));
  if (concerned.length === 0) {
    const names = users.map(({ stack, service }) => `${stack}/${service.name}`).join(', ');
    return ignoredHint(
      `${image} is used by ${names}, which run what the engine has. Only \`pull_policy: always\` follows a tag at once.`,
    );
  }
  const stacks = [...new Set(concerned.map(({ stack }) => stack))].sort();
  for (const stack of stacks) await askFor(world, stack, 'webhook');
  return actedOnHint(`Syncing what uses ${image}: ${stacks.join(', ')}.`, { stacks });
}

interface ImageUser {
  readonly stack: Name;
  readonly service: DesiredService;
}

function usersOf(world: World, hint: ImageHint, mayWake: MayWake): readonly ImageUser[] {
  return world.views
    .all()
    .filter(({ source }) => isAllowed(mayWake, source))
    .flatMap(({ stacks }) => Array.from(stacks.values()))
    .flatMap(({ name, desired }) => (desired?.services ?? []).map((service) => ({ stack: name, service })))
    .filter(({ service }) => isNamed(service.container.image, hint));
}

function isNamed(reference: string, { registry, repository, tag }: ImageHint): boolean {
  if (digestIn(reference) !== null) return false;
  const full = fullReference(reference).replace(/^index\.docker\.io\//, 'docker.io/');
  const bare = repositoryOf(full);
  const ownTag = full.slice(bare.length + 1);
  return bare.toLowerCase() === `${registry}/${repository}` && (tag === null || tag === (ownTag || 'latest'));
}

/** What the engine has already is not pulled again unless a tag is followed; a stack that failed may wait for just this image. */
function canMatter(world: World, { stack, service }: ImageUser): boolean {
  const { pullPolicy } = service;
  if (pullPolicy === 'always' || pullPolicy === 'never') return pullPolicy === 'always';
  return world.statuses.get(stack)?.syncStatus !== 'synced';
}
