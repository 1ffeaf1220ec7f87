import { existsSync } from 'node:fs';
import { SyncError } from '../model/error.ts';
import { runOnHost, tryOnHost } from './host-command.ts';
import { contains, overlaps } from './private-addresses.ts';
import { closeFirewall } from './private-firewall.ts';

/**
 * The addresses that belong to one private engine while it runs: a bridge of its own in place of docker0, and a pool
 * for the networks that people create. Both lie in one range, by which everything of it can be found again.
 */
export interface PrivateNetwork {
  readonly bridge: string;
  readonly bridgeAddress: string;
  /** 64 networks of 1,022 addresses each. */
  readonly pool: string;
  readonly range: string;
}

export interface ClaimOptions {
  /** Who claims; kept as the bridge's alias, with our process id. */
  readonly owner: string;
  /** The bridge of the last run, whose addresses the engine's stored networks still have. */
  readonly preferred?: string | undefined;
  /** Whether the engine of the owner that is written on a bridge runs. */
  readonly isAlive: (owner: string) => boolean;
}

interface Link {
  readonly ifname: string;
  readonly ifalias?: string;
}

interface Route {
  readonly dst: string;
}

interface InterfaceAddresses {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local?: string }[];
}

/** 10.200/15, 10.202/15, … 10.248/15, and the range set aside for benchmarks, which no site should route. */
const candidates: readonly PrivateNetwork[] = [
  ...Array.from({ length: 25 }, (_, index) => describeNetwork(10, 200 + 2 * index)),
  describeNetwork(198, 18),
];

/**
 * Creates the bridge. Its name says which addresses it stands for and the kernel refuses a name twice, so that two
 * engines that start at once cannot choose the same range.
 */
export async function claimNetwork(options: ClaimOptions): Promise<PrivateNetwork> {
  await releaseDead(options);
  const routes = await readJson<Route>(['ip', '-json', '-4', 'route']);
  const free = candidates.filter(({ range }) => !routes.some(({ dst }) => overlaps(range, dst)));
  for (const network of inOrderOfPreference(free, options)) {
    if (await createBridge(network, options.owner)) return network;
  }
  throw new SyncError(
    'EngineUnreachable',
    `No free address range for a private engine: ${candidates[0]?.range} to ${candidates.at(-1)?.range} are all routed or taken.`,
  );
}

/** Removes the bridge, the bridges of the engine's networks and the firewall rules that were made for them. */
export async function releaseNetwork(network: PrivateNetwork): Promise<void> {
  const addresses = await readJson<InterfaceAddresses>(['ip', '-json', '-4', 'address']);
  const bridges = addresses
    .filter(({ ifname, addr_info: found }) => {
      // The name that dockerd gives; another interface of the host may have come to lie in this range.
      const isDockers = /^br-[0-9a-f]{12}$/.test(ifname);
      return isDockers && found.some(({ local }) => local !== undefined && contains(network.range, local));
    })
    .map(({ ifname }) => ifname);
  await closeFirewall(network, bridges);
  for (const bridge of [...bridges, network.bridge]) await tryOnHost(['ip', 'link', 'delete', bridge]);
}

async function createBridge({ bridge, bridgeAddress }: PrivateNetwork, owner: string): Promise<boolean> {
  if (!(await tryOnHost(['ip', 'link', 'add', 'name', bridge, 'type', 'bridge']))) return false;
  await runOnHost(['ip', 'link', 'set', 'dev', bridge, 'alias', `${owner} ${process.pid}`]);
  await runOnHost(['ip', 'address', 'add', bridgeAddress, 'dev', bridge]);
  await runOnHost(['ip', 'link', 'set', 'dev', bridge, 'up']);
  return true;
}

/** Takes back what a killed engine left: its own, and that of any other owner that no longer runs. */
async function releaseDead({ owner, isAlive }: ClaimOptions): Promise<void> {
  const links = await readJson<Link>(['ip', '-json', 'link', 'show', 'type', 'bridge']);
  for (const { ifname, ifalias } of links) {
    const network = candidates.find(({ bridge }) => bridge === ifname);
    // Without an alias it is being created at this very moment.
    if (network === undefined || ifalias === undefined) continue;
    const [holder = '', claimant = ''] = ifalias.split(' ');
    const inUse = isAlive(holder) || existsSync(`/proc/${claimant}`);
    if (holder === owner || !inUse) await releaseNetwork(network);
  }
}

function inOrderOfPreference(
  free: readonly PrivateNetwork[],
  { owner, preferred }: ClaimOptions,
): PrivateNetwork[] {
  const start = Number.parseInt(owner.slice(-6), 16) % (candidates.length - 1) || 0;
  const turn = (network: PrivateNetwork): number =>
    network.bridge === preferred
      ? -1
      : (candidates.indexOf(network) - start + candidates.length) % candidates.length;
  return free.toSorted((left, right) => turn(left) - turn(right));
}

function describeNetwork(first: number, second: number): PrivateNetwork {
  return {
    bridge: `plimsoll${second}`,
    bridgeAddress: `${first}.${second}.0.1/16`,
    pool: `${first}.${second + 1}.0.0/16`,
    range: `${first}.${second}.0.0/15`,
  };
}

async function readJson<Row>(command: readonly [string, ...string[]]): Promise<readonly Row[]> {
  const text = await runOnHost(command);
  return text.trim() === '' ? [] : (JSON.parse(text) as readonly Row[]);
}
