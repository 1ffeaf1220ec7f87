import type { ContainerMount } from '../model/generated/container.ts';
import type { StackContext } from './context.ts';
import type { Targeted } from './mount.ts';
import { readHostPath, volumeName } from './mount-source.ts';
import { inside, report, type Place } from './place.ts';
import { readMode, readSize } from './quantity.ts';

/** The long form. */
export function readLong(mount: ContainerMount, context: StackContext, place: Place): Targeted | null {
  checkBlocks(mount, place);
  const { target, source = '', read_only: readOnly = false } = mount;
  switch (mount.type) {
    case 'volume': {
      const name = source === '' ? '' : volumeName(source, context, inside(place, 'source'));
      const { nocopy = false, subpath = '' } = mount.volume ?? {};
      return {
        target,
        mount: {
          type: 'volume',
          source: name,
          read_only: readOnly,
          nocopy,
          subpath: readSubpath(subpath, place),
        },
      };
    }
    case 'bind': {
      const path = source === '' ? '' : readHostPath(source, inside(place, 'source'));
      return {
        target,
        mount: {
          type: 'bind',
          source: path,
          read_only: readOnly,
          propagation: mount.bind?.propagation ?? '',
        },
      };
    }
    case 'tmpfs': {
      const { size, mode } = mount.tmpfs ?? {};
      const sizeBytes = size === undefined ? null : readSize(size, inside(place, 'tmpfs', 'size'));
      return {
        target,
        mount: {
          type: 'tmpfs',
          size: sizeBytes === 0 ? null : sizeBytes,
          mode: mode === undefined ? null : readMode(mode),
        },
      };
    }
    default:
      return mount.type satisfies never;
  }
}

function checkBlocks(mount: ContainerMount, place: Place): void {
  for (const block of ['bind', 'volume', 'tmpfs'] as const) {
    if (block === mount.type || mount[block] === undefined) continue;
    report(
      inside(place, block),
      'ConflictingKeys',
      `belongs to a mount of type ${block}, and this one is of type ${mount.type}. Remove it.`,
    );
  }
  if (mount.type === 'tmpfs' && mount.source !== undefined)
    report(inside(place, 'source'), 'ConflictingKeys', 'has no meaning for a tmpfs. Remove it.');
  if (mount.type === 'tmpfs' && mount.read_only === true)
    report(
      inside(place, 'read_only'),
      'ConflictingKeys',
      'would make an empty directory that nobody can fill. Remove it.',
    );
  if (mount.type === 'bind' && (mount.source ?? '') === '')
    report(place, 'MissingKey', 'needs "source", an absolute path of the host.');
}

function readSubpath(subpath: string, place: Place): string {
  const isInside = !subpath.startsWith('/') && !subpath.split('/').includes('..');
  if (!isInside)
    report(
      inside(place, 'volume', 'subpath'),
      'InvalidPath',
      'should be a path inside the volume, without a leading slash and without "..".',
    );
  return subpath;
}
