import type { VolumeAnswer } from '../../../reconciler/docker/wire.ts';
import type { SimulatedHost, SimulatedVolume } from './host.ts';
import { Refusal } from './refusal.ts';

export interface VolumeBody {
  readonly Name?: string;
  readonly Driver?: string;
  readonly DriverOpts?: VolumeAnswer['Options'];
  readonly Labels?: VolumeAnswer['Labels'];
}

/** The one of that name, new or old; without a name the engine makes one up. */
export function createVolume(host: SimulatedHost, { Name = '', ...body }: VolumeBody): SimulatedVolume {
  const present = host.volumes.get(Name);
  if (present !== undefined) return present;
  const volume = {
    Name: Name === '' ? host.random.hex(64) : Name,
    Driver: body.Driver || 'local',
    Options: body.DriverOpts ?? null,
    Labels: body.Labels ?? null,
    createdAt: Date.now(),
  };
  host.volumes.set(volume.Name, volume);
  tellOf(host, volume, 'create');
  return volume;
}

export function requireVolume(host: SimulatedHost, name: string): SimulatedVolume {
  const volume = host.volumes.get(name);
  if (volume === undefined) throw new Refusal(404, `get ${name}: no such volume`);
  return volume;
}

export function removeVolume(host: SimulatedHost, name: string): void {
  const volume = requireVolume(host, name);
  const [user] = usersOf(host, name);
  if (user !== undefined) throw new Refusal(409, `remove ${name}: volume is in use - [${user}]`);
  host.volumes.delete(name);
  tellOf(host, volume, 'destroy');
}

export function usersOf(host: SimulatedHost, name: string): readonly string[] {
  const users = [...host.containers.values()].filter(({ mounts }) =>
    mounts.some(({ Type, Name }) => Type === 'volume' && Name === name),
  );
  return users.map(({ id }) => id);
}

export function describeVolume({ createdAt, ...volume }: SimulatedVolume): object {
  const mountpoint = `/volumes/${volume.Name}/_data`;
  return { ...volume, CreatedAt: new Date(createdAt).toISOString(), Mountpoint: mountpoint, Scope: 'local' };
}

function tellOf(host: SimulatedHost, { Name, Driver }: SimulatedVolume, action: string): void {
  host.events.emit({ Type: 'volume', Action: action, Actor: { ID: Name, Attributes: { driver: Driver } } });
}
