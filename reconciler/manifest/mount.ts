import type { Mount } from '../model/container.ts';
import type { Container, ContainerMount } from '../model/generated/container.ts';
import type { StackContext } from './context.ts';
import { suggestion } from './suggestion.ts';
import { inside, report, type Place } from './place.ts';
import { readMode, readSize } from './quantity.ts';
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

interface Targeted {
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

/** The path in the container without detours, or null with a Problem. */
export function readTarget(target: string, place: Place): string | null {
  const path = cleanPath(target);
  if (path === null)
    report(place, 'InvalidPath', 'should be an absolute path in the container, such as "/var/lib/data".');
  else if (path === '/')
    report(place, 'InvalidPath', 'cannot be the root of the container. Choose a path below it.');
  return path === '/' ? null : path;
}

/** An absolute path without `.`, `..` and needless slashes; null when it is not absolute. */
export function cleanPath(path: string): string | null {
  if (!path.startsWith('/')) return null;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function readShort(text: string, context: StackContext, place: Place): Targeted | null {
  const parts = text.split(':');
  const [source = '', target = '', options = ''] = parts.length === 1 ? ['', text] : parts;
  if (parts.length > 3 || (parts.length > 1 && parts.includes(''))) {
    report(
      place,
      'InvalidMount',
      'should be "VOLUME:PATH" or "/HOST/PATH:PATH", with ":ro" at the end or nothing, such as "data:/var/lib/data:ro".',
    );
    return null;
  }
  const read = readOptions(options, place);
  if (!isHostPath(source)) {
    const name = source === '' ? '' : volumeName(source, context, place);
    return {
      target,
      mount: { type: 'volume', source: name, read_only: read.readOnly, nocopy: read.nocopy, subpath: '' },
    };
  }
  const path = readHostPath(source, place);
  return {
    target,
    mount: { type: 'bind', source: path, read_only: read.readOnly, propagation: read.propagation },
  };
}

interface ShortOptions {
  readonly readOnly: boolean;
  readonly nocopy: boolean;
  readonly propagation: string;
}

const propagations: ReadonlySet<string> = new Set([
  'rprivate',
  'private',
  'rshared',
  'shared',
  'rslave',
  'slave',
]);
/** Hints for Docker Desktop; Linux has no use for them. */
const withoutEffect: ReadonlySet<string> = new Set([
  '',
  'rw',
  'ro',
  'nocopy',
  'volume-nocopy',
  'cached',
  'delegated',
  'consistent',
  'default',
]);

function readOptions(text: string, place: Place): ShortOptions {
  const options = text.split(',');
  for (const option of options) {
    if (option === 'z' || option === 'Z') {
      report(
        place,
        'UnsupportedKey',
        `has the option ${option}, which is not available. Label the directory on the host, with chcon.`,
      );
    } else if (!withoutEffect.has(option) && !propagations.has(option)) {
      report(
        place,
        'InvalidMount',
        'has an option that is not known. Known are ro, rw, nocopy and the propagations, such as rslave.',
      );
    }
  }
  return {
    readOnly: options.includes('ro'),
    nocopy: options.includes('nocopy') || options.includes('volume-nocopy'),
    propagation: options.find((option) => propagations.has(option)) ?? '',
  };
}

function isHostPath(source: string): boolean {
  return /^[./~\\]/.test(source) || source.includes('/');
}

function readHostPath(source: string, place: Place): string {
  const path = cleanPath(source);
  if (path !== null) return path;
  report(
    place,
    'RelativeBindPath',
    'mounts a path relative to the repository, which does not exist on the engine. For files of the repository use `configs`; for data, a named volume; for a path of the host, an absolute one.',
  );
  return source;
}

function volumeName(source: string, { volumes }: StackContext, place: Place): string {
  const volume = volumes.get(source);
  if (volume !== undefined) return volume.engineName;
  const meant = suggestion(source, volumes.keys());
  const how =
    meant === ''
      ? `. Declare it: "volumes: { ${source}: }" in stack.yaml, or at the top of the Compose file.`
      : meant;
  report(
    place,
    'UndeclaredVolume',
    `uses the volume ${JSON.stringify(source)}, which the stack does not declare${how}`,
  );
  return source;
}

function readLong(mount: ContainerMount, context: StackContext, place: Place): Targeted | null {
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

function readTmpfs(text: string, place: Place): Targeted {
  const [target = '', options = ''] = text.split(/:(.*)/s);
  let size: number | null = null;
  let mode: number | null = null;
  for (const option of options.split(',')) {
    const [name = '', value = ''] = option.split('=');
    if (name === 'size' && /^[0-9]+[kmg]?$/i.test(value)) size = readSize(value, place);
    else if (name === 'mode' && /^[0-7]{1,4}$/.test(value)) mode = readMode(value);
    else if (option !== '' && option !== 'rw')
      report(place, 'InvalidMount', 'has an option that is not honoured. Use size=64m and mode=1777.');
  }
  return { target, mount: { type: 'tmpfs', size: size === 0 ? null : size, mode } };
}
