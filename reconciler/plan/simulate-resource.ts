import type { DesiredNetwork, DesiredVolume } from '../model/desired.ts';
import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import { isUp } from './state.ts';

export function createdNetwork(state: ObservedState, network: DesiredNetwork, stack: Name): ObservedState {
  const { engineName: name, options, labels, internal, attachable, enableIpv6, ipam } = network;
  if (state.networks.some((present) => present.name === name)) {
    throw new SyncError('EngineConflict', `Network ${name} exists already.`);
  }
  const observed = {
    id: `network-${state.at}`,
    name,
    ownership: { stack, resource: network.name },
    driver: network.driver ?? 'bridge',
    options,
    labels,
    internal,
    attachable,
    enableIpv6,
    ipam: ipam ?? {
      driver: 'default',
      pools: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1', ipRange: null, auxAddresses: {} }],
    },
    said: { options: Object.keys(options), pools: ipam?.pools ?? [] },
  };
  return { ...state, networks: [...state.networks, observed] };
}

/** Refuses while a running container is on it, as engines do. */
export function withoutNetwork(
  state: ObservedState,
  { id, name }: { readonly id: string; readonly name: string },
): ObservedState {
  const user = state.containers.find((container) => isUp(container.state) && name in container.spec.networks);
  const guest = user ?? state.strangers.find(({ networks }) => networks.includes(name));
  if (guest !== undefined)
    throw new SyncError('EngineConflict', `Network ${name} has ${guest.name} on it; disconnect it first.`);
  return { ...state, networks: state.networks.filter((network) => network.id !== id) };
}

export function createdVolume(state: ObservedState, volume: DesiredVolume, stack: Name): ObservedState {
  const { engineName: name, driver, options, labels } = volume;
  if (state.volumes.some((present) => present.name === name)) return state;
  const observed = {
    name,
    ownership: { stack, resource: volume.name },
    driver: driver ?? 'local',
    options,
    labels,
    saidOptions: Object.keys(options),
  };
  return { ...state, volumes: [...state.volumes, observed] };
}

/** Refuses while any container mounts one of them, running or not. */
export function withoutVolumes(state: ObservedState, names: readonly string[]): ObservedState {
  const user = state.containers.find(({ spec, anonymousVolumes }) =>
    [...Object.values(anonymousVolumes), ...Object.values(spec.mounts).map(sourceOf)].some((name) =>
      names.includes(name),
    ),
  );
  if (user !== undefined)
    throw new SyncError('EngineConflict', `${user.name} uses a volume that is to be removed.`);
  return { ...state, volumes: state.volumes.filter(({ name }) => !names.includes(name)) };
}

function sourceOf(mount: ObservedState['containers'][number]['spec']['mounts'][string]): string {
  return mount.type === 'volume' ? mount.source : '';
}
