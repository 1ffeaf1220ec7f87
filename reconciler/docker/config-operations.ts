import type { StepResult } from '../model/event.ts';
import { newcomerName, specHash, type SpecHash } from '../model/ids.ts';
import { groupConfigs, packConfigs, type ConfigGroup } from './config-files.ts';
import { refillConfigVolumes } from './config-volume.ts';
import { putArchive, type ContainerRef } from './container-calls.ts';
import type { OperationOf } from './container-operations.ts';
import type { InspectedContainer } from './container.ts';
import { writeContainerLabels } from './labels.ts';
import { readOwn, type OperationContext } from './operation-context.ts';

type WriteConfigs = OperationOf<'writeConfigs'>;

/**
 * Writes config files into a container that lives. Each becomes a new file in the container's own directory, so that
 * nothing that is mounted keeps the old one; where the root is read-only, in the volumes that carry them.
 */
export async function runWriteConfigs(
  operation: WriteConfigs,
  context: OperationContext,
): Promise<StepResult> {
  const ref = context.resolve(operation.target);
  const own = await readOwn(ref, context);
  const { mounts, read_only: isReadOnly } = own.container.spec;
  for (const group of groupConfigs({ configs: operation.configs, mounts }, ref.name)) {
    if (isReadOnly && group.directory === '/') await refill(own, group, { operation, context });
    else await write(ref, group, { operation, context });
  }
  return {};
}

interface Work {
  readonly operation: WriteConfigs;
  readonly context: OperationContext;
}

async function write(ref: ContainerRef, group: ConfigGroup, { operation, context }: Work): Promise<void> {
  const { connection, contents, signal } = context;
  const archive = await packConfigs(group, { contents, mark: markOf(operation) });
  await putArchive(connection, ref, { directory: group.directory, archive, signal });
}

async function refill(
  own: InspectedContainer,
  files: ConfigGroup,
  { operation, context }: Work,
): Promise<void> {
  const { ownership, instance, specHash: hash, spec } = own.container;
  const { stack, resource: service } = ownership;
  const key = { stack, service, number: instance };
  const labels = writeContainerLabels({
    installation: context.installation,
    stack,
    service,
    instance,
    specHash: null,
    revision: null,
    configs: {},
    liveConfigs: [],
    configVolumes: {},
  });
  const filler = {
    name: newcomerName(key, hash ?? anyHash),
    image: spec.image,
    platform: spec.platform,
    files,
    volumes: own.configVolumes,
  };
  await refillConfigVolumes(filler, { ...context, labels, mark: markOf(operation) });
}

/** The filler lives for a moment; its name only has to be one that we know for ours. */
const anyHash: SpecHash = specHash(`v1:${'0'.repeat(64)}`);

function markOf({ isTold }: WriteConfigs): 'told' | 'untold' {
  return isTold ? 'told' : 'untold';
}
