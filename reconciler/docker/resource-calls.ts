import type { IncomingMessage } from 'node:http';
import type { Connection } from './connection.ts';
import type {
  DistributionAnswer,
  ImageAnswer,
  InfoAnswer,
  NetworkAnswer,
  VersionAnswer,
  VolumeAnswer,
  VolumeListAnswer,
} from './wire.ts';

export function askVersion(to: Connection, signal: AbortSignal): Promise<VersionAnswer> {
  return to.ask({
    call: 'version',
    action: 'reach the Docker engine',
    thing: 'engine',
    method: 'GET',
    path: '/version',
    isUnversioned: true,
    deadlineMs: 5_000,
    signal,
  });
}

export function askInfo(to: Connection, signal: AbortSignal): Promise<InfoAnswer> {
  return to.ask({
    call: 'info',
    action: 'ask the Docker engine about itself',
    thing: 'engine',
    method: 'GET',
    path: '/info',
    signal,
  });
}

export function openEvents(
  to: Connection,
  query: { readonly since: string; readonly until?: string; readonly filters: string },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return to.stream({
    call: 'events',
    action: 'follow the events of the engine',
    thing: 'engine',
    method: 'GET',
    path: '/events',
    query,
    deadlineMs: 10_000,
    signal,
  });
}

export function listNetworks(to: Connection, signal: AbortSignal): Promise<readonly NetworkAnswer[]> {
  return to.ask({
    call: 'networkList',
    action: 'list networks',
    thing: 'engine',
    method: 'GET',
    path: '/networks',
    signal,
  });
}

export function inspectNetwork(to: Connection, id: string, signal: AbortSignal): Promise<NetworkAnswer> {
  return to.ask({
    call: 'networkInspect',
    action: `inspect network ${id}`,
    thing: 'network',
    method: 'GET',
    path: `/networks/${encodeURIComponent(id)}`,
    signal,
  });
}

export async function createNetwork(
  to: Connection,
  body: { readonly Name: string },
  signal: AbortSignal,
): Promise<void> {
  await to.ask({
    call: 'networkCreate',
    action: `create network ${body.Name}`,
    thing: 'network',
    method: 'POST',
    path: '/networks/create',
    body,
    signal,
  });
}

export async function removeNetwork(
  to: Connection,
  network: { readonly id: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  await to.ask({
    call: 'networkRemove',
    action: `remove network ${network.name}`,
    thing: 'network',
    method: 'DELETE',
    path: `/networks/${encodeURIComponent(network.id)}`,
    signal,
  });
}

export async function listVolumes(
  to: Connection,
  filters: Readonly<Record<string, readonly string[]>>,
  signal: AbortSignal,
): Promise<readonly VolumeAnswer[]> {
  const { Volumes } = await to.ask<VolumeListAnswer>({
    call: 'volumeList',
    action: 'list volumes',
    thing: 'engine',
    method: 'GET',
    path: '/volumes',
    query: Object.keys(filters).length === 0 ? {} : { filters: JSON.stringify(filters) },
    signal,
  });
  return Volumes ?? [];
}

export function inspectVolume(to: Connection, name: string, signal: AbortSignal): Promise<VolumeAnswer> {
  return to.ask({
    call: 'volumeInspect',
    action: `inspect volume ${name}`,
    thing: 'volume',
    method: 'GET',
    path: `/volumes/${encodeURIComponent(name)}`,
    signal,
  });
}

/** An empty name lets the engine make one up. */
export function createVolume(
  to: Connection,
  body: { readonly Name: string },
  signal: AbortSignal,
): Promise<VolumeAnswer> {
  return to.ask({
    call: 'volumeCreate',
    action: `create volume ${body.Name}`.trim(),
    thing: 'volume',
    method: 'POST',
    path: '/volumes/create',
    body,
    signal,
  });
}

export async function removeVolume(to: Connection, name: string, signal: AbortSignal): Promise<void> {
  await to.ask({
    call: 'volumeRemove',
    action: `remove volume ${name}`,
    thing: 'volume',
    method: 'DELETE',
    path: `/volumes/${encodeURIComponent(name)}`,
    signal,
  });
}

/** By reference or by id. */
export function inspectImage(to: Connection, reference: string, signal: AbortSignal): Promise<ImageAnswer> {
  return to.ask({
    call: 'imageInspect',
    action: `inspect image ${reference}`,
    thing: 'image',
    method: 'GET',
    path: `/images/${asPath(reference)}/json`,
    signal,
  });
}

/** Asks the registry, through the engine, which digest a reference has there. */
export function inspectDistribution(
  to: Connection,
  reference: string,
  options: { readonly auth: object; readonly signal: AbortSignal },
): Promise<DistributionAnswer> {
  return to.ask({
    call: 'imageDistribution',
    action: `ask the registry for image ${reference}`,
    thing: 'image',
    method: 'GET',
    path: `/distribution/${asPath(reference)}/json`,
    deadlineMs: 30_000,
    ...options,
  });
}

export interface PullOptions {
  /** Registry and path, without tag or digest. */
  readonly repository: string;
  readonly tag: string;
  readonly platform: string | null;
  readonly auth: object;
  readonly signal: AbortSignal;
}

export function openPull(
  to: Connection,
  reference: string,
  { repository, tag, platform, auth, signal }: PullOptions,
): Promise<IncomingMessage> {
  return to.stream({
    call: 'imagePull',
    action: `pull image ${reference}`,
    thing: 'image',
    method: 'POST',
    path: '/images/create',
    query: { fromImage: repository, tag, ...(platform !== null && { platform }) },
    auth,
    signal,
  });
}

function asPath(reference: string): string {
  return reference.split('/').map(encodeURIComponent).join('/');
}
