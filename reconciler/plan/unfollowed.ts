import type { Name } from '../model/ids.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import { compareText } from '../model/problem.ts';
import { instanceHealth, type ServiceStatus, type StackStatus } from '../model/status.ts';
import { worstOf } from './health.ts';

/** What the engine still has of a stack. */
export interface Remains {
  readonly containers: readonly ObservedContainer[];
  /** By the engine's names. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

export function remainsOf(stack: Name, observed: ObservedState): Remains {
  return {
    containers: observed.containers.filter(({ ownership }) => ownership.stack === stack),
    networks: observed.networks.filter(({ ownership }) => ownership?.stack === stack).map(({ name }) => name),
    volumes: observed.volumes.filter(({ ownership }) => ownership?.stack === stack).map(({ name }) => name),
  };
}

export function isNothing({ containers, networks, volumes }: Remains): boolean {
  return containers.length + networks.length + volumes.length === 0;
}

export interface UnfollowedStack {
  readonly stack: Name;
  /** The last that it had. */
  readonly source: Name;
  readonly engine: Name;
  readonly remains: Remains;
  readonly previous: StackStatus | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The reason of the conditions of a stack that no source follows any more. */
const notFollowed = 'NotFollowed';

/** Nobody says what should be any more; what is left runs on, and is shown with what can be done about it. */
export function unfollowedStatus(unfollowed: UnfollowedStack): StackStatus {
  const { stack, source, engine, remains, previous, now } = unfollowed;
  const services = servicesOf(remains.containers);
  const stalled = previous?.conditions.find(({ type }) => type === 'Stalled');
  const since = stalled?.reason === notFollowed ? stalled.since : now;
  const message = describeRemains({ source, remains });
  return {
    stack,
    source,
    engine,
    syncStatus: 'unknown',
    health: services.length === 0 ? 'unknown' : worstOf(services.map(({ health }) => health)),
    revision: previous?.revision ?? null,
    syncedRevision: previous?.syncedRevision ?? null,
    conditions: [
      { type: 'Ready', status: false, reason: notFollowed, message, since },
      { type: 'Reconciling', status: false, reason: 'Idle', message: '', since },
      { type: 'Stalled', status: true, reason: notFollowed, message, since },
    ],
    services,
    lastOutcome: previous?.lastOutcome ?? null,
    lastCheckedAt: now,
    lastSyncedAt: previous?.lastSyncedAt ?? null,
  };
}

export function isNotFollowed({ conditions }: StackStatus): boolean {
  return conditions.some(({ reason }) => reason === notFollowed);
}

function servicesOf(containers: readonly ObservedContainer[]): readonly ServiceStatus[] {
  const names = [...new Set(containers.map(({ ownership }) => ownership.resource))].sort(compareText);
  return names.map((service) => {
    const own = containers.filter(({ ownership }) => ownership.resource === service);
    const healths = own.map(({ state }) => instanceHealth(state, 'service'));
    return {
      service,
      syncStatus: 'unknown',
      health: worstOf(healths),
      replicas: own.length,
      ready: healths.filter((health) => health === 'healthy').length,
      image: own[0]?.spec.image ?? '',
      because: 'it is no longer followed',
    };
  });
}

function describeRemains({ source, remains }: Pick<UnfollowedStack, 'source' | 'remains'>): string {
  const { networks, volumes } = remains;
  const containers = remains.containers.map(({ name }) => name);
  const left = [
    ...containers.map((name) => `container ${name}`),
    ...networks.map((name) => `network ${name}`),
    ...volumes.map((name) => `volume ${name}`),
  ];
  const commands = [
    ...commandFor('docker rm -f', containers),
    ...commandFor('docker network rm', networks),
    ...commandFor('docker volume rm', volumes).map((command) => `${command} (with its data)`),
  ];
  return (
    `No source follows it any more (the last was ${source}), so nothing of it is changed. Left: ${left.join(', ')}. ` +
    "To keep it in sync, name a source that has it in the operator's file. " +
    `To be rid of it: ${commands.join(', ')}.`
  );
}

function commandFor(verb: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`\`${verb} ${names.join(' ')}\``];
}
