import { posix } from 'node:path';
import type { ContainerIntent } from '../model/container.ts';
import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import { packConfigs, type ConfigGroup } from './config-files.ts';
import type { Connection } from './connection.ts';
import { createContainer, putArchive, removeContainer } from './container-calls.ts';
import { statusOf } from './errors.ts';
import { configVolumeFilters, writeConfigVolumeLabels } from './labels.ts';
import { createVolume, listVolumes, removeVolume } from './resource-calls.ts';
import type { MountSetting } from './wire.ts';

export interface ConfigVolumeWork {
  readonly connection: Connection;
  readonly installation: Name;
  /** Labels that make the container that fills the volumes ours, without saying that it is finished. */
  readonly labels: Readonly<Record<string, string>>;
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * No engine copies a file into a container whose root is read-only. So a container of the same image that never runs is
 * given a volume for each directory that holds config files, which the engine fills from the image; the files go there,
 * and the real container gets the volumes read-only. Returns them by directory.
 */
export async function fillConfigVolumes(
  {
    intent,
    name,
    files,
  }: { readonly intent: ContainerIntent; readonly name: string; readonly files: ConfigGroup },
  work: ConfigVolumeWork,
): Promise<Readonly<Record<string, string>>> {
  const directories = topDirectories(Object.keys(files.files));
  if (directories.includes('/')) throw inTheRoot(name);
  await removeStale(name, work);
  const volumes = await createVolumes(directories, name, work);
  const mounts = Object.entries(volumes).map(([Target, Source]): MountSetting => ({
    Type: 'volume',
    Source,
    Target,
  }));
  const body = { Image: intent.image, Labels: work.labels, Cmd: ['-'], HostConfig: { Mounts: mounts } };
  const options = { name, platform: intent.platform ?? null, signal: work.signal };
  const filler = await createContainer(work.connection, body, options);
  try {
    for (const directory of directories) {
      const group = { directory, files: below(files.files, directory) };
      const archive = await packConfigs(group, work.contents);
      await putArchive(work.connection, filler, { directory, archive, signal: work.signal });
    }
  } finally {
    await removeContainer(work.connection, filler, { volumes: true, signal: work.signal });
  }
  return volumes;
}

/** Gone, or still in use, is as good. */
export async function removeUnusedVolume(
  connection: Connection,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await removeVolume(connection, name, signal);
  } catch (error) {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}

/** Directories of the files, without those that lie in another of them. */
function topDirectories(paths: readonly string[]): readonly string[] {
  const all = [...new Set(paths.map((path) => posix.dirname(path)))].sort();
  return all.filter(
    (directory) => !all.some((other) => other !== directory && directory.startsWith(`${other}/`)),
  );
}

function below(files: ConfigGroup['files'], directory: string): ConfigGroup['files'] {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith(`${directory}/`)));
}

/** What a killed process left of an earlier attempt. */
async function removeStale(
  name: string,
  { connection, installation, signal }: ConfigVolumeWork,
): Promise<void> {
  const filters = { label: configVolumeFilters(installation, name), dangling: ['true'] };
  for (const volume of await listVolumes(connection, filters, signal)) {
    await removeUnusedVolume(connection, volume.Name, signal);
  }
}

async function createVolumes(
  directories: readonly string[],
  name: string,
  { connection, installation, signal }: ConfigVolumeWork,
): Promise<Readonly<Record<string, string>>> {
  const volumes: Record<string, string> = {};
  for (const directory of directories) {
    const body = { Name: '', Labels: writeConfigVolumeLabels(installation, name) };
    volumes[directory] = (await createVolume(connection, body, signal)).Name;
  }
  return volumes;
}

function inTheRoot(name: string): SyncError {
  return new SyncError(
    'EngineRejected',
    `Container ${name} is read_only and has a config file directly in /, where Docker can mount nothing. Put the file into a directory.`,
    { data: { container: name } },
  );
}
