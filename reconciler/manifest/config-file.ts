import { createHash } from 'node:crypto';
import type { ConfigFile } from '../model/container.ts';
import type { StackContext } from './context.ts';
import type { Mounts } from './mount.ts';
import { readTarget } from './path.ts';
import { inside, report, type Place } from './place.ts';
import { readMode } from './quantity.ts';
import { readRepositoryFile } from './repository.ts';

/** One file that a service wants in its container, wherever its content comes from. */
export interface ConfigWish {
  readonly target: string;
  readonly content: ConfigContent | null;
  readonly mode?: string | number | undefined;
  readonly uid?: string | number | undefined;
  readonly gid?: string | number | undefined;
  readonly place: Place;
}

export type ConfigContent =
  | { readonly kind: 'text'; readonly text: string; readonly place: Place }
  | { readonly kind: 'file'; readonly path: string; readonly place: Place };

export interface ReadConfigs {
  readonly configs: Readonly<Record<string, ConfigFile>>;
  /** By digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

const readableByAll = 0o444;

/** Config files by their path in the container, and their contents by digest. */
export function readConfigs(
  wishes: readonly ConfigWish[],
  context: StackContext,
  mounts: Mounts,
): ReadConfigs {
  const configs = new Map<string, ConfigFile>();
  const contents = new Map<string, Uint8Array>();
  for (const { target, content, mode, uid, gid, place } of wishes) {
    const path = readTarget(target, inside(place, 'target'));
    const bytes = content === null ? null : readContent(content, context);
    if (path === null || bytes === null) continue;
    if (configs.has(path) || Object.hasOwn(mounts, path)) {
      report(place, 'DuplicateMount', `puts something at ${path} a second time. Keep one of them.`);
    }
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    contents.set(digest, bytes);
    configs.set(path, {
      digest,
      mode: mode === undefined ? readableByAll : readMode(mode),
      uid: Number(uid ?? 0),
      gid: Number(gid ?? 0),
    });
  }
  return { configs: Object.fromEntries(configs), contents };
}

function readContent(content: ConfigContent, { repository }: StackContext): Uint8Array | null {
  switch (content.kind) {
    case 'text':
      return new TextEncoder().encode(content.text);
    case 'file':
      return readRepositoryFile(repository, content.path, content.place)?.bytes ?? null;
    default:
      return content satisfies never;
  }
}
