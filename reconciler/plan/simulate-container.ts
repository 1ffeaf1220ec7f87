import type { ConfigFile, NetworkAttachment } from '../model/container.ts';
import { SyncError } from '../model/error.ts';
import type { ContainerState, ObservedContainer, ObservedState } from '../model/observed.ts';
import type { ContainerUpdate } from '../model/plan.ts';
import { canonicalHealthcheck } from './canonical.ts';
import { lookupOf } from './lookup.ts';
import { fixedPorts, formatPort, holdersOfPort } from './ports.ts';
import { isUp } from './state.ts';
import { canUpdate, isUpdatable } from './update.ts';

/** Running, its ports and networks its own. */
export function started(container: ObservedContainer, state: ObservedState): ObservedContainer {
  if (isUp(container.state)) return container;
  refuseTakenPorts(container, state);
  refuseLostNetworks(container, state);
  return withState(container, running(container, state.at));
}

export function restarted(container: ObservedContainer, state: ObservedState): ObservedContainer {
  return started(stopped(container, state.at), state);
}

export function signalled(container: ObservedContainer): ObservedContainer {
  if (container.state.status === 'running') return container;
  throw new SyncError(
    'EngineConflict',
    `Container ${container.name} does not run and takes no signal; start it.`,
  );
}

export interface WrittenConfigs {
  readonly configs: Readonly<Record<string, ConfigFile>>;
  readonly isTold: boolean;
}

export function written(
  container: ObservedContainer,
  { configs, isTold }: WrittenConfigs,
): ObservedContainer {
  const stray = Object.keys(configs).find((path) => !(path in container.liveConfigs));
  if (stray !== undefined)
    throw new SyncError(
      'EngineRejected',
      `${container.name} was not made to take ${stray} while it lives; make it anew.`,
    );
  const marks = Object.keys(configs).map((path) => [path, isTold ? 'told' : 'untold'] as const);
  return {
    ...container,
    spec: { ...container.spec, configs: { ...container.spec.configs, ...configs } },
    liveConfigs: { ...container.liveConfigs, ...Object.fromEntries(marks) },
  };
}

export function unpaused(container: ObservedContainer): ObservedContainer {
  return withState(container, { status: 'running' });
}

export function stopped(container: ObservedContainer, at: number): ObservedContainer {
  if (!isUp(container.state)) return container;
  return withState(container, { status: 'exited', health: 'none', exitCode: 0, finishedAt: at });
}

/** Refuses what `docker update` refuses, and leaves alone what it leaves alone. */
export function updated(container: ObservedContainer, to: ContainerUpdate): ObservedContainer {
  const wanted = { ...container.spec, ...to };
  const refused = Object.keys(to)
    .filter(isUpdatable)
    .find((field) => !canUpdate(field, container.spec, wanted));
  if (refused !== undefined) {
    throw new SyncError(
      'EngineRejected',
      `${refused} of container ${container.name} cannot be updated; make it anew.`,
    );
  }
  const { mem_limit: memory, memswap_limit: swap } = wanted;
  if (to.mem_limit !== undefined && memory !== null && swap !== null && swap !== -1 && memory > swap) {
    throw new SyncError(
      'EngineConflict',
      `Memory of ${container.name} would exceed its swap limit; update both.`,
    );
  }
  return { ...container, spec: wanted };
}

export interface Connection {
  readonly network: string;
  readonly attachment: NetworkAttachment;
}

export function connected(
  container: ObservedContainer,
  { network, attachment }: Connection,
  state: ObservedState,
): ObservedContainer {
  if (!state.networks.some(({ name }) => name === network)) {
    throw new SyncError('EngineRejected', `Network ${network} does not exist; create it first.`);
  }
  if (network in container.spec.networks) {
    throw new SyncError('EngineConflict', `Container ${container.name} is on network ${network} already.`);
  }
  const networks = { ...container.spec.networks, [network]: attachment };
  return { ...container, spec: { ...container.spec, networks } };
}

export function disconnected(container: ObservedContainer, network: string): ObservedContainer {
  const { [network]: _, ...networks } = container.spec.networks;
  return { ...container, spec: { ...container.spec, networks } };
}

type Fate = 'well' | 'unhealthy' | 'crashes';

/** It has been healthy for its time, or it is said that it will not be. */
export function proven(container: ObservedContainer, fate: Fate): ObservedContainer {
  if (container.state.status !== 'running' || fate !== 'well') {
    throw new SyncError(
      'ContainerUnhealthy',
      `Container ${container.name} does not become healthy; look at its output.`,
    );
  }
  return hasHealthcheck(container) ? withState(container, { health: 'healthy' }) : container;
}

export function completed(
  container: ObservedContainer,
  { at, fate }: { readonly at: number; readonly fate: Fate },
): ObservedContainer {
  if (container.state.status === 'exited') return container;
  if (fate !== 'well') throw new SyncError('JobFailed', `Job ${container.name} failed; look at its output.`);
  return withState(container, { status: 'exited', health: 'none', exitCode: 0, finishedAt: at });
}

function running(container: ObservedContainer, at: number): Partial<ContainerState> {
  const health = hasHealthcheck(container) ? 'starting' : 'none';
  return { status: 'running', health, exitCode: null, startedAt: at, finishedAt: null, error: '' };
}

function hasHealthcheck({ spec }: ObservedContainer): boolean {
  return canonicalHealthcheck(spec.healthcheck) !== null;
}

function withState(container: ObservedContainer, state: Partial<ContainerState>): ObservedContainer {
  return { ...container, state: { ...container.state, ...state } };
}

function refuseTakenPorts(container: ObservedContainer, state: ObservedState): void {
  const { ports } = lookupOf(state);
  for (const port of fixedPorts(container.spec)) {
    const holder = holdersOfPort(ports, port).find(({ ours }) => ours?.id !== container.id);
    if (holder === undefined) continue;
    throw new SyncError(
      'PortTaken',
      `Host port ${formatPort(port)} is held by ${holder.container}; stop it first.`,
    );
  }
}

function refuseLostNetworks(
  { name, spec }: ObservedContainer,
  { containers, networks }: ObservedState,
): void {
  const lost = Object.keys(spec.networks).find(
    (network) => !networks.some((present) => present.name === network),
  );
  if (lost !== undefined)
    throw new SyncError('EngineRejected', `Network ${lost} of ${name} does not exist any more.`);
  if (!spec.network_mode.startsWith('container:')) return;
  const id = spec.network_mode.slice('container:'.length);
  if (containers.some((container) => container.id === id && container.state.status === 'running')) return;
  throw new SyncError('EngineRejected', `${name} cannot join the network of a container that does not run.`);
}
