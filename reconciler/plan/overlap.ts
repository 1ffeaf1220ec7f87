import type { ContainerSpec, Mount } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { formatPort, sharedPort } from './ports.ts';

/** Two generations of one instance that might run side by side. */
export interface Overlap {
  readonly service: DesiredService;
  readonly newcomer: ContainerSpec;
  readonly old: ObservedContainer;
}

/** The first reason why the newcomer must not start before the old one has stopped; null: it may. */
export function whyNotTogether(overlap: Overlap): string | null {
  for (const rule of rules) {
    const reason = rule(overlap);
    if (reason !== null) return reason;
  }
  return null;
}

/** In the order in which a person should hear of them: their own choice, what cannot be, what would do harm. */
const rules: readonly ((overlap: Overlap) => string | null)[] = [
  ({ service }) => (service.rollout.strategy === 'recreate' ? 'its strategy is recreate' : null),
  ({ service }) => (service.lifecycle === 'job' ? 'a job never runs twice at once' : null),
  ({ newcomer, old }) => {
    const port = sharedPort(newcomer, old.spec);
    return port === null ? null : `host port ${formatPort(port)} cannot be held twice`;
  },
  ({ newcomer, old }) => {
    const address = sharedAddress(newcomer, old.spec);
    return address === null ? null : `address ${address} cannot be held twice`;
  },
  ({ newcomer, old }) =>
    newcomer.network_mode === 'host' && old.spec.network_mode === 'host'
      ? 'both would listen on the network of the host'
      : null,
  ({ newcomer, old }) =>
    isBorrowing(newcomer) && isBorrowing(old.spec)
      ? 'both would listen on the network of another container'
      : null,
  ({ service, newcomer, old }) => {
    const place = service.rollout.strategy === 'rolling' ? null : sharedStorage(newcomer, old);
    return place === null ? null : `both would write to ${place}`;
  },
];

function isBorrowing({ network_mode: mode }: ContainerSpec): boolean {
  return mode.startsWith('service:') || mode.startsWith('container:');
}

function sharedAddress(newcomer: ContainerSpec, old: ContainerSpec): string | null {
  if (newcomer.mac_address !== null && newcomer.mac_address === old.mac_address) return newcomer.mac_address;
  for (const [network, { ipv4_address, ipv6_address }] of Object.entries(newcomer.networks)) {
    const present = old.networks[network];
    if (ipv4_address !== null && present?.ipv4_address === ipv4_address) return ipv4_address;
    if (ipv6_address !== null && present?.ipv6_address === ipv6_address) return ipv6_address;
  }
  return null;
}

/** Where both could write: a volume, a directory of the host, or an anonymous volume that is carried over. */
function sharedStorage(newcomer: ContainerSpec, old: ObservedContainer): string | null {
  const held = new Set(Object.values(old.spec.mounts).map(storageOf));
  for (const [target, mount] of Object.entries(newcomer.mounts)) {
    const storage = storageOf(mount);
    if (storage !== null && held.has(storage)) return storage;
    const isCarried = mount.type === 'volume' && mount.source === '' && target in old.anonymousVolumes;
    if (isCarried) return `the anonymous volume at ${target}`;
  }
  return null;
}

/** A socket is spoken to, not written to. */
const sockets = new Set(['/var/run/docker.sock', '/run/docker.sock']);

/** Null where nothing can be written, or nobody else can see it. */
function storageOf(mount: Mount): string | null {
  switch (mount.type) {
    case 'volume':
      return mount.read_only || mount.source === '' ? null : `volume ${mount.source}`;
    case 'bind':
      return mount.read_only || sockets.has(mount.source) ? null : mount.source;
    case 'tmpfs':
      return null;
    default:
      return mount satisfies never;
  }
}
