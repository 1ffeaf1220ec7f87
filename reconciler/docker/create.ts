import type { ContainerIntent } from '../model/container.ts';
import { referencedService } from '../model/container.ts';
import { apiNeeds } from '../model/api-needs.ts';
import { SyncError, isSyncError } from '../model/error.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { CreateContainer } from '../model/plan.ts';
import { groupConfigs, packConfigs, type ConfigGroup } from './config-files.ts';
import { fillConfigVolumes } from './config-volume.ts';
import type { Connection } from './connection.ts';
import {
  connectNetwork,
  createContainer,
  inspectContainer,
  putArchive,
  removeContainer,
  type ContainerRef,
} from './container-calls.ts';
import type { EngineFacts } from './facts.ts';
import { readContainerLabels, writeContainerLabels, type ContainerLabels } from './labels.ts';
import { writeLimits } from './limit-fields.ts';
import { writeEndpoints, writeExpose, writeReach, type Endpoints } from './network-fields.ts';
import { writeProcess, writeSupervision } from './process-fields.ts';
import { writeSecurity } from './security-fields.ts';
import { writeStorage } from './storage-fields.ts';
import type { CreateBody } from './wire.ts';

export interface Creator {
  readonly connection: Connection;
  readonly facts: EngineFacts;
  readonly installation: Name;
  readonly stack: Name;
  /** Content of config files by digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Containers that `service:<name>` modes stand for, by service. */
  readonly references: Readonly<Record<string, ContainerRef>>;
  readonly signal: AbortSignal;
}

/**
 * Makes a container ready to be started: created, connected to all its networks, its config files in place. What fails
 * on the way takes the container with it.
 */
export async function createReadyContainer(
  operation: CreateContainer,
  creator: Creator,
): Promise<ContainerRef> {
  const { intent, name } = operation;
  refuseUnsupported(intent, name, creator.facts);
  const groups = groupConfigs(intent, name);
  try {
    return await attempt(operation, groups, creator);
  } catch (error) {
    if (!isSyncError(error, 'NameTaken') || !(await removeHalfMade(name, creator))) throw error;
    return attempt(operation, groups, creator);
  }
}

async function attempt(
  operation: CreateContainer,
  groups: readonly ConfigGroup[],
  creator: Creator,
): Promise<ContainerRef> {
  const { intent, name } = operation;
  const inRoot = intent.read_only === true ? groups.find(({ directory }) => directory === '/') : undefined;
  const configVolumes = inRoot === undefined ? {} : await fillVolumes(operation, inRoot, creator);
  const endpoints = writeEndpoints(intent, creator.facts);
  const body = writeBody(operation, { ...creator, configVolumes, endpoints });
  const options = { name, platform: intent.platform ?? null, signal: creator.signal };
  const container = await createContainer(creator.connection, body, options);
  try {
    for (const [network, endpoint] of endpoints.afterwards) {
      await connectNetwork(creator.connection, container, { network, endpoint, signal: creator.signal });
    }
    for (const group of groups.filter((group) => group !== inRoot)) {
      await copyConfigs(container, group, creator);
    }
    return container;
  } catch (error) {
    await removeContainer(creator.connection, container, { volumes: true, signal: creator.signal }).catch(
      () => undefined,
    );
    throw error;
  }
}

/** What an older engine would not refuse but silently do otherwise. */
function refuseUnsupported({ mounts = {} }: ContainerIntent, name: string, facts: EngineFacts): void {
  if (facts.supports(apiNeeds['mounts.subpath'].api)) return;
  const target = Object.entries(mounts).find(
    ([, mount]) => mount.type === 'volume' && mount.subpath !== '',
  )?.[0];
  if (target === undefined) return;
  throw new SyncError(
    'EngineTooOld',
    `The mount ${target} of container ${name} has a subpath, which Docker ${facts.info.version} does not know. ` +
      `Upgrade to Docker ${apiNeeds['mounts.subpath'].docker} or later, or mount the whole volume.`,
    { data: { container: name, target } },
  );
}

/**
 * A container of this name that is ours and never ran was left by an attempt that was killed: how far it got, nobody
 * knows. Anything else of this name stays.
 */
async function removeHalfMade(name: string, { connection, installation, signal }: Creator): Promise<boolean> {
  const { Id, Config, State } = await inspectContainer(connection, { id: name, name }, signal);
  const isOurs = readContainerLabels(Config.Labels ?? {}, { installation, name }) !== null;
  if (!isOurs || State.Status !== 'created') return false;
  await removeContainer(connection, { id: Id, name }, { volumes: true, signal });
  return true;
}

function fillVolumes(operation: CreateContainer, files: ConfigGroup, creator: Creator) {
  const labels = {
    ...labelsOf(operation, creator),
    specHash: null,
    configs: {},
    liveConfigs: [],
    configVolumes: {},
  };
  const { intent, name } = operation;
  return fillConfigVolumes(
    { intent, name, files },
    {
      ...creator,
      mark: 'told',
      labels: writeContainerLabels(labels),
    },
  );
}

interface BodyParts extends Creator {
  readonly configVolumes: Readonly<Record<string, string>>;
  readonly endpoints: Endpoints;
}

/** Only what was said, so that the image's and the engine's defaults hold for the rest. */
function writeBody(operation: CreateContainer, parts: BodyParts): CreateBody {
  const { intent, anonymousVolumes } = operation;
  const { facts, configVolumes, endpoints } = parts;
  const refer = (mode: string): string => resolveMode(mode, parts);
  const carried = { anonymous: anonymousVolumes, configs: configVolumes };
  const labels = { ...labelsOf(operation, parts), configVolumes };
  return {
    Image: intent.image,
    Labels: { ...intent.labels, ...writeContainerLabels(labels) },
    ...writeProcess(intent, facts),
    ...writeExpose(intent),
    ...endpoints.atCreation,
    HostConfig: {
      ...writeSupervision(intent, facts),
      ...writeReach(intent, refer(modeOf(intent))),
      ...writeStorage(intent, carried),
      ...writeSecurity(intent, { pid: refer(intent.pid ?? ''), ipc: refer(intent.ipc ?? '') }),
      ...writeLimits(intent),
    },
  };
}

function labelsOf(operation: CreateContainer, { installation, stack }: Creator): ContainerLabels {
  const { service, instance, hash, intent, liveConfigs } = operation;
  const revision: Revision | null = operation.revision;
  return {
    installation,
    stack,
    service,
    instance,
    specHash: hash,
    revision,
    configs: intent.configs ?? {},
    liveConfigs,
    configVolumes: {},
  };
}

/** The engine's mode for `networks` is the name of the first of them. */
function modeOf({ network_mode: mode, networks = {} }: ContainerIntent): string {
  if (mode !== undefined && mode !== 'networks') return mode;
  return Object.keys(networks).sort()[0] ?? '';
}

function resolveMode(mode: string, { references }: Creator): string {
  const service = referencedService(mode);
  if (service === null) return mode;
  const target = references[service];
  if (target === undefined) throw new TypeError(`no container is known for ${mode}`);
  return `container:${target.id}`;
}

async function copyConfigs(container: ContainerRef, group: ConfigGroup, creator: Creator): Promise<void> {
  const { connection, contents, signal } = creator;
  const archive = await packConfigs(group, { contents, mark: 'told' });
  await putArchive(connection, container, { directory: group.directory, archive, signal });
}
