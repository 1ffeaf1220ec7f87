import type { DesiredNetwork, DesiredVolume, Ipam } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedNetwork, ObservedVolume } from '../model/observed.ts';
import { readDefinition, writeDefinition } from './definition-label.ts';
import { definitionIn, readResourceLabels, withoutOwnLabels, writeResourceLabels } from './labels.ts';
import type { IpamSetting, NetworkAnswer, VolumeAnswer } from './wire.ts';

export function readNetworkAnswer(answer: NetworkAnswer, installation: Name): ObservedNetwork {
  const labels = answer.Labels ?? {};
  return {
    id: answer.Id,
    name: answer.Name,
    ownership: readResourceLabels('network', labels, installation),
    driver: answer.Driver,
    options: answer.Options ?? {},
    labels: withoutOwnLabels(labels),
    internal: answer.Internal ?? false,
    attachable: answer.Attachable ?? false,
    enableIpv6: answer.EnableIPv6 ?? false,
    ipam: readIpam(answer.IPAM),
    said: readDefinition(definitionIn(labels)),
  };
}

export function readVolumeAnswer(answer: VolumeAnswer, installation: Name): ObservedVolume {
  const labels = answer.Labels ?? {};
  return {
    name: answer.Name,
    ownership: readResourceLabels('volume', labels, installation),
    driver: answer.Driver,
    options: answer.Options ?? {},
    labels: withoutOwnLabels(labels),
    saidOptions: readDefinition(definitionIn(labels))?.options ?? null,
  };
}

export interface NewResource {
  readonly installation: Name;
  readonly stack: Name;
}

/** Engine 20.10 gives two networks one name unless it is told to check; later ones always check. */
export function writeNetwork(network: DesiredNetwork, { installation, stack }: NewResource) {
  return {
    Name: network.engineName,
    CheckDuplicate: true,
    ...(network.driver !== null && { Driver: network.driver }),
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv6: network.enableIpv6,
    Options: network.options,
    Labels: {
      ...network.labels,
      ...writeResourceLabels('network', {
        installation,
        stack,
        resource: network.name,
        definition: writeDefinition({
          options: Object.keys(network.options),
          pools: network.ipam?.pools ?? [],
        }),
      }),
    },
    ...(network.ipam !== null && { IPAM: writeIpam(network.ipam) }),
  };
}

export function writeVolume(volume: DesiredVolume, { installation, stack }: NewResource) {
  return {
    Name: volume.engineName,
    ...(volume.driver !== null && { Driver: volume.driver }),
    DriverOpts: volume.options,
    Labels: {
      ...volume.labels,
      ...writeResourceLabels('volume', {
        installation,
        stack,
        resource: volume.name,
        definition: writeDefinition({ options: Object.keys(volume.options), pools: [] }),
      }),
    },
  };
}

function readIpam(ipam: NetworkAnswer['IPAM']): Ipam {
  return {
    driver: ipam?.Driver || null,
    pools: (ipam?.Config ?? []).map((pool) => ({
      subnet: pool.Subnet ?? '',
      gateway: pool.Gateway || null,
      ipRange: pool.IPRange || null,
      auxAddresses: pool.AuxiliaryAddresses ?? pool.AuxAddress ?? {},
    })),
  };
}

function writeIpam({ driver, pools }: Ipam): {
  readonly Driver: string;
  readonly Config: readonly IpamSetting[];
} {
  return {
    Driver: driver ?? 'default',
    Config: pools.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
      Subnet: subnet,
      ...(gateway !== null && { Gateway: gateway }),
      ...(ipRange !== null && { IPRange: ipRange }),
      ...(Object.keys(auxAddresses).length > 0 && { AuxiliaryAddresses: auxAddresses }),
    })),
  };
}
