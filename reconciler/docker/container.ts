import type { ContainerSpec } from '../model/container.ts';
import type { ContainerState, ObservedContainer } from '../model/observed.ts';
import type { EngineFacts } from './facts.ts';
import { readContainerLabels, type ContainerLabels } from './labels.ts';
import type { Name } from '../model/ids.ts';
import { readLimits } from './limit-fields.ts';
import { readNetwork } from './network-fields.ts';
import { readProcess } from './process-fields.ts';
import { readSecurity } from './security-fields.ts';
import { readAnonymousVolumes, readStorage } from './storage-fields.ts';
import type { ContainerAnswer, StateAnswer } from './wire.ts';

/** One container of ours in canonical form, and the volumes that hold its config files where its root is read-only. */
export interface InspectedContainer {
  readonly container: ObservedContainer;
  readonly configVolumes: Readonly<Record<string, string>>;
}

export interface Reader {
  readonly installation: Name;
  readonly facts: EngineFacts;
}

/** Null where the container turns out not to be ours. References to other containers are still ids. */
export function readContainer(answer: ContainerAnswer, reader: Reader): InspectedContainer | null {
  const name = answer.Name.replace(/^\//, '');
  const labels = readContainerLabels(answer.Config.Labels ?? {}, {
    installation: reader.installation,
    name,
  });
  if (labels === null) return null;
  const spec = readSpec(answer, labels, reader.facts);
  const container: ObservedContainer = {
    id: answer.Id,
    name,
    ownership: { stack: labels.stack, resource: labels.service },
    instance: labels.instance,
    specHash: labels.specHash,
    revision: labels.revision,
    imageId: answer.Image,
    createdAt: Date.parse(answer.Created),
    state: readState(answer.State, answer.RestartCount ?? 0),
    spec,
    liveConfigs: Object.fromEntries(labels.liveConfigs.map((path) => [path, 'told'])),
    anonymousVolumes: readAnonymousVolumes(answer.Mounts ?? [], spec.mounts),
  };
  return { container, configVolumes: labels.configVolumes };
}

export function readState(state: StateAnswer, restartCount: number): ContainerState {
  const status = readStatus(state.Status);
  const hasEnded = status === 'exited' || status === 'dead' || status === 'restarting';
  return {
    status,
    health: readHealth(state.Health?.Status),
    exitCode: hasEnded ? (state.ExitCode ?? null) : null,
    oomKilled: state.OOMKilled ?? false,
    error: state.Error ?? '',
    restartCount,
    startedAt: readTime(state.StartedAt),
    finishedAt: readTime(state.FinishedAt),
  };
}

export function readHealth(text: string | null | undefined): ContainerState['health'] {
  return text === 'starting' || text === 'healthy' || text === 'unhealthy' ? text : 'none';
}

/** Go's zero time stands for "never". */
export function readTime(text: string | null | undefined): number | null {
  if (!text || text.startsWith('0001-')) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

function readSpec(
  answer: ContainerAnswer,
  labels: Pick<ContainerLabels, 'configs' | 'configVolumes'>,
  facts: EngineFacts,
): ContainerSpec {
  return {
    image: answer.Config.Image ?? '',
    // Told by the image alone, which is not at hand here.
    platform: null,
    ...readProcess(answer, facts),
    ...readNetwork(answer),
    ...readStorage(answer, new Set(Object.keys(labels.configVolumes))),
    configs: labels.configs,
    ...readSecurity(answer.HostConfig, facts),
    ...readLimits(answer.HostConfig),
  };
}

function readStatus(text: string): ContainerState['status'] {
  switch (text) {
    case 'created':
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
    case 'exited':
      return text;
    default:
      return 'dead';
  }
}
