import { posix } from 'node:path';
import type { ContainerIntent } from '../model/container.ts';
import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import { packConfigs, type ConfigGroup, type Packing } from './config-files.ts';
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
  readonly mark: Packing['mark'];
  readonly signal: AbortSignal;
}

/** A container that never runs, with the image whose files the volumes begin with. */
export interface Filler {
  readonly name: string;
  readonly image: string;
  readonly platform: string | null;
  readonly files: ConfigGroup;
  /** By directory. */
  readonly volumes: Readonly<Record<string, string>>;
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
  const { image, platform = null } = intent;
  await refillConfigVolumes({ name, image, platform, files, volumes }, work);
  return volumes;
}

/** Writes files into volumes that may be in use: whoever has them mounted sees the new ones at once. */
export async function refillConfigVolumes(
  { name, image, platform, files, volumes }: Filler,
  work: ConfigVolumeWork,
): Promise<void> {
  const { connection, labels, contents, mark, signal } = work;
  const mounts = Object.entries(volumes).map(([Target, Source]): MountSetting => ({
    Type: 'volume',
    Source,
    Target,
  }));
  const body = { Image: image, Labels: labels, Cmd: ['-'], HostConfig: { Mounts: mounts } };
  const filler = await createContainer(connection, body, { name, platform, signal });
  try {
    for (const directory of Object.keys(volumes).sort()) {
      const group = { directory, files: below(files.files, directory) };
      if (Object.keys(group.files).length === 0) continue;
      const archive = await packConfigs(group, { contents, mark });
      await putArchive(connection, filler, { directory, archive, signal });
    }
  } finally {
    await removeContainer(connection, filler, { volumes: true, signal });
  }
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
