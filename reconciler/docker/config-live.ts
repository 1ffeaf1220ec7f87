import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import type { ConfigFile } from '../model/container.ts';
import { isSyncError } from '../model/error.ts';
import { marks } from './config-files.ts';
import type { Connection } from './connection.ts';
import { getArchive, type ContainerRef } from './container-calls.ts';
import type { InspectedContainer } from './container.ts';
import { statusOf } from './errors.ts';

/** A config file of a manifest is no larger; what is need not be read to the end to be another one. */
const maxSizeBytes = 1024 * 1024;

/**
 * The same container with those config files as they are now that are written while it lives: the label tells only how
 * they began. A file that is gone is not among them.
 */
export async function withLiveConfigs(
  connection: Connection,
  inspected: InspectedContainer,
  signal: AbortSignal,
): Promise<InspectedContainer> {
  const { container } = inspected;
  const paths = Object.keys(container.liveConfigs);
  if (paths.length === 0) return inspected;
  const configs = { ...container.spec.configs };
  const liveConfigs = { ...container.liveConfigs };
  for (const path of paths) {
    const found = await readLive(connection, container, { path, signal });
    if (found === null) delete configs[path];
    else configs[path] = found.file;
    if (found?.isUntold === true) liveConfigs[path] = 'untold';
  }
  return { ...inspected, container: { ...container, liveConfigs, spec: { ...container.spec, configs } } };
}

interface LiveFile {
  readonly file: ConfigFile;
  /** Nobody has confirmed that the process was told of it. */
  readonly isUntold: boolean;
}

interface Question {
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Null where there is no such file. */
async function readLive(
  connection: Connection,
  container: ContainerRef,
  { path, signal }: Question,
): Promise<LiveFile | null> {
  const controller = new AbortController();
  try {
    const stream = await getArchive(connection, container, { path, signal });
    const tar = extract();
    const copying = pipeline(stream, tar, { signal: controller.signal }).catch(() => undefined);
    for await (const entry of tar) {
      const digest = await digestOf(entry, entry.header);
      const { mode, uid, gid, mtime } = entry.header;
      const file = { digest, mode: mode & 0o7777, uid, gid };
      controller.abort();
      await copying;
      return { file, isUntold: Math.round(mtime.getTime() / 1000) === marks.untold };
    }
    return null;
  } catch (error) {
    if (statusOf(error) === 404 && !isSyncError(error, 'ContainerVanished')) return null;
    throw error;
  }
}

/** Of a directory, a link or something too large: what no config file has. */
async function digestOf(entry: AsyncIterable<unknown>, { type, size }: Header): Promise<string> {
  if (type !== 'file' || size > maxSizeBytes) return `${type} of ${size} bytes`;
  const hash = createHash('sha256');
  for await (const chunk of entry) if (chunk instanceof Uint8Array) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
