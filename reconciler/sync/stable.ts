import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import { serviceHealth } from '../plan/health.ts';
import { digestIn, repositoryOf } from '../plan/image.ts';
import type { Preview } from './preview.ts';
import type { World } from './world.ts';

/** Records the versions that run as Git has them and are healthy: what a failed rollout would return to. */
export async function keepStable(world: World, { intent, observed, plan }: Preview): Promise<void> {
  const unchanged = new Set(
    plan.decisions.flatMap(({ resource, verdict }) =>
      resource.kind === 'service' && verdict === 'unchanged' ? [resource.service] : [],
    ),
  );
  const revision = intent.view.source.commit.revision;
  const proven = intent.desired.services
    .filter((service) => unchanged.has(service.name) && isHealthy(intent.stack, service, observed))
    .map((service): StableService => {
      const digest = digestOf(intent.stack, service, observed);
      return { service: service.name, hash: service.hash, revision, definition: service, digest };
    })
    .filter((version) => !intent.stable.some((known) => isSameVersion(known, version)));
  if (proven.length === 0) return;
  await world.store.recordStable(intent.stack, proven, world.clock.now());
  for (const { service } of proven.filter((version) => hasOutlived(version, intent.holds))) {
    await world.store.liftHold(intent.stack, { kind: 'rejected', service }, world.clock.now());
  }
}

/** The tag moved on from the image that was rejected, and what it means now is healthy. */
function hasOutlived({ service, digest }: StableService, holds: readonly Hold[]): boolean {
  return holds.some(
    (hold) =>
      hold.kind === 'rejected' &&
      hold.service === service &&
      hold.digest !== null &&
      (digest === null || hold.digest !== digestIn(digest)),
  );
}

function isHealthy(stack: Name, service: DesiredService, observed: ObservedState): boolean {
  return service.replicas > 0 && serviceHealth(stack, service, observed).health === 'healthy';
}

function isSameVersion(left: StableService, right: StableService): boolean {
  return (
    left.service === right.service &&
    left.digest === right.digest &&
    JSON.stringify(left.definition) === JSON.stringify(right.definition)
  );
}

/** The digest by which a registry knows the image that runs; null for one that was never pulled or pushed. */
function digestOf(stack: Name, service: DesiredService, observed: ObservedState): string | null {
  const container = observed.containers.find(
    ({ ownership }) => ownership.stack === stack && ownership.resource === service.name,
  );
  const image = container === undefined ? null : (observed.imagesById[container.imageId] ?? null);
  const repository = `${repositoryOf(service.container.image)}@`;
  return image?.repoDigests.find((digest) => digest.startsWith(repository)) ?? null;
}
