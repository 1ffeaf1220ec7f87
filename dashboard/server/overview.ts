import type { OverviewBody } from '../../reconciler/model/generated/api.ts';
import type { Reading } from './reading.ts';
import { serviceStates } from './states.ts';

/** The one line that says the truth, as numbers. */
export function readOverview({ world }: Reading): OverviewBody {
  const services = serviceStates(world);
  const statuses = world.statuses.all();
  const countOf = (syncStatus: string): number =>
    services.filter((service) => service.syncStatus === syncStatus).length;
  const checks = statuses.map(({ lastCheckedAt }) => lastCheckedAt);
  return {
    at: world.clock.now(),
    stacks: statuses.length,
    services: services.length,
    synced: countOf('synced'),
    outOfSync: countOf('outOfSync'),
    unknown: countOf('unknown'),
    unhealthy: services.filter(({ health }) => health !== 'healthy').length,
    checkedAt: checks.includes(null) || checks.length === 0 ? null : Math.min(...checks.map(Number)),
    sources: world.sources.map(({ source: { name } }) => ({
      source: name,
      revision: world.views.get(name)?.commit.revision ?? null,
    })),
  };
}
