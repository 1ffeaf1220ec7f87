import { readConfigs, type ReadConfigs } from './config-file.ts';
import type { StackContext } from './context.ts';
import { readMounts } from './mount.ts';
import { inside } from './place.ts';
import type { Said } from './said.ts';
import type { ServicePart } from './service.ts';
import { readTextMap } from './text-map.ts';

export interface Storage {
  readonly fields: Pick<Said, 'configs' | 'mounts' | 'read_only' | 'storage_opt'>;
  readonly reactions: ReadConfigs['reactions'];
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** What a container keeps and what is put into it. */
export function readStorage({ spec, configs: wishes, place }: ServicePart, context: StackContext): Storage {
  const mounts = readMounts(spec, context, place);
  const { configs, reactions, contents } = readConfigs(wishes, context, mounts);
  const fields = {
    mounts: spec.volumes === undefined && spec.tmpfs === undefined ? undefined : mounts,
    configs: wishes.length === 0 ? undefined : configs,
    read_only: spec.read_only,
    storage_opt: spec.storage_opt && readTextMap(spec.storage_opt, inside(place, 'storage_opt')),
  };
  return { fields, reactions, contents };
}
