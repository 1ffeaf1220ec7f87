import type { ContainerSpec, PortBinding } from '../model/container.ts';
import type { ObservedContainer, Stranger } from '../model/observed.ts';

/** A host port that is not free. */
export interface PortHolder {
  /** `''` is every address. */
  readonly address: string;
  readonly container: string;
  /** Null where the holder is not ours. */
  readonly ours: ObservedContainer | null;
}

/** By `port/protocol`. */
export type PortHolders = ReadonlyMap<string, readonly PortHolder[]>;

/** Every fixed host port that a running container holds. */
export function holdersOf(
  containers: readonly ObservedContainer[],
  strangers: readonly Stranger[],
): PortHolders {
  const holders = new Map<string, PortHolder[]>();
  const add = (key: string, holder: PortHolder): void => {
    const present = holders.get(key);
    if (present === undefined) holders.set(key, [holder]);
    else present.push(holder);
  };
  for (const container of containers.filter(isHolding)) {
    for (const port of fixedPorts(container.spec)) {
      add(portKey(port), {
        address: canonicalAddress(port.host_ip),
        container: container.name,
        ours: container,
      });
    }
  }
  for (const { name, hostPorts } of strangers) {
    for (const { key, address } of hostPorts.map(parseHostPort))
      add(key, { address, container: name, ours: null });
  }
  return holders;
}

/** Published ports whose number is chosen: neither the engine's to draw nor from a range. */
export function fixedPorts(spec: Pick<ContainerSpec, 'ports'>): readonly PortBinding[] {
  return spec.ports.filter(({ published }) => /^\d+$/.test(published) && published !== '0');
}

/** Who stands in the way of this port. */
export function holdersOfPort(holders: PortHolders, port: PortBinding): readonly PortHolder[] {
  const address = canonicalAddress(port.host_ip);
  return (holders.get(portKey(port)) ?? []).filter((holder) => overlaps(holder.address, address));
}

/** The first fixed port that both want, or null. */
export function sharedPort(
  left: Pick<ContainerSpec, 'ports'>,
  right: Pick<ContainerSpec, 'ports'>,
): PortBinding | null {
  const others = fixedPorts(right);
  const shared = fixedPorts(left).find((port) =>
    others.some(
      (other) =>
        portKey(other) === portKey(port) &&
        overlaps(canonicalAddress(other.host_ip), canonicalAddress(port.host_ip)),
    ),
  );
  return shared ?? null;
}

/** `8080` or `127.0.0.1:8080`, with `/udp` where it is not tcp. */
export function formatPort({ host_ip, published, protocol }: PortBinding): string {
  const address = host_ip === '' ? '' : `${host_ip.includes(':') ? `[${host_ip}]` : host_ip}:`;
  return `${address}${published}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

function portKey({ published, protocol }: PortBinding): string {
  return `${Number(published)}/${protocol}`;
}

/** A paused or restarting container keeps its ports; one that has ended does not. */
function isHolding({ state }: ObservedContainer): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting';
}

/** Reads `host_ip:port/protocol`, where the address may itself hold colons. */
function parseHostPort(text: string): { readonly key: string; readonly address: string } {
  const colon = text.lastIndexOf(':');
  return { key: text.slice(colon + 1), address: canonicalAddress(text.slice(0, Math.max(colon, 0))) };
}

function canonicalAddress(address: string): string {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  return bare === '0.0.0.0' || bare === '::' ? '' : bare;
}

function overlaps(left: string, right: string): boolean {
  return left === '' || right === '' || left === right;
}
