import type { Mount } from '../model/container.ts';
import type { Container } from '../model/generated/container.ts';
import type { StackContext } from './context.ts';
import { readLong } from './mount-long.ts';
import { readShort, readTmpfs } from './mount-short.ts';
import { readTarget } from './path.ts';
import { inside, report, type Place } from './place.ts';
import { readList } from './text-map.ts';

export type Mounts = Readonly<Record<string, Mount>>;

/** Volumes and tmpfs by their path in the container. */
export function readMounts(
  spec: Pick<Container, 'volumes' | 'tmpfs'>,
  context: StackContext,
  place: Place,
): Mounts {
  const mounts = new Map<string, Mount>();
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const at = inside(place, 'volumes', index);
    const read = typeof volume === 'string' ? readShort(volume, context, at) : readLong(volume, context, at);
    if (read !== null) add(mounts, read, at);
  }
  for (const [index, text] of readList(spec.tmpfs).entries()) {
    const at = typeof spec.tmpfs === 'string' ? inside(place, 'tmpfs') : inside(place, 'tmpfs', index);
    add(mounts, readTmpfs(text, at), at);
  }
  return Object.fromEntries(mounts);
}

/** A mount and the path in the container that it is for, as written. */
export interface Targeted {
  readonly target: string;
  readonly mount: Mount;
}

function add(mounts: Map<string, Mount>, { target, mount }: Targeted, place: Place): void {
  const path = readTarget(target, place);
  if (path === null) return;
  if (mounts.has(path))
    report(place, 'DuplicateMount', `mounts something at ${path} a second time. Keep one of them.`);
  mounts.set(path, mount);
}
