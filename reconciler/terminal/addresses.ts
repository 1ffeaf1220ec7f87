import type { PortBinding } from '../model/container.ts';
import type { DesiredStack } from '../model/desired.ts';

/** Container ports that usually speak HTTP, so that a terminal makes a link of the address. */
const webPorts: ReadonlySet<number> = new Set([80, 3000, 4000, 5000, 8000, 8080, 8081, 8888, 9000]);
const tlsPorts: ReadonlySet<number> = new Set([443, 8443]);

/** `web  http://localhost:8088`: where the services of a stack can be reached from this host. */
export function formatAddresses(stack: DesiredStack): readonly string[] {
  return stack.services
    .filter(({ replicas }) => replicas > 0)
    .flatMap(({ name, container }) =>
      (container.ports ?? []).filter(isFixed).map((port) => `${name}  ${formatAddress(port)}`),
    );
}

/** A port that the engine chooses is not known here. */
function isFixed({ published, protocol }: PortBinding): boolean {
  return /^\d+$/.test(published) && protocol === 'tcp';
}

function formatAddress({ host_ip: address, published, target }: PortBinding): string {
  const isEverywhere = address === '' || address === '0.0.0.0' || address === '::';
  const host = isEverywhere ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  if (tlsPorts.has(target)) return `https://${host}:${published}`;
  return webPorts.has(target) ? `http://${host}:${published}` : `${host}:${published}`;
}
