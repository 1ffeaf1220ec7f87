import { createHash } from 'node:crypto';
import type { ConfigFile, ConfigReaction } from '../model/container.ts';
import type { StackContext } from './context.ts';
import type { Mounts } from './mount.ts';
import { readTarget } from './path.ts';
import { inside, report, type Place } from './place.ts';
import { readMode } from './quantity.ts';
import { readRepositoryFile } from './repository.ts';
import { readSignal } from './signal.ts';

/** One file that a service wants in its container, wherever its content comes from. */
export interface ConfigWish {
  readonly target: string;
  readonly content: ConfigContent | null;
  readonly mode?: string | number | undefined;
  readonly uid?: string | number | undefined;
  readonly gid?: string | number | undefined;
  readonly reaction?: ReactionWish | undefined;
  readonly place: Place;
}

/** As it is written: `signal` only beside a reaction that is one. */
export interface ReactionWish {
  readonly reaction?: 'recreate' | 'restart' | 'signal';
  readonly signal?: string | number;
  readonly place: Place;
}

export type ConfigContent =
  | { readonly kind: 'text'; readonly text: string; readonly place: Place }
  | { readonly kind: 'file'; readonly path: string; readonly place: Place };

export interface ReadConfigs {
  readonly configs: Readonly<Record<string, ConfigFile>>;
  /** By path, of those whose containers are told and not made anew. */
  readonly reactions: Readonly<Record<string, ConfigReaction>>;
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
  const reactions = new Map<string, ConfigReaction>();
  const contents = new Map<string, Uint8Array>();
  for (const { target, content, mode, uid, gid, reaction: wish, place } of wishes) {
    const reaction = wish === undefined ? null : readReaction(wish);
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
    if (reaction !== null) reactions.set(path, reaction);
  }
  return { configs: Object.fromEntries(configs), reactions: Object.fromEntries(reactions), contents };
}

/** Null: a new container. */
function readReaction({ reaction = 'recreate', signal, place }: ReactionWish): ConfigReaction | null {
  if (signal !== undefined && reaction !== 'signal')
    report(
      inside(place, 'signal'),
      'ConflictingKeys',
      'counts only with `reaction: signal`. Remove one of them.',
    );
  switch (reaction) {
    case 'recreate':
      return null;
    case 'restart':
      return { kind: 'restart' };
    case 'signal':
      return { kind: 'signal', signal: readSignal(signal ?? 'SIGHUP', inside(place, 'signal')) };
    default:
      return reaction satisfies never;
  }
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
