import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { ContainerIntent, ContainerSpec, Mount } from '../model/container.ts';
import { SyncError } from '../model/error.ts';

type Configs = ContainerSpec['configs'];

/** Config files that go into one place of a container, and the tar that brings them there. */
export interface ConfigGroup {
  /** `/`, or the target of a mount that covers them. */
  readonly directory: string;
  readonly files: Configs;
}

/** Groups the config files by what they are written into. Throws EngineRejected where they could not be seen there. */
export function groupConfigs(
  intent: Pick<ContainerIntent, 'configs' | 'mounts'>,
  name: string,
): readonly ConfigGroup[] {
  const groups = new Map<string, Record<string, Configs[string]>>();
  for (const [path, file] of Object.entries(intent.configs ?? {})) {
    const directory = carrierOf(path, intent.mounts ?? {}, name);
    const files = groups.get(directory) ?? {};
    groups.set(directory, { ...files, [path]: file });
  }
  return [...groups].map(([directory, files]) => ({ directory, files }));
}

/** What a file's time of change says, in seconds: no clock enters what we write, so the time is free to be a mark. */
export const marks = { told: 0, untold: 1 } as const;

export interface Packing {
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly mark: keyof typeof marks;
}

/** The same bytes each time: no times, no names of this machine. */
export async function packConfigs(
  { directory, files }: ConfigGroup,
  { contents, mark }: Packing,
): Promise<Buffer> {
  const tar = pack();
  for (const [path, { digest, mode, uid, gid }] of Object.entries(files)) {
    const content = contents.get(digest);
    if (content === undefined) throw missingContent(path, digest);
    const name = directory === '/' ? path.slice(1) : path.slice(directory.length + 1);
    tar.entry({ name, mode, uid, gid, mtime: new Date(marks[mark] * 1000) }, Buffer.from(content));
  }
  tar.finalize();
  return buffer(tar);
}

/** The deepest mount above the file, or the root. */
function carrierOf(path: string, mounts: Readonly<Record<string, Mount>>, name: string): string {
  const above = Object.keys(mounts).filter((target) => path.startsWith(target === '/' ? '/' : `${target}/`));
  const directory = above.sort((left, right) => right.length - left.length)[0] ?? '/';
  const mount = mounts[directory];
  const isSeen = mount === undefined || (mount.type !== 'tmpfs' && !mount.read_only);
  if (isSeen) return directory;
  const kind = mount.type === 'tmpfs' ? 'a tmpfs, which is empty at each start' : 'a read-only mount';
  throw new SyncError(
    'EngineRejected',
    `The config file ${path} of container ${name} lies in ${directory}, ${kind}. Put it elsewhere.`,
    { data: { container: name, path } },
  );
}

function missingContent(path: string, digest: string): SyncError {
  return new SyncError(
    'ObjectMissing',
    `The content of the config file ${path} (${digest}) is not at hand. It is read again from Git.`,
    { data: { path, digest } },
  );
}
