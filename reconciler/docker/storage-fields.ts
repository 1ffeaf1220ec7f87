import type { ContainerIntent, ContainerSpec, Mount } from '../model/container.ts';
import { compareText } from '../model/problem.ts';
import { cleanPath } from './process-fields.ts';
import type { ContainerAnswer, HostConfigAnswer, MountPoint, MountSetting } from './wire.ts';

type StorageFields = Pick<ContainerSpec, 'mounts' | 'read_only' | 'shm_size' | 'storage_opt'>;

/** What the engine names a volume that nobody named. */
const anonymousName = /^[0-9a-f]{64}$/;
const defaultPropagation = 'rprivate';

/**
 * What it keeps, in canonical form. Mounts are read from what was asked for, because what came about differs for
 * reasons of the engine: a bind of its own directory, for one, gets another propagation. Only anonymous volumes are
 * read from there. `hidden` are the targets of volumes that carry config files.
 */
export function readStorage(
  { HostConfig: host, Mounts }: ContainerAnswer,
  hidden: ReadonlySet<string>,
): StorageFields {
  const asked = [
    ...(host.Binds ?? []).map(parseBind),
    ...(host.Mounts ?? []).flatMap(readSetting),
    ...Object.entries(host.Tmpfs ?? {}).map(parseTmpfs),
  ];
  const targets = new Set(asked.map(([target]) => target));
  const others = (Mounts ?? []).filter(({ Destination }) => !targets.has(cleanPath(Destination)));
  const all = [...others.flatMap(readMountPoint), ...asked].filter(([target]) => !hidden.has(target));
  return {
    mounts: Object.fromEntries(all.sort(([left], [right]) => compareText(left, right))),
    read_only: host.ReadonlyRootfs ?? false,
    shm_size: host.ShmSize ?? 0,
    storage_opt: host.StorageOpt ?? {},
  };
}

/** The engine's names of the anonymous volumes among the mounts, by target. */
export function readAnonymousVolumes(
  points: readonly MountPoint[],
  mounts: ContainerSpec['mounts'],
): Readonly<Record<string, string>> {
  const entries = points.flatMap(({ Type, Name, Destination }) => {
    const target = cleanPath(Destination);
    const mount = mounts[target];
    const isAnonymous = Type === 'volume' && mount?.type === 'volume' && mount.source === '';
    return isAnonymous && Name ? [[target, Name] as const] : [];
  });
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}

export interface CarriedVolumes {
  /** Anonymous volumes of a predecessor, by target. */
  readonly anonymous: Readonly<Record<string, string>>;
  /** Volumes that hold config files for a read-only root, by the directory that they cover. */
  readonly configs: Readonly<Record<string, string>>;
}

export function writeStorage(intent: ContainerIntent, carried: CarriedVolumes): HostConfigAnswer {
  const mounts = Object.entries(intent.mounts ?? {});
  const targets = new Set(mounts.map(([target]) => target));
  const binds = mounts.flatMap(([target, mount]) =>
    isPlainBind(target, mount) ? [formatBind(target, mount)] : [],
  );
  const settings = [
    ...mounts.flatMap(([target, mount]) =>
      isPlainBind(target, mount) ? [] : [writeMount(target, mount, carried.anonymous[target])],
    ),
    ...Object.entries(carried.anonymous)
      .filter(([target]) => !targets.has(target))
      .map(([target, source]) => volumeSetting(target, source, false)),
    ...Object.entries(carried.configs).map(([target, source]) => volumeSetting(target, source, true)),
  ];
  return {
    ...(binds.length > 0 && { Binds: binds }),
    ...(settings.length > 0 && { Mounts: settings }),
    ...(intent.read_only !== undefined && { ReadonlyRootfs: intent.read_only }),
    ...(intent.shm_size && { ShmSize: intent.shm_size }),
    ...(intent.storage_opt && { StorageOpt: intent.storage_opt }),
  };
}

type Entry = readonly [target: string, mount: Mount];

/** `source:target:ro,rshared,z`; the source of a bind is a path, of a volume a name. */
function parseBind(text: string): Entry {
  const [source = '', target = source, flags = ''] = text.split(':');
  const options = flags.split(',');
  const isReadOnly = options.includes('ro');
  if (!source.startsWith('/')) {
    const named = anonymousName.test(source) ? '' : source;
    const nocopy = options.includes('nocopy');
    return [cleanPath(target), { type: 'volume', source: named, read_only: isReadOnly, nocopy, subpath: '' }];
  }
  const propagation =
    options.find((option) => /^r?(shared|slave|private)$/.test(option)) ?? defaultPropagation;
  return [cleanPath(target), { type: 'bind', source: cleanPath(source), read_only: isReadOnly, propagation }];
}

function readSetting(setting: MountSetting): readonly Entry[] {
  const target = cleanPath(setting.Target);
  const isReadOnly = setting.ReadOnly ?? false;
  switch (setting.Type) {
    case 'bind': {
      const propagation = setting.BindOptions?.Propagation || defaultPropagation;
      const source = cleanPath(setting.Source ?? '');
      return [[target, { type: 'bind', source, read_only: isReadOnly, propagation }]];
    }
    case 'volume': {
      const { NoCopy, Subpath } = setting.VolumeOptions ?? {};
      const source = anonymousName.test(setting.Source ?? '') ? '' : (setting.Source ?? '');
      return [
        [
          target,
          { type: 'volume', source, read_only: isReadOnly, nocopy: NoCopy ?? false, subpath: Subpath ?? '' },
        ],
      ];
    }
    case 'tmpfs': {
      const { SizeBytes, Mode } = setting.TmpfsOptions ?? {};
      return [[target, { type: 'tmpfs', size: SizeBytes || null, mode: Mode || null }]];
    }
    default:
      return [];
  }
}

function parseTmpfs([target, flags]: readonly [string, string]): Entry {
  const options = new Map(flags.split(',').map((option) => splitOnce(option, '=')));
  const mode = Number.parseInt(options.get('mode') ?? '', 8);
  return [
    cleanPath(target),
    { type: 'tmpfs', size: parseSize(options.get('size') ?? ''), mode: Number.isNaN(mode) ? null : mode },
  ];
}

/** Volumes that nobody asked for at creation: an image's, or those of `--volumes-from`. */
function readMountPoint({ Type, Name, Source, Destination, RW }: MountPoint): readonly Entry[] {
  const target = cleanPath(Destination);
  const isReadOnly = RW === false;
  if (Type === 'volume') {
    const source = anonymousName.test(Name ?? '') ? '' : (Name ?? '');
    return [[target, { type: 'volume', source, read_only: isReadOnly, nocopy: false, subpath: '' }]];
  }
  if (Type !== 'bind') return [];
  const source = cleanPath(Source ?? '');
  return [[target, { type: 'bind', source, read_only: isReadOnly, propagation: defaultPropagation }]];
}

/** The short form makes a directory on the host where there is none, as Compose's users expect; it cannot hold a colon. */
function isPlainBind(target: string, mount: Mount): mount is Extract<Mount, { readonly type: 'bind' }> {
  return mount.type === 'bind' && !mount.source.includes(':') && !target.includes(':');
}

function formatBind(target: string, mount: Extract<Mount, { readonly type: 'bind' }>): string {
  const flags = [
    mount.read_only ? 'ro' : 'rw',
    ...(mount.propagation && mount.propagation !== defaultPropagation ? [mount.propagation] : []),
  ];
  return `${mount.source}:${target}:${flags.join(',')}`;
}

function writeMount(target: string, mount: Mount, carried: string | undefined): MountSetting {
  switch (mount.type) {
    case 'volume': {
      const { nocopy, subpath } = mount;
      return {
        ...volumeSetting(target, mount.source || (carried ?? ''), mount.read_only),
        VolumeOptions: { ...(nocopy && { NoCopy: true }), ...(subpath && { Subpath: subpath }) },
      };
    }
    case 'bind':
      return {
        Type: 'bind',
        Source: mount.source,
        Target: target,
        ReadOnly: mount.read_only,
        ...(mount.propagation && { BindOptions: { Propagation: mount.propagation } }),
      };
    case 'tmpfs':
      return {
        Type: 'tmpfs',
        Target: target,
        TmpfsOptions: {
          ...(mount.size !== null && { SizeBytes: mount.size }),
          ...(mount.mode !== null && { Mode: mount.mode }),
        },
      };
    default:
      return mount satisfies never;
  }
}

function volumeSetting(target: string, source: string, isReadOnly: boolean): MountSetting {
  return { Type: 'volume', Source: source, Target: target, ReadOnly: isReadOnly };
}

/** `64m`, `1g`, `512`, as the kernel reads them; null where there is none, or a percentage. */
function parseSize(text: string): number | null {
  const [, digits = '', unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  if (digits === '') return null;
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase()) || null;
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
