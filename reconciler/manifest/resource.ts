import type { DesiredNetwork, DesiredVolume, Ipam, IpamPool } from '../model/desired.ts';
import type { Network } from '../model/generated/network.ts';
import type { Volume } from '../model/generated/volume.ts';
import { isName, name, scopedName, type Name } from '../model/ids.ts';
import { compareText } from '../model/problem.ts';
import { familyOf, isSubnet } from './address.ts';
import { inside, report, reportKey, type Place } from './place.ts';
import { readLabels } from './process-fields.ts';
import { readTextMap } from './text-map.ts';

export interface Declarations<Block> {
  readonly blocks: Readonly<Record<string, Block | undefined>>;
  readonly stack: Name;
  /** Of the map of blocks. */
  readonly place: Place;
}

/** The networks that a stack declares, by name. `default` is there without being declared. */
export function readNetworks(declarations: Declarations<Network>): ReadonlyMap<string, DesiredNetwork> {
  const { stack, place } = declarations;
  const declared = readEach(declarations, (name, block, at) => readNetwork(block, { name, stack }, at));
  if (declared.has(defaultNetwork)) return declared;
  return new Map([...declared, [defaultNetwork, readNetwork(null, { name: defaultNetwork, stack }, place)]]);
}

/** The network of services that name none. */
export const defaultNetwork = name('default');

/** The volumes that a stack declares, by name. */
export function readVolumes(declarations: Declarations<Volume>): ReadonlyMap<string, DesiredVolume> {
  const { stack } = declarations;
  return readEach(declarations, (name, block, at) => readVolume(block, { name, stack }, at));
}

function readEach<Block, Resource extends { readonly engineName: string }>(
  { blocks, place }: Declarations<Block>,
  read: (name: Name, block: Block | null, at: Place) => Resource,
): ReadonlyMap<string, Resource> {
  const resources = new Map<string, Resource>();
  const owners = new Map<string, Name>();
  for (const [key, block] of Object.entries(blocks).sort(([left], [right]) => compareText(left, right))) {
    const at = inside(place, key);
    if (!isName(key)) {
      reportName(key, at);
      continue;
    }
    const resource = read(key, block ?? null, at);
    const owner = owners.get(resource.engineName);
    if (owner !== undefined) {
      const message = `is called ${resource.engineName} by the engine, and so is ${owner}. Keep one of them.`;
      report(at, 'NameCollision', message);
    }
    owners.set(resource.engineName, key);
    resources.set(key, resource);
  }
  return resources;
}

function reportName(key: string, place: Place): void {
  const rule = 'lower case letters, digits, `-` and `_`, at most 63';
  const remedy = `Rename it; with "name: ${key}" below it, the engine's name stays what it was.`;
  reportKey(place, 'InvalidName', `cannot be a name here: it takes ${rule}. ${remedy}`);
}

interface Scoped {
  readonly name: Name;
  readonly stack: Name;
}

function readNetwork(block: Network | null, { name, stack }: Scoped, place: Place): DesiredNetwork {
  const said = block ?? {};
  const external = said.external ?? false;
  const engineName = said.name ?? (external ? name : scopedName(stack, name));
  checkExternal(said, place);
  if (enginesOwn.has(engineName))
    report(
      inside(place, 'name'),
      'WrongValue',
      `cannot be ${engineName}, a network of the engine itself. Use \`network_mode\` of the service.`,
    );
  return {
    name,
    engineName,
    external,
    driver: said.driver ?? null,
    options: readTextMap(said.driver_opts, inside(place, 'driver_opts')),
    labels: readLabels(said.labels, inside(place, 'labels')) ?? {},
    internal: said.internal ?? false,
    attachable: said.attachable ?? false,
    enableIpv6: said.enable_ipv6 ?? false,
    ipam: said.ipam === undefined ? null : readIpam(said.ipam, inside(place, 'ipam')),
  };
}

const enginesOwn: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default', 'nat', 'ingress']);

function readVolume(block: Volume | null, { name, stack }: Scoped, place: Place): DesiredVolume {
  const said = block ?? {};
  const external = said.external ?? false;
  checkExternal(said, place);
  return {
    name,
    engineName: said.name ?? (external ? name : scopedName(stack, name)),
    external,
    driver: said.driver ?? null,
    options: readTextMap(said.driver_opts, inside(place, 'driver_opts')),
    labels: readLabels(said.labels, inside(place, 'labels')) ?? {},
  };
}

/** What exists already cannot be told how to be. */
function checkExternal(block: NonNullable<Network> | NonNullable<Volume>, place: Place): void {
  if (block.external !== true) return;
  for (const key of Object.keys(block)) {
    if (key === 'external' || key === 'name' || key.startsWith('x-')) continue;
    reportKey(
      inside(place, key),
      'ConflictingKeys',
      'has no effect beside `external: true`, since it exists already. Remove one of them.',
    );
  }
}

type IpamBlock = NonNullable<NonNullable<Network>['ipam']>;

function readIpam({ driver, config = [] }: IpamBlock, place: Place): Ipam {
  return {
    driver: driver ?? null,
    pools: config.map((pool, index) => readPool(pool, inside(place, 'config', index))),
  };
}

function readPool(pool: NonNullable<IpamBlock['config']>[number], place: Place): IpamPool {
  const { subnet, gateway, ip_range: range, aux_addresses: aux = {} } = pool;
  if (!isSubnet(subnet))
    report(
      inside(place, 'subnet'),
      'WrongValue',
      'should be a range in CIDR notation, such as "172.30.0.0/16".',
    );
  if (range !== undefined && !isSubnet(range))
    report(
      inside(place, 'ip_range'),
      'WrongValue',
      'should be a range in CIDR notation, such as "172.30.5.0/24".',
    );
  if (gateway !== undefined && familyOf(gateway) === null)
    report(inside(place, 'gateway'), 'WrongValue', 'should be an IP address, such as "172.30.0.1".');
  for (const [host, address = ''] of Object.entries(aux)) {
    if (familyOf(address) === null)
      report(
        inside(place, 'aux_addresses', host),
        'WrongValue',
        'should be an IP address, such as "172.30.0.2".',
      );
  }
  const auxAddresses = Object.fromEntries(Object.entries(aux).map(([host, address = '']) => [host, address]));
  return { subnet, gateway: gateway ?? null, ipRange: range ?? null, auxAddresses };
}
