import type { ServiceStateBody, StackStateBody } from '../../reconciler/model/generated/api.ts';
import type { Name } from '../../reconciler/model/ids.ts';
import type { ServiceStatus, StackStatus } from '../../reconciler/model/status.ts';
import type { World } from '../../reconciler/sync/world.ts';

/** Every stack at a glance, in no order. */
export function stackStates(world: World): readonly StackStateBody[] {
  const running = new Set(world.running.stacks());
  return world.statuses.all().map((status) => stackState(world, status, running));
}

export function stackState(
  world: World,
  status: StackStatus,
  running: ReadonlySet<Name> = new Set(world.running.stacks()),
): StackStateBody {
  const { stack, source, services, conditions } = status;
  const ready = conditions.find(({ type }) => type === 'Ready');
  return {
    stack,
    source,
    engine: world.views.stack(stack)?.loaded?.desired?.engine ?? null,
    syncStatus: status.syncStatus,
    health: status.health,
    revision: status.revision,
    syncedRevision: status.syncedRevision,
    services: services.length,
    servicesSynced: services.filter(({ syncStatus }) => syncStatus === 'synced').length,
    servicesHealthy: services.filter(({ health }) => health === 'healthy').length,
    reason: ready?.reason ?? 'Unknown',
    message: ready?.message ?? '',
    since: ready?.since ?? null,
    isRunning: running.has(stack),
    lastOutcome: status.lastOutcome,
    lastCheckedAt: status.lastCheckedAt,
    lastSyncedAt: status.lastSyncedAt,
  };
}

/** Every service at a glance, in no order. */
export function serviceStates(world: World): readonly ServiceStateBody[] {
  return world.statuses.all().flatMap((status) => statesOfServices(world, status));
}

export function statesOfServices(world: World, status: StackStatus): readonly ServiceStateBody[] {
  const desired = world.views.stack(status.stack)?.loaded?.desired?.services ?? [];
  const owners = new Map(desired.map(({ name, owner }) => [name, owner]));
  return status.services.map((service) => serviceState(status, service, owners.get(service.service) ?? null));
}

function serviceState(
  { stack, lastCheckedAt }: StackStatus,
  status: ServiceStatus,
  owner: string | null,
): ServiceStateBody {
  return { ...status, stack, owner, checkedAt: lastCheckedAt };
}
